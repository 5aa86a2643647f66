import type { Address, Instruction } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { bytes32 } from "#src/core/bytes";
import { claim, claimMany, type PayoutLeaf, type ProgramInstruction } from "#src/rails/solana/program/instructions";
import { Chain } from "./chain.ts";
import { Escrow } from "./escrow.ts";
import { deepTree, payoutHash, Tree } from "./trees.ts";
import { attestorKey, testHash } from "./values.ts";

/** What the program's own instruction used, without what else is in the transaction. */
function unitsOf(chain: Chain, logs: readonly string[]): number {
  const line = logs.find((each) => each.startsWith(`Program ${chain.program} consumed`));
  return Number(/consumed (\d+) of/.exec(line ?? "")?.[1]);
}

const siblings = (depth: number): Uint8Array[] => Array.from({ length: depth }, (_, i) => testHash(`sibling ${i}`));

const leaf = (index: number, destination: PayoutLeaf["destination"]): PayoutLeaf => ({
  index: BigInt(index),
  destination,
  cumulative: 1_000n,
  held: 3n,
});

/** A pool whose root contains these leaves, from the beginning of an aligned subtree in a tree of 2^depth leaves. */
function deepPool(
  depth: number,
  height: number,
  first: number,
  chain = new Chain(),
): { escrow: Escrow; instruction: ProgramInstruction } {
  const escrow = new Escrow(chain);
  const market = escrow.market("requester", 1_000_000n);
  escrow.allocate(market, 1_000_000n);
  const leaves = Array.from({ length: 2 ** height }, (_, i) => leaf(first + i, escrow.putDestination(`worth ${i}`)));
  const subtree = new Tree(leaves.map((each) => payoutHash(escrow.at.pool, each)));
  const proof = siblings(depth - height);
  const payoutRoot = bytes32(Uint8Array.from(deepTree(subtree.root, BigInt(first >>> height), proof)));
  escrow.ok(escrow.commit({ payoutRoot, leafCount: 1n << BigInt(depth) }));
  escrow.ok([escrow.openPage(BigInt(first >>> 8))]);
  const instruction =
    height === 0 ? claim(escrow.at, leaves[0] as PayoutLeaf, proof) : claimMany(escrow.at, { leaves, height, proof });
  return { escrow, instruction };
}

function claimUnits(
  depth: number,
  height: number,
  first: number,
  version: 0 | 1 = 0,
  chain = new Chain(),
): { units: number; bytes: number } {
  const { escrow, instruction } = deepPool(depth, height, first, chain);
  const outcome = escrow.ok([instruction], { version });
  return { units: unitsOf(escrow.chain, outcome.logs), bytes: outcome.bytes };
}

/** What a priority fee adds to a version 0 transaction: limit and price of the compute budget. */
function withBudget(instruction: ProgramInstruction): Instruction[] {
  const program = "ComputeBudget111111111111111111111111111111" as Address;
  const [limit, price] = [new Uint8Array(5).fill(2, 0, 1), new Uint8Array(9).fill(3, 0, 1)];
  limit.set([0xa0, 0x86, 0x01], 1);
  return [limit, price].map((data): Instruction => ({ programAddress: program, data })).concat(instruction);
}

const packetBytes = 1_232;

function commitUnits(threshold: number, chain = new Chain()): { units: number; bytes: number } {
  const attestors = Array.from({ length: 2 * threshold - 1 }, (_, i) => attestorKey(`attestor ${i}`));
  const escrow = new Escrow(chain, { attestors, threshold });
  // The attestors that stand last cost the most to find.
  const { logs, bytes } = escrow.ok(escrow.commit({}, attestors.slice(-threshold)));
  return { units: unitsOf(escrow.chain, logs), bytes };
}

/**
 * A regression table: the goals of the settlement protocol, and what stands at the moment. Whoever makes one larger says
 * so here; a smaller one is written down too.
 */
