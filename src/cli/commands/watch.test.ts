import { describe, expect, it } from "vitest";
import { cliServer } from "../../../test/support/cli-server.ts";
import { eventOf } from "../../api/testing-engine.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EventView } from "../../engine/types.ts";

const id = "ab".repeat(16);

const told: readonly EventView[] = [
  eventOf(5, { kind: "created", data: { market: id } }),
  eventOf(6, { kind: "funded", data: { amount: "5000000", deposit: "x" } }),
  eventOf(7, { kind: "batchAdded", data: { first: 0, count: 3 } }),
  eventOf(8, { kind: "timed", data: { timeMs: 1_700_000_000_000 } }),
  eventOf(9, { kind: "joined", data: { contributor: 4 } }),
  eventOf(10, { kind: "assigned", task: 2, data: { task: 2, ordinal: 1, contributor: 4 } }),
  eventOf(11, { kind: "judged", task: 2, data: { task: 2, ordinal: 1, verdict: "rejected", reason: "DISAGREES" } }),
  eventOf(12, {
    kind: "settled",
    task: 2,
    data: {
      choice: 1,
      confidencePpm: 971_000,
      decided: false,
      rulings: [{ verdict: "accepted" }, { verdict: "review" }],
    },
  }),
  eventOf(13, { kind: "cut", data: { epoch: 3, "\u001b[31m": 1 } }),
  eventOf(14, { kind: "closed", data: { refund: "1000000" } }),
  eventOf(15, { kind: "timed" }),
];

function telling(seen: number[] = []): Partial<Engine> {
  return {
    events: async function* (_market, after, signal) {
      seen.push(after);
      yield* told.filter(({ sequence }) => sequence > after);
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  };
}

describe("watch", () => {
  it("tells what happens in words, and ends when the market has closed", async () => {
    const server = await cliServer(telling());
    const { exitCode, stdout } = await server.run(["watch", id]);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim().replace(/ +/g, " "))).toEqual([
      "5 created",
      "6 funded 5 deposited",
      "7 batchAdded 3 tasks from number 0",
      "9 22:13:20 joined contributor 4",
      "10 22:13:20 assigned slot 2.1 by contributor 4",
      "11 22:13:20 judged slot 2.1 rejected: DISAGREES",
      "12 22:13:20 settled task 2: choice 1, 97.1%, below the target; 1 of 2 accepted",
      expect.stringMatching(/^13 22:13:20 cut .*"epoch":3/),
      "14 22:13:20 closed refund 1",
      "",
    ]);
    expect(stdout).not.toContain("\u001b");
  });

  it("gives programs a line for each event, and one object at the end", async () => {
    const server = await cliServer(telling());
    const { stdout, json } = await server.run(["watch", id, "--json"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(11);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ sequence: 6, kind: "funded", data: { amount: "5" } });
    expect(json).toEqual({ ok: true, events: 10, last: 14 });
  });

  it("begins now, after an entry, or with the first", async () => {
    const seen: number[] = [];
    const server = await cliServer(telling(seen));
    await server.run(["watch", id]);
    await server.run(["watch", id, "--after", "10"]);
    await server.run(["watch", id, "--all"]);
    // The last begins behind the log's head: it reads by itself, and has caught up with whoever else follows at once.
    expect(seen).toEqual([4, 10, 0, told.at(-1)?.sequence]);
  });

  it("ends after so many events, and shows only what concerns a task", async () => {
    const server = await cliServer(telling());
    expect((await server.run(["watch", id, "--limit", "2", "--json"])).json).toEqual({ ok: true, events: 2, last: 6 });
    const { stdout } = await server.run(["watch", id, "--task", "2", "--limit", "2"]);
    expect(stdout).toMatch(/^ +10 .*\n +11 /);
  });

  it("Ctrl-C ends it with 130", async () => {
    const controller = new AbortController();
    const server = await cliServer(telling());
    const { exitCode, stdout } = await server.run(["watch", id, "--task", "99"], {
      interrupted: controller.signal,
      onOutput: () => {},
      ...(setTimeout(() => controller.abort(), 50) && {}),
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
  });

  it("a market that is not there", async () => {
    const server = await cliServer();
    expect((await server.run(["watch", "cd".repeat(16)])).exitCode).toBe(1);
  });
});

describe("warnings while watching", () => {
  const adopted = [
    eventOf(5, { kind: "modelAdopted" }),
    eventOf(6, { kind: "modelAdopted" }),
    eventOf(7, { kind: "closed" }),
  ];
  const events: Engine["events"] = async function* () {
    yield* adopted;
  };

  it("are said at the beginning and after each model, each once", async () => {
    let asked = 0;
    const first = { code: "CONTROLS_MISSING", what: "No controls.", next: "Add some." } as const;
    const target = { code: "TARGET_OUT_OF_REACH", targetPpm: 990_000, accuracy: 0.9 } as const;
    const second = { ...target, what: "Out of reach.", next: "Lower it." };
    const warnings: Engine["warnings"] = async () => (asked++ === 0 ? [first] : [first, second]);
    const server = await cliServer({ events, warnings });
    const { stderr } = await server.run(["watch", id]);
    expect(stderr.match(/! .*/g)).toEqual(["! No controls. Add some.", "! Out of reach. Lower it."]);
    expect(asked).toBe(3);
  });

  it("are for the owner, and nobody else asks again and again", async () => {
    const server = await cliServer({ events });
    const { stderr } = await server.run(["watch", id], { settings: { apiKey: "earnest_live_other" } });
    expect(stderr).not.toContain("!");
    expect(server.calls).not.toContain("warnings");
  });
});
