import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { keypairFile, noKey, signedInFolder } from "../../../test/support/cli-contributor.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { submissionViewOf, testMarket } from "../../api/testing-engine.ts";
import { earnestError } from "../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { VerdictView } from "../../engine/types.ts";

const id = "ab".repeat(16);

const verdictOf = (task: number, changes: Partial<VerdictView> = {}): VerdictView => ({
  ...submissionViewOf(task),
  market: testMarket,
  lane: 0,
  decidedSequence: 9,
  decidedAtMs: 4,
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
