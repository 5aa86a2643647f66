import { type Bytes32, bytes32 } from "../bytes.ts";
import { earnestError } from "../errors.ts";
import type { Hash } from "../hash.ts";
import { Ascending } from "./ascending.ts";
import { depthOf, hashedKinds, indexMax, isMissingPair, missing, pairBytes } from "./node.ts";
import type { MerkleProof } from "./proof.ts";

const capacityMin = 32;

/**
 * A binary Merkle tree over the indexes 0 … size − 1, of depth ⌈log2(size)⌉, that is kept in memory and hashes only the
 * paths of changed leaves. A change costs a node on each level, and changes that share nodes share their cost. Takes
 * about 65 bytes a leaf. What is stored of it is the leaf file: whoever loads that has to hash all of it anyway, to know
 * that it is the root's.
 */
export class MerkleTree {
  readonly #hash: Hash;
  /** Of each height its nodes in pairs, which are hashed as they stand. */
  #levels: Uint8Array[] = [];
  /** Leaves that the levels have room for. */
  #capacity = 0;
  #size = 0;
  #depth = 0;
  readonly #changed = new Ascending();

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  get size(): number {
    return this.#size;
  }

  get depth(): number {
    return this.#depth;
  }

  /** Sets a leaf; one beyond the last makes the tree larger, and what lies between is missing. */
  update(index: number, leaf: Bytes32): void {
    if (!Number.isSafeInteger(index) || index < 0 || index > indexMax) {
      throw earnestError("INVARIANT_MISMATCH", { what: `${index} is not the index of a leaf` });
    }
    if (index >= this.#size) this.#grow(index + 1);
    this.#put(0, index, leaf);
    this.#changed.add(index);
  }

  leaf(index: number): Bytes32 {
    return index < this.#size ? this.#node(0, index) : missing;
  }

  root(): Bytes32 {
    this.#rehash();
    return this.#size === 0 ? missing : this.#node(this.#depth, 0);
  }

  /** Of a leaf, or of the node `height` levels above it. */
  proof(index: number, height = 0): MerkleProof {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.#size || height < 0 || height > this.#depth) {
      throw earnestError("INVARIANT_MISMATCH", { what: `leaf ${index}, height ${height} is not in this tree` });
    }
    this.#rehash();
    const position = Math.floor(index / 2 ** height);
    const siblings: Bytes32[] = [];
    for (let level = height, place = position; level < this.#depth; level++, place = Math.floor(place / 2)) {
      siblings.push(this.#node(level, place % 2 === 1 ? place - 1 : place + 1));
    }
    return { position, siblings };
  }

  #grow(size: number): void {
    if (size > this.#capacity) this.#reserve(Math.max(size, 2 * this.#capacity, capacityMin));
    this.#size = size;
    const depth = depthOf(size);
    // The nodes above the old root are all above the first leaf.
    if (depth > this.#depth) this.#changed.add(0);
    this.#depth = depth;
  }

  #reserve(capacity: number): void {
    this.#levels = Array.from({ length: depthOf(capacity) + 1 }, (_, height) => {
      const pairs = Math.ceil(Math.ceil(capacity / 2 ** height) / 2);
      const grown = new Uint8Array(pairs * pairBytes);
      const before = this.#levels[height];
      if (before !== undefined) grown.set(before);
      for (let at = before?.length ?? 0; at < grown.length; at += pairBytes) grown[at] = hashedKinds.node;
      return grown;
    });
    this.#capacity = capacity;
  }

  #put(height: number, position: number, node: Bytes32): void {
    (this.#levels[height] as Uint8Array).set(node, placeOf(position));
  }

  #node(height: number, position: number): Bytes32 {
    const at = placeOf(position);
    return bytes32((this.#levels[height] as Uint8Array).slice(at, at + 32));
  }

  #rehash(): void {
    const changed = this.#changed.take();
    if (changed.length === 0) return;
    let positions = changed;
    for (let height = 1; height <= this.#depth; height++) {
      positions = parentsOf(positions);
      for (const position of positions) this.#hashPair(height, position);
    }
  }

  #hashPair(height: number, position: number): void {
    const level = this.#levels[height - 1] as Uint8Array;
    const at = position * pairBytes;
    const node = isMissingPair(level, at) ? missing : this.#hash(level.subarray(at, at + pairBytes));
    this.#put(height, position, node);
  }
}

/** Where a node stands in its level: pairs follow each other, each behind the byte that says what it is. */
const placeOf = (position: number): number => Math.floor(position / 2) * pairBytes + 1 + (position % 2 === 1 ? 32 : 0);

/** Of ascending positions, each parent once; in place. */
function parentsOf(positions: Float64Array): Float64Array {
  let count = 0;
  let last = -1;
  for (const position of positions) {
    const parent = Math.floor(position / 2);
    if (parent === last) continue;
    positions[count++] = parent;
    last = parent;
  }
  return positions.subarray(0, count);
}

/** The tree over leaves that stand side by side from index 0. */
export function treeOf(hash: Hash, leaves: Iterable<Bytes32>): MerkleTree {
  const tree = new MerkleTree(hash);
  let index = 0;
  for (const leaf of leaves) tree.update(index++, leaf);
  return tree;
}
