import { describe, expect, it } from "vitest";
import { testSandbox } from "../../test/support/engine.ts";
import { attest, bodyOf, laneOf, program, programHash, submit } from "../../test/support/executing-lane.ts";
import type { TestLane } from "../../test/support/market.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { fromUtf8, toUtf8 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import type { EntryOf } from "../market/entries.ts";
import { type Ended, executedEntry } from "../market/executed.ts";
import { type WantedExecution, wantedExecution } from "../market/executions.ts";
import type { Execution } from "../sandbox/execution.ts";
import type { ClaimedExecution } from "./claimed-execution.ts";
import { NotExecuted, Reexecution, type ReexecutionOptions } from "./reexecution.ts";

const source = fromUtf8(program);
const chain = { blockHash: async () => null };
const limits = { fuelMax: 2_000_000_000, memoryBytesMax: 8_388_608, outputBytesMax: 100, faultsMax: 2 };

/** A lane in which a submission waits for its proof to be executed. */
function waiting(proof: string): { readonly lane: TestLane; readonly wanted: WantedExecution } {
  const composition: Json = {
    all: [attest, { replay: { name: "proof", expect: "fires", runsMin: 1, ...limits } }],
  };
  const run = { program: { hash: programHash }, input: { content: "proof" } };
  const lane = laneOf(composition, { terms: { overlap: { min: 1, max: 1, targetPpm: 0 } } }, { proof: run });
  const slot = lane.take(1, 0);
  submit(lane, 1, slot, bodyOf("a proof", { proof: toUtf8(proof) }));
  return { lane, wanted: wantedExecution(lane.state, slot) as WantedExecution };
}

/** Repeats what the log claims, with an attestor's own sandbox and what the server shows. */
function repeat(
  { lane, wanted }: ReturnType<typeof waiting>,
  entry: EntryOf<"executed">,
  changed: Partial<ReexecutionOptions> = {},
) {
  const shown: ReexecutionOptions["source"] = {
    records: async ({ from, limit }) => lane.log.slice(from - 1, from - 1 + limit),
    content: async () => null,
  };
  const reexecution = new Reexecution({ source: shown, sandbox: testSandbox, hash: sha256, chain, ...changed });
  const claimed: ClaimedExecution = { sequence: lane.log.length + 1, entry, wanted };
  return reexecution.check(lane.state.market, 0, claimed);
}

const honest = async ({ wanted }: ReturnType<typeof waiting>, input: string): Promise<EntryOf<"executed">> =>
  executedEntry(
    sha256,
    wanted,
    await testSandbox.execute({ language: "javascript", source }, toUtf8(input), wanted.limits),
  );

describe("an attestor that repeats an execution", () => {
  it("finds the same, to the unit of fuel", async () => {
    const claim = waiting("!");
    const entry = await honest(claim, "!");
    expect(entry).toMatchObject({ outcome: "trapped", crash: { type: "Uncaught Error" } });
    expect(await repeat(claim, entry)).toBeNull();
  });

  it.each<[string, (entry: EntryOf<"executed">) => EntryOf<"executed">]>([
    ["another fuel", (entry) => ({ ...entry, fuel: entry.fuel + 1 })],
    ["a crash that was none", (entry) => ({ ...entry, outcome: "finished", crash: null })],
    ["a crash elsewhere", (entry) => ({ ...entry, crash: { ...(entry.crash as object), state: ["x"] } as never })],
  ])("refuses where the log says %s", async (_, alter) => {
    const claim = waiting("!");
    const found = await repeat(claim, alter(await honest(claim, "!")));
    expect(found).toMatchObject({ code: "EXECUTION_DIFFERS", place: { type: "entry", lane: 0 } });
    expect(found?.what).toMatch(/^proof of slot 0\.0 says .* of fuel, .*; here it is trapped with/);
  });

  it("abstains where its own sandbox is too slow or fails, after it tried again", async () => {
    const claim = waiting("!");
    const entry = await honest(claim, "!");
    let tries = 0;
    const fault: Execution = { outcome: "fault", problem: "it took longer than 1 ms", fuel: 0 };
    const sandbox = {
      execute: () => {
        tries++;
        return Promise.resolve(fault);
      },
    };
    await expect(repeat(claim, entry, { sandbox })).rejects.toThrow(NotExecuted);
    expect(tries).toBe(3);
    const once = {
      execute: (...args: Parameters<typeof testSandbox.execute>) =>
        tries++ === 3 ? Promise.resolve(fault) : testSandbox.execute(...args),
    };
    expect(await repeat(claim, entry, { sandbox: once })).toBeNull();
  });

  it("looks up at its own node by which hash was drawn", async () => {
    const { lane } = waiting("!");
    const entry = { kind: "drawn", chainSlot: 300, chainHash: sha256(toUtf8("300")), upTo: 1 } as const;
    const asked: number[] = [];
    const found = async (hash: ReturnType<typeof sha256> | null) => {
      const blockHash = async (slot: number) => {
        asked.push(slot);
        return hash;
      };
      const empty = { records: async () => [], content: async () => null };
      const reexecution = new Reexecution({ source: empty, sandbox: testSandbox, hash: sha256, chain: { blockHash } });
      return await reexecution.check(lane.state.market, 0, { sequence: 7, entry });
    };
    expect(await found(entry.chainHash)).toBeNull();
    const place = { type: "entry", lane: 0, sequence: 7 };
    expect(await found(sha256(toUtf8("another")))).toMatchObject({ code: "DRAW_DIFFERS", place });
    expect(await found(null)).toMatchObject({ code: "DRAW_DIFFERS", what: expect.stringContaining("has no block") });
    expect(asked).toEqual([300, 300, 300]);
  });

  it("takes the operator's faults at its word, and no bytes but those of the hash", async () => {
    const claim = waiting("!");
    const fault: Ended = { outcome: "fault", fuel: 0 };
    expect(await repeat(claim, executedEntry(sha256, claim.wanted, fault))).toBeNull();
    const hiding = { records: async () => [], content: async () => null };
    await expect(repeat(claim, await honest(claim, "!"), { source: hiding })).rejects.toThrow(
      /does not show the bytes/,
    );
  });
});
