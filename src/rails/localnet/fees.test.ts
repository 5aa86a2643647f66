import { describe, expect, it } from "vitest";
import { feeOf } from "./fees.ts";
import type { WireMessage } from "./wire-transaction.ts";

const budgetProgram = "ComputeBudget111111111111111111111111111111";
const ed25519 = "Ed25519SigVerify111111111111111111111111111";
const system = "11111111111111111111111111111111";
const custom = "So11111111111111111111111111111111111111112";

type Call = readonly [program: string, data?: readonly number[]];

const message = (signers: number, calls: readonly Call[], budget: WireMessage["budget"] = null): WireMessage => ({
  bytes: new Uint8Array(0),
  version: budget === null ? 0 : 1,
  signers,
  readonlySigners: 0,
  readonlyOthers: 0,
  keys: [],
  addresses: calls.map(([program]) => program),
  blockhash: system,
  instructions: calls.map(([, data = []], program) => ({
    program,
    accounts: new Uint8Array(0),
    data: Uint8Array.from(data),
  })),
  lookups: [],
  budget,
});

const limit = (units: number): Call => [budgetProgram, [2, units & 255, (units >> 8) & 255, (units >> 16) & 255, 0]];
const price = (micro: number): Call => [
  budgetProgram,
  [3, micro & 255, (micro >> 8) & 255, (micro >> 16) & 255, 0, 0, 0, 0, 0],
];

describe("feeOf", () => {
  it.each<[string, WireMessage, bigint]>([
    ["one signature", message(1, [[system]]), 5_000n],
    ["three signatures", message(3, [[system]]), 15_000n],
    ["signatures that a precompile checks", message(1, [[ed25519, [3, 0]], [custom]]), 20_000n],
    ["an empty precompile call", message(1, [[ed25519]]), 5_000n],
    ["a limit without a price", message(1, [limit(1_000), [custom]]), 5_000n],
    ["a price with its limit", message(1, [limit(1_000), price(1_000_000), [custom]]), 6_000n],
    ["a price rounded up", message(1, [limit(1), price(1), [custom]]), 5_001n],
    ["the default limit of a program", message(1, [price(1_000_000), [custom]]), 5_000n + 203_000n],
    ["the default limit of a builtin", message(1, [price(1_000_000), [system]]), 5_000n + 6_000n],
    ["the largest limit", message(1, [limit(9_000_000), price(1_000_000), [custom]]), 5_000n + 1_400_000n],
    ["malformed budget calls", message(1, [[budgetProgram, [3, 1]], [budgetProgram, []], [custom]]), 5_000n],
  ])("charges %s", (_, given, fee) => {
    expect(feeOf(given)).toBe(fee);
  });

  it("charges what a v1 message says in itself", () => {
    const budget = { mask: 3, priorityFee: 42n, computeUnits: null, loadedBytes: null, heapBytes: null };
    expect(feeOf(message(2, [price(1_000_000), [custom]], budget))).toBe(10_042n);
  });
});
