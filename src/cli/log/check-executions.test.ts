import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { testSandbox } from "../../../test/support/engine.ts";
import {
  attest,
  bodyOf,
  control,
  executed,
  laneOf,
  program,
  programHash,
  submit,
} from "../../../test/support/executing-lane.ts";
import type { TestLane } from "../../../test/support/market.ts";
import { sha256 } from "../../../test/support/market-hash.ts";
import { logLinesOf, newSigner } from "../../../test/support/receipts.ts";
import { fromUtf8, toBase64, toHex, toUtf8 } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import type { Ended } from "../../market/executed.ts";
import { type WantedExecution, wantedExecution } from "../../market/executions.ts";
import type { Execution } from "../../sandbox/execution.ts";
import { pieceBytes } from "../lines.ts";
import { checkExecutions, type ExecutionResult, type ExecutionShare } from "./check-executions.ts";
import { replayFile } from "./replay-threads.ts";

const signer = newSigner();
const limits = { fuelMax: 2_000_000_000, memoryBytesMax: 8_388_608, outputBytesMax: 100, faultsMax: 2 };
const replays = (name: string, expected: string): Json => ({
  replay: { name, expect: expected, runsMin: 1, ...limits },
});

const truly = async ({ name, limits: own }: WantedExecution, proof: string): Promise<Ended> => {
  const input = name === "proof" ? toUtf8(proof) : control;
  return await testSandbox.execute({ language: "javascript", source: fromUtf8(program) }, input, own);
};

/** A lane in which proofs were executed and controls, which lie in their task: as it is true, or as somebody says. */
async function executedLane(said: (ended: Ended, at: number) => Ended = (ended) => ended): Promise<TestLane> {
  const composition: Json = { all: [attest, replays("proof", "fires"), replays("control", "silent")] };
  const runs: Json = {
    proof: { program: { hash: programHash }, input: { content: "proof" } },
    control: { program: { hash: programHash }, input: { hash: toHex(sha256(control)) } },
  };
  const lane = laneOf(composition, { terms: { overlap: { min: 4, max: 4, targetPpm: 0 } } }, runs);
  let at = 0;
  for (const contributor of [1, 2, 3]) {
    const proof = contributor === 3 ? "no crash" : `! ${contributor}`;
    const slot = lane.take(contributor, 0);
    submit(lane, contributor, slot, bodyOf(`proof ${contributor}`, { proof: toUtf8(proof) }));
    for (let wanted = wantedExecution(lane.state, slot); wanted !== null; wanted = wantedExecution(lane.state, slot))
      lane.do(executed(wanted, said(await truly(wanted, proof), at++)));
  }
  return lane;
}

const inputsLine = JSON.stringify({ task: 0, inputs: [toBase64(control)] });

/** As `earnest log` writes it, with what the task has for its executions. */
function linesOf(lane: TestLane, isPublic = false): string[] {
  const lines = logLinesOf(lane, signer, { isPublic });
  return lines.toSpliced(lane.log.findIndex(({ entry }) => entry.kind === "executed") + 1, 0, inputsLine);
}

