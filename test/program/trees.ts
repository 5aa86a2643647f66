import { createHash } from "node:crypto";
import type { Address } from "@solana/kit";
import { fromBase58 } from "#src/core/bytes";
import { encode, u64 } from "#src/core/codec";
import type { PayoutLeaf } from "#src/rails/solana/program/instructions";

/**
 * The Merkle trees of the settlement protocol in their plainest form, level by level, as a second opinion to what
 * production code computes incrementally.
 */
const missing = new Uint8Array(32);
const number = u64<bigint>();

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const payoutHash = (pool: Address, { index, destination, cumulative, held }: PayoutLeaf): Uint8Array =>
  sha256(
    Uint8Array.of(0),
    fromBase58(pool),
    encode(number, index),
    fromBase58(destination),
    encode(number, cumulative),
    encode(number, held),
  );

export interface MarketLeaf {
  readonly market: Address;
  readonly openedAt: bigint;
  readonly allocated: bigint;
}

export const marketHash = (pool: Address, { market, openedAt, allocated }: MarketLeaf): Uint8Array =>
  sha256(Uint8Array.of(2), fromBase58(pool), fromBase58(market), encode(number, openedAt), encode(number, allocated));

export class Tree {
  /** From the leaves up to the root. */
  readonly #levels: Uint8Array[][];

  constructor(leaves: readonly Uint8Array[]) {
    this.#levels = [leaves.length === 0 ? [missing] : [...leaves]];
    for (let level = this.#levels[0] ?? []; level.length > 1; this.#levels.push(level)) {
      const below = level;
      level = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
        sha256(Uint8Array.of(1), below[2 * i] ?? missing, below[2 * i + 1] ?? missing),
      );
    }
  }

  get root(): Uint8Array {
    return this.node(this.#levels.length - 1, 0);
  }

  /** The node at a height and place; above the root it is the root with missing siblings. */
  node(height: number, place: number): Uint8Array {
    return this.#levels[height]?.[place] ?? missing;
  }

  /** The siblings from a node up to the root. */
  proof(place: number, height = 0): Uint8Array[] {
    const heights = Array.from({ length: Math.max(0, this.#levels.length - 1 - height) }, (_, i) => i);
    return heights.map((i) => this.node(height + i, (place >>> i) ^ 1));
  }
}

/** A tree of 2^height leaves all of whose siblings are made up: proofs as deep as a large pool's, without its leaves. */
export function deepTree(leaf: Uint8Array, place: bigint, proof: readonly Uint8Array[]): Uint8Array {
  let node = leaf;
  for (const [i, sibling] of proof.entries()) {
    const isRight = ((place >> BigInt(i)) & 1n) === 1n;
    node = isRight ? sha256(Uint8Array.of(1), sibling, node) : sha256(Uint8Array.of(1), node, sibling);
  }
  return node;
}