describe("the goals of the settlement protocol", () => {
  it.each([
    { features: "the default features", hasAll: false },
    { features: "all features", hasAll: true },
  ])("a commit with three signatures, a claim and a batch of 32 at 2^17 leaves, with $features", ({ hasAll }) => {
    expect(commitUnits(3, new Chain(hasAll)).units).toBeLessThanOrEqual(1_000);
    expect(claimUnits(17, 0, 2 ** 17 - 1, 0, new Chain(hasAll)).units).toBeLessThanOrEqual(4_500);
    expect(claimUnits(17, 5, 2 ** 17 - 32, 1, new Chain(hasAll)).units).toBeLessThanOrEqual(48_000);
  });
});

describe("version 0 transactions with a priority fee", () => {
  it.each([
    { many: 1, leaves: "2^20", depth: 20, height: 0, bytes: 1_055 },
    { many: 4, leaves: "2^20", depth: 20, height: 2, bytes: 1_140 },
    { many: 8, leaves: "2^17", depth: 17, height: 3, bytes: 1_208 },
  ])("have room for $many claims at $leaves leaves", ({ depth, height, bytes }) => {
    for (const chain of [new Chain(false), new Chain(true)]) {
      const { escrow, instruction } = deepPool(depth, height, 2 ** depth - 2 ** height, chain);
      const outcome = escrow.ok(withBudget(instruction));
      expect(outcome.bytes).toBe(bytes);
      expect(outcome.bytes).toBeLessThanOrEqual(packetBytes);
    }
  });

  it("have none for eight at 2^20, which version 1 or a lookup table carries", () => {
    const { escrow, instruction } = deepPool(20, 3, 2 ** 20 - 8);
    expect(escrow.chain.send(withBudget(instruction)).bytes).toBeGreaterThan(packetBytes);
    expect(escrow.chain.send([instruction], { version: 1 }).said).toBe("ok");
  });

  it("have room for a commit with five signatures", () => {
    const attestors = Array.from({ length: 8 }, (_, i) => attestorKey(`attestor ${i}`));
    const escrow = new Escrow(new Chain(), { attestors, threshold: 5 });
    const [signatures, commit] = escrow.commit() as [ProgramInstruction, ProgramInstruction];
    const [limit, price] = withBudget(commit) as [Instruction, Instruction];
    const outcome = escrow.ok([limit, price, signatures, commit]);
    expect(outcome.bytes).toBeLessThanOrEqual(packetBytes);
  });
});

describe("compute units and bytes", () => {
  it.each([
    { signatures: 1, units: 864, bytes: 644 },
    { signatures: 2, units: 898, bytes: 754 },
    { signatures: 3, units: 932, bytes: 864 },
    { signatures: 4, units: 966, bytes: 974 },
  ])("a commit with $signatures signatures", ({ signatures, units, bytes }) => {
    expect(commitUnits(signatures)).toEqual({ units, bytes });
  });

  it.each([
    { leaves: "2^10", depth: 10, units: 3168, bytes: 683 },
    { leaves: "2^17", depth: 17, units: 4176, bytes: 907 },
    { leaves: "2^20", depth: 20, units: 4608, bytes: 1003 },
  ])("a claim at $leaves leaves", ({ depth, units, bytes }) => {
    expect(claimUnits(depth, 0, 2 ** depth - 1)).toEqual({ units, bytes });
  });

  it.each([
    { many: 4, leaves: "2^20", height: 2, depth: 20, version: 0 as const, units: 8745, bytes: 1088 },
    { many: 8, leaves: "2^17", height: 3, depth: 17, version: 0 as const, units: 13832, bytes: 1156 },
    { many: 32, leaves: "2^17", height: 5, depth: 17, version: 1 as const, units: 47710, bytes: 2278 },
    { many: 32, leaves: "2^20", height: 5, depth: 20, version: 1 as const, units: 48142, bytes: 2374 },
  ])("$many claims at $leaves leaves", ({ height, depth, version, units, bytes }) => {
    expect(claimUnits(depth, height, 2 ** depth - 2 ** height, version)).toEqual({ units, bytes });
  });
});
