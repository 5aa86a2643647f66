import { type Bytes32, equalBytes, equalLists } from "../bytes.ts";
import { type Hash, hashJoined } from "../hash.ts";
import { type LogPath, verifyPath } from "../log-tree.ts";
import { hashedKinds, missing, nodeOf } from "./node.ts";
import { type MerkleProof, verifyProof } from "./proof.ts";

/** Nodes that are kept for a root: some 100 bytes each. */
const nodesMax = 500_000;

/**
 * Verifies many proofs to one root: what one of them proved is not hashed again for the next, which climbs only until it
 * meets a node that is known. It says yes exactly where `verifyProof` or `verifyPath` would; what is above a known node
 * is compared instead of hashed.
 */
export class KnownNodes {
  readonly #hash: Hash;
  readonly #root: Bytes32;
  /** By height and place. With a node its sibling is known, and all that is above them. */
  readonly #nodes = new Map<number, Bytes32>();
  /** What stands beside the tops that were reached, by their places: nothing for a tree, other peaks for a log. */
  readonly #beside = new Map<number, readonly Bytes32[]>();

  constructor(hash: Hash, root: Bytes32) {
    this.#hash = hash;
    this.#root = root;
  }

  verifyProof(node: Bytes32, proof: MerkleProof): boolean {
    const { position, siblings } = proof;
    const join = (left: Bytes32, right: Bytes32): Bytes32 => nodeOf(this.#hash, left, right);
    if (equalBytes(node, missing)) return false;
    return this.#verify({ node, place: position, inner: siblings, beside: [], join }, () =>
      verifyProof(this.#hash, node, proof, this.#root),
    );
  }

  /** All paths must be of one size: that of the signed head. */
  verifyPath(leaf: Bytes32, path: LogPath): boolean {
    const height = peakHeight(path);
    const { index, siblings } = path;
    const join = (left: Bytes32, right: Bytes32): Bytes32 => hashJoined(this.#hash, nodePrefix, left, right);
    const inner = siblings.slice(0, height);
    return this.#verify({ node: leaf, place: index, inner, beside: siblings.slice(height), join }, () =>
      verifyPath(this.#hash, leaf, path, this.#root),
    );
  }

  #verify(climb: Climb, inFull: () => boolean): boolean {
    const { inner, place } = climb;
    const height = inner.length;
    const top = this.#beside.get(keyOf(height, Math.floor(place / 2 ** height)));
    if (top === undefined || !isPlace(place)) {
      if (!inFull()) return false;
      this.#learn(climb, this.#climb(climb).passed);
      return true;
    }
    if (!equalLists(top, climb.beside)) return false;
    const { passed, isKnown } = this.#climb(climb);
    if (isKnown) this.#learn(climb, passed);
    return isKnown;
  }

  /** Upward until a known node; whether it is that node, with the siblings that are known above it. */
  #climb({ node, place, inner, join }: Climb): { readonly passed: readonly Bytes32[]; readonly isKnown: boolean } {
    const passed: Bytes32[] = [];
    let reached = node;
    for (let height = 0, at = place; height <= inner.length; height++, at = Math.floor(at / 2)) {
      const known = this.#nodes.get(keyOf(height, at));
      if (known !== undefined) {
        return { passed, isKnown: equalBytes(known, reached) && this.#areKnown(inner, height, at) };
      }
      passed.push(reached);
      const sibling = inner[height];
      if (sibling !== undefined) reached = at % 2 === 1 ? join(sibling, reached) : join(reached, sibling);
    }
    return { passed, isKnown: false };
  }

  #areKnown(inner: readonly Bytes32[], from: number, place: number): boolean {
    for (let height = from, at = place; height < inner.length; height++, at = Math.floor(at / 2)) {
      const known = this.#nodes.get(keyOf(height, siblingOf(at)));
      if (known === undefined || !equalBytes(known, inner[height] as Bytes32)) return false;
    }
    return true;
  }

  #learn({ place, inner, beside }: Climb, passed: readonly Bytes32[]): void {
    if (this.#nodes.size > nodesMax) {
      this.#nodes.clear();
      this.#beside.clear();
      return;
    }
    for (const [height, node] of passed.entries()) {
      const at = Math.floor(place / 2 ** height);
      this.#nodes.set(keyOf(height, at), node);
      const sibling = inner[height];
      if (sibling !== undefined) this.#nodes.set(keyOf(height, siblingOf(at)), sibling);
    }
    this.#beside.set(keyOf(inner.length, Math.floor(place / 2 ** inner.length)), beside);
  }
}

interface Climb {
  readonly node: Bytes32;
  /** The node's place among those of its height. */
  readonly place: number;
  /** Siblings up to the top of the perfect tree that the node stands in. */
  readonly inner: readonly Bytes32[];
  /** What follows from there to the root. */
  readonly beside: readonly Bytes32[];
  readonly join: (left: Bytes32, right: Bytes32) => Bytes32;
}

const nodePrefix = Uint8Array.of(hashedKinds.node);

/** Heights are below 64. */
const keyOf = (height: number, place: number): number => place * 64 + height;
const isPlace = (place: number): boolean => Number.isSafeInteger(place) && place >= 0 && place < 2 ** 46;
const siblingOf = (place: number): number => (place % 2 === 1 ? place - 1 : place + 1);

/**
 * How high the peak is in which an entry stands; 0 for what is no place in a log. Peaks are the bits of the size: in an
 * entry's place all above its own are the same, and its own is not set.
 */
function peakHeight({ index, size }: LogPath): number {
  if (!isPlace(index) || !isPlace(size) || index >= size) return 0;
  const high = Math.floor(size / 2 ** 32) ^ Math.floor(index / 2 ** 32);
  return high === 0 ? highestBit(size ^ index) : 32 + highestBit(high);
}

const highestBit = (bits: number): number => 31 - Math.clz32(bits);