function fileOf(lines: readonly string[]): string {
  const path = join(temporaryFolder(), "market.log");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

async function repeated(
  lines: readonly string[],
  share: ExecutionShare = "all",
  sandbox: Pick<typeof testSandbox, "execute"> = testSandbox,
): Promise<ExecutionResult> {
  const path = fileOf(lines);
  const lanes = await replayFile(path, { signer: null, threads: 1, onRead: () => {} });
  expect(lanes.map(({ difference }) => difference)).toEqual([null]);
  return await checkExecutions(path, lanes, { share, sandbox, threads: 2, onDone: () => {} });
}

const placesOf = (lane: TestLane): number[] =>
  lane.log.filter(({ entry }) => entry.kind === "executed").map(({ sequence }) => sequence);

describe("a log's executions, repeated offline", () => {
  it("come to the same, with inputs of submissions and of tasks", async () => {
    const lane = await executedLane();
    expect(lane.entries("verified").map(({ reason }) => reason)).toEqual([
      "CHECKS_PASSED",
      "CHECKS_PASSED",
      "NOT_REPRODUCED",
    ]);
    const executions = placesOf(lane).length;
    const none = { differing: 0, withheld: 0, failed: 0, first: null };
    expect(await repeated(linesOf(lane))).toEqual({ share: "all", executions, same: executions, ...none });
    expect(await repeated(linesOf(lane), "none")).toEqual({ share: "none", executions, same: 0, ...none });
    const sampled = await repeated(linesOf(lane), "sample");
    expect(sampled.same).toBeLessThanOrEqual(executions);
    expect(sampled).toMatchObject(none);
  });

  it.each<[string, number, (ended: Ended) => Ended]>([
    [
      "a crash that was none",
      4,
      () => ({ outcome: "trapped", fuel: 7, trap: { kind: "Error", message: "", frames: [] } }),
    ],
    ["a unit of fuel", 1, (ended) => ({ ...ended, fuel: ended.fuel + 1 })],
    ["another output", 3, () => ({ outcome: "finished", fuel: 9, output: toUtf8("made up") })],
  ])("name the entry where an operator made up %s, though every verdict follows", async (_, altered, say) => {
    const lane = await executedLane((ended, at) => (at === altered ? say(ended) : ended));
    const sequence = placesOf(lane)[altered] as number;
    const result = await repeated(linesOf(lane));
    expect(result).toMatchObject({ differing: 1, withheld: 0, first: { lane: 0, sequence } });
    expect(result.first?.what).toMatch(/^(proof|control) of slot 0\.\d says .* of fuel, .*; here it is/);
  });

  it("are found in a log of many pieces, of which few are kept, and only up to where it differs", async () => {
    const lane = await executedLane();
    const [first, ...others] = linesOf(lane);
    const blank = " ".repeat(pieceBytes);
    // Blank lines are no part of a log: here they keep its records far apart.
    const apart = [first as string, ...others.flatMap((line) => [blank, line])];
    const executions = placesOf(lane).length;
    expect(await repeated(apart)).toMatchObject({ executions, same: executions, withheld: 0, failed: 0 });
    const last = placesOf(lane).at(-1) as number;
    const path = fileOf(apart.filter((line) => !line.startsWith(`{"sequence":${last - 1},`)));
    const lanes = await replayFile(path, { signer: null, threads: 1, onRead: () => {} });
    expect(lanes[0]?.difference).toMatchObject({ sequence: last - 1 });
    const options = { share: "all", sandbox: testSandbox, threads: 1, onDone: () => {} } as const;
    expect(await checkExecutions(path, lanes, options)).toMatchObject({
      executions: executions - 1,
      same: executions - 1,
    });
  });

  it("are told apart from those whose bytes the log withholds or has not, and from what fails here", async () => {
    const lane = await executedLane();
    const executions = placesOf(lane).length;
    const controls = lane.entries("executed").filter(({ name }) => name === "control").length;
    const without = linesOf(lane).filter((line) => line !== inputsLine);
    expect(await repeated(without)).toMatchObject({ same: executions - controls, withheld: controls, first: null });
    const wrong = linesOf(lane).map((line) =>
      line === inputsLine ? line.replace('inputs":["Z', 'inputs":["a') : line,
    );
    expect(await repeated(wrong)).toMatchObject({ withheld: controls, first: null });
    const hidden = await repeated(linesOf(lane, true));
    expect(hidden).toMatchObject({ executions, differing: 0, failed: 0 });
    expect(hidden.same + hidden.withheld).toBe(executions);
    expect(hidden.withheld).toBeGreaterThan(0);
    const fault: Execution = { outcome: "fault", problem: "it took too long", fuel: 0 };
    const failing = { execute: async () => fault };
    expect(await repeated(linesOf(lane), "all", failing)).toMatchObject({ same: 0, failed: executions, first: null });
  });
});
