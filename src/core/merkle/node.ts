import { type Bytes32, zero32 } from "../bytes.ts";
import type { Hash } from "../hash.ts";

/**
 * The first byte of whatever is hashed into a tree of a pool, so that a leaf passes for no node, nor for a leaf of
 * another tree (RFC 9162 section 2.1 says why; program/tree.h has the same numbers).
 */
export const hashedKinds = { payout: 0, node: 1, market: 2, lane: 3 } as const;

/** The deepest proof the program takes: indexes are below 2^32. */
export const depthMax = 32;
export const indexMax = 2 ** depthMax - 1;

/** A leaf or node that is not there. A node over nothing is not there either, at any height. */
export const missing: Bytes32 = zero32;

/** What is hashed for a node: its kind and its two children. */
export const pairBytes = 65;

export function isMissingPair(pair: Uint8Array, at: number): boolean {
  for (let i = at + 1; i < at + pairBytes; i++) if (pair[i] !== 0) return false;
  return true;
}

const pair = new Uint8Array(pairBytes);
pair[0] = hashedKinds.node;

export function nodeOf(hash: Hash, left: Bytes32, right: Bytes32): Bytes32 {
  pair.set(left, 1);
  pair.set(right, 33);
  return isMissingPair(pair, 0) ? missing : hash(pair);
}

/** How many levels stand above `size` leaves: ⌈log2(size)⌉. */
export function depthOf(size: number): number {
  let depth = 0;
  while (2 ** depth < size) depth++;
  return depth;
}
