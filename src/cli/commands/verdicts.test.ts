import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { keypairFile, noKey, signedInFolder } from "../../../test/support/cli-contributor.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { explanationOf, filled, submissionViewOf, testMarket, testToken } from "../../api/testing-engine.ts";
import { amount } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { VerdictView } from "../../engine/types.ts";

const id = "ab".repeat(16);

const verdictOf = (task: number, changes: Partial<VerdictView> = {}): VerdictView => ({
  ...submissionViewOf(task),
  market: testMarket,
  mint: testToken.mint,
  lane: 0,
  decidedSequence: 9,
  decidedAtMs: 4,
  explanation: explanationOf(),
  ...changes,
});

/** Two verdicts to a page, six in all. */
const listVerdicts: Engine["listVerdicts"] = async (_session, after) => {
  const first = Number(after ?? 0);
  const items = [verdictOf(first, { state: "void", reason: "FAULT_STORAGE" }), verdictOf(first + 1)];
  return { items, next: first >= 4 ? null : `${first + 2}` };
};

describe("verdicts list", () => {
  it("shows what became of one's own submissions, faults of ours too", async () => {
    const server = await cliServer({ listVerdicts });
    const parts = { folder: signedInFolder(server), settings: noKey };
    const { stdout } = await server.run(["verdicts", "list"], parts);
    expect(stdout).toMatch(/0\.0 +void +FAULT_STORAGE/);
    expect(stdout).toMatch(/1\.0 +accepted +AGREES +0\.02/);
    expect((await server.run(["verdicts", "list", "--json"], parts)).json.verdicts).toHaveLength(6);
    expect((await server.run(["verdicts", "list", "--limit", "3", "--json"], parts)).json.verdicts).toHaveLength(3);
  });

  it("says why something was rejected, what proves it, and what can be done", async () => {
    const control = { commitment: filled(5), committedSequence: 3, openedSequence: 12, answer: "b" };
    const findings = [{ code: "PLACE_FAR", what: "It is 200 m away.", next: "Go there." }];
    const record = { answered: 4, right: 1, answeredMin: 4, accuracyPpmMin: 600_000 };
    const open = { isOpen: true, untilMs: 1_700_000_000_000, cost: amount(60_000n), problem: null };
    const shut = { isOpen: false, untilMs: null, cost: null, problem: "its window has passed" };
    const server = await cliServer({
      listVerdicts: async () => ({
        items: [
          verdictOf(1, { explanation: explanationOf({ findings, appeal: open, note: "No\u001b[31m cat." }) }),
          verdictOf(2, { explanation: explanationOf({ label: null, control, record, appeal: shut }) }),
          verdictOf(3),
        ],
        next: null,
      }),
    });
    const { stdout } = await server.run(["verdicts", "list"], { folder: signedInFolder(server), settings: noKey });
    for (const text of [
      "1.0  Your answer is what the task settled on.",
      "It is 200 m away. Go there.",
      "settled on a, 97.0% certain, by entry 9",
      "The requester: No [31m cat.",
      `An appeal costs 0.06 of the reserve, until 2023-11-14 22:13:20Z: earnest verdicts appeal ${testMarket} 1.0`,
      `committed to by entry 3 as ${"05".repeat(32)}`,
      "shown by entry 12: b",
      "1 of 4 known answers right; asked for: 60.0%",
      "No appeal: its window has passed.",
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toMatch(/^3\.0 {2}/m);
  });

  it("says where there are none, and needs a contributor", async () => {
    const server = await cliServer({ listVerdicts: async () => ({ items: [], next: null }) });
    const folder = temporaryFolder();
    const args = ["verdicts", "list", "--keypair", await keypairFile(folder)];
    expect((await server.run(args, { folder, settings: noKey })).stdout).toBe("No verdicts.\n");
    expect((await server.run(["verdicts", "list"], { folder, settings: noKey })).exitCode).toBe(3);
  });
});

describe("verdicts appeal", () => {
  it("asks for a second verdict", async () => {
    const server = await cliServer();
    const parts = { folder: signedInFolder(server), settings: noKey };
    const { json } = await server.run(["verdicts", "appeal", id, "1.0", "--json"], parts);
    expect(json).toMatchObject({ ok: true, submission: { slot: "1.0", state: "appealed" } });
    expect((await server.run(["verdicts", "appeal", id, "one"], parts)).exitCode).toBe(2);
  });

  it("ends its session also where it is refused", async () => {
    const server = await cliServer({
      appeal: async () => {
        throw earnestError("APPEAL_STATE", { slot: "1.0", problem: "it is accepted" });
      },
    });
    const folder = temporaryFolder();
    const args = ["verdicts", "appeal", id, "1.0", "--keypair", await keypairFile(folder)];
    const { stderr } = await server.run(args, { folder, settings: noKey });
    expect(stderr).toContain("APPEAL_STATE");
    expect(server.calls).toContain("endSession");
  });
});
