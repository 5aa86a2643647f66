import { describe, expect, it } from "vitest";
import { cliServer } from "../../../test/support/cli-server.ts";
import { submissionViewOf } from "../../api/testing-engine.ts";
import { earnestError } from "../../core/errors.ts";
import { formatSlot, type Slot } from "../../core/slot.ts";
import type { Engine } from "../../engine/engine.ts";

const id = "ab".repeat(16);

function reviewing(waiting = 2) {
  const decided: [slot: string, accepted: boolean, note: string][] = [];
  const engine: Partial<Engine> = {
    reviews: async () =>
      Array.from({ length: waiting }, (_, task) => ({
        ...submissionViewOf(task),
        state: "review" as const,
        answer: { said: "a", why: "x".repeat(200) },
      })),
    review: async (_owner, _market, slot: Slot, accepted, note) => {
      if (slot.task === 9) throw earnestError("REVIEW_STATE", { slot: "9.0", problem: "it is accepted" });
      decided.push([formatSlot(slot), accepted, note]);
      return { ...submissionViewOf(slot.task), state: accepted ? "accepted" : "appealable" };
    },
  };
  return { decided, engine };
}

describe("review", () => {
  it("shows what waits where nobody can be asked", async () => {
    const server = await cliServer(reviewing().engine);
    const { stdout, stderr } = await server.run(["review", id]);
    expect(stdout).toContain("0.0");
    expect(stdout).toContain("…");
    expect(stderr).toBe("");
    expect((await server.run(["review", id, "--json"])).json.waiting).toHaveLength(2);
  });

  it("says that nothing waits", async () => {
    const server = await cliServer(reviewing(0).engine);
    expect((await server.run(["review", id])).stdout).toBe("Nothing waits for review.\n");
  });

  it("decides what is named, with a note", async () => {
    const { decided, engine } = reviewing();
    const server = await cliServer(engine);
    const args = ["review", id, "--accept", "0.0", "--accept", "2.0", "--reject", "1.0", "--note", "cut off", "--json"];
    const { exitCode, json } = await server.run(args);
    expect([exitCode, json.ok]).toEqual([0, true]);
    expect(decided).toEqual([
      ["0.0", true, "cut off"],
      ["2.0", true, "cut off"],
      ["1.0", false, "cut off"],
    ]);
  });

  it("what is refused does not keep the others from being decided: exit code 5", async () => {
    const { decided, engine } = reviewing();
    const server = await cliServer(engine);
    const { exitCode, json } = await server.run(["review", id, "--accept", "9.0", "--accept", "0.0", "--json"]);
    expect([exitCode, json.ok]).toEqual([5, false]);
    expect(json.failed).toMatchObject([{ slot: "9.0" }]);
    expect(decided).toHaveLength(1);
  });

  it("where all is refused, the refusal is the error", async () => {
    const server = await cliServer(reviewing().engine);
    const { exitCode, json } = await server.run(["review", id, "--accept", "9.0", "--json"]);
    expect([exitCode, json.error.code]).toEqual([1, "REVIEW_STATE"]);
  });

  it.each([
    ["each in turn", "a\ns\nr\n", ["0.0 true", "2.0 false"]],
    ["until they have enough", "a\nq\n", ["0.0 true"]],
    ["until the input ends", "r\n", ["0.0 false"]],
    ["who decides nothing", "s\n\nhm\n", []],
  ])("asks a person %s", async (_, input, expected) => {
    const { decided, engine } = reviewing(3);
    const server = await cliServer(engine);
    const { exitCode, stderr } = await server.run(["review", id], { isTerminal: true, input });
    expect(stderr).toContain("a accept, r reject");
    expect(exitCode).toBe(0);
    expect(decided.map(([slot, accepted]) => `${slot} ${accepted}`)).toEqual(expected);
  });

  it("decides nothing on a dry run", async () => {
    const { decided, engine } = reviewing();
    const server = await cliServer(engine);
    const { stdout } = await server.run(["review", id, "--accept", "0.0", "--dry-run"]);
    expect(stdout).toBe("Would accept 0.0.\n");
    expect(decided).toEqual([]);
  });

  it.each([[["--accept", "1.0", "--reject", "1.0"]], [["--accept", "one"]]])("%j is a usage error", async (args) => {
    const server = await cliServer(reviewing().engine);
    expect((await server.run(["review", id, ...args])).exitCode).toBe(2);
  });
});
