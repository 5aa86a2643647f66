import { type Bytes32, bytes32, equalBytes } from "./bytes.ts";
import { type Hash, hashJoined } from "./hash.ts";

/**
 * The append-only log of a lane as a Merkle mountain range (P. Todd, 2012; the hashing of RFC 9162 section 2.1: 0x00
 * before a leaf, 0x01 before a node). Perfect binary trees stand side by side, largest first; appending joins equal
 * ones. The root folds the peaks from right to left, so it commits to every entry and to their number.
 */
export interface LogTree {
  readonly size: number;
  /** Roots of the perfect trees, largest first: one for each bit set in `size`. */
  readonly peaks: readonly Bytes32[];
}

/**
 * Siblings from the leaf upward; `index` and `size` say on which side each stands. Paths of two sizes may have one
 * shape, so that a root alone does not prove `size`: take it from the signed head.
 */
export interface LogPath {
  readonly index: number;
  readonly size: number;
  readonly siblings: readonly Bytes32[];
}

export const emptyLogTree: LogTree = { size: 0, peaks: [] };

const leafPrefix = new Uint8Array([0]);
const nodePrefix = new Uint8Array([1]);

export const logLeaf = (hash: Hash, entry: Uint8Array): Bytes32 => hashJoined(hash, leafPrefix, entry);
const logNode = (hash: Hash, left: Bytes32, right: Bytes32): Bytes32 => hashJoined(hash, nodePrefix, left, right);

export function appendLeaf(hash: Hash, tree: LogTree, leaf: Bytes32): LogTree {
  const peaks = [...tree.peaks];
  let node = leaf;
  for (let rest = tree.size; rest % 2 === 1; rest = (rest - 1) / 2) node = logNode(hash, peaks.pop() as Bytes32, node);
  peaks.push(node);
  return { size: tree.size + 1, peaks };
}

export function logRoot(hash: Hash, tree: LogTree): Bytes32 {
  if (tree.size === 0) return hash(new Uint8Array(0));
  let root = tree.peaks[tree.peaks.length - 1] as Bytes32;
  for (let i = tree.peaks.length - 2; i >= 0; i--) root = logNode(hash, tree.peaks[i] as Bytes32, root);
  return root;
}

/**
 * Paths of the leaves just appended to `before`, into the tree that holds them all. The left neighbours a path needs
 * are peaks of `before`, so nothing older than the peaks has to be read.
 */
export function appendedPaths(hash: Hash, before: LogTree, leaves: readonly Bytes32[]): LogPath[] {
  const size = before.size + leaves.length;
  const known = new Map<string, Bytes32>();
  let start = 0;
  const place = (height: number, position: number): string => `${height}:${position}`;
  for (const [at, peak] of before.peaks.entries()) {
    const height = heightOfPeak(before.size, at);
    known.set(place(height, start / 2 ** height), peak);
    start += 2 ** height;
  }
  leaves.forEach((leaf, i) => {
    let node = leaf;
    let position = before.size + i;
    known.set(place(0, position), node);
    for (let height = 0; position % 2 === 1; height++) {
      node = logNode(hash, known.get(place(height, position - 1)) as Bytes32, node);
      position = (position - 1) / 2;
      known.set(place(height + 1, position), node);
    }
  });
  return leaves.map((_, i) => pathOf(hash, known, before.size + i, size));
}

function pathOf(hash: Hash, known: ReadonlyMap<string, Bytes32>, index: number, size: number): LogPath {
  const { height, start } = peakAbove(index, size);
  const siblings: Bytes32[] = [];
  for (let level = 0; level < height; level++) {
    const position = Math.floor(index / 2 ** level);
    siblings.push(known.get(`${level}:${position % 2 === 1 ? position - 1 : position + 1}`) as Bytes32);
  }
  const right = peaksFrom(known, start + 2 ** height, size);
  if (right.length > 0) siblings.push(logRoot(hash, { size: right.length, peaks: right }));
  siblings.push(...peaksBefore(known, start, size).reverse());
  return { index, size, siblings };
}

/** The root a path leads to from a leaf: the verifier's half. Throws nothing: a wrong path leads to another root. */
export function rootOfPath(hash: Hash, leaf: Bytes32, path: LogPath): Bytes32 | null {
  if (!Number.isSafeInteger(path.index) || !Number.isSafeInteger(path.size)) return null;
  if (path.index < 0 || path.index >= path.size) return null;
  const { height, start } = peakAbove(path.index, path.size);
  const rightPeaks = start + 2 ** height < path.size ? 1 : 0;
  if (path.siblings.length !== height + rightPeaks + popcount(start)) return null;
  let node = leaf;
  let next = 0;
  for (let level = 0; level < height; level++) {
    const sibling = path.siblings[next++] as Bytes32;
    const odd = Math.floor(path.index / 2 ** level) % 2 === 1;
    node = odd ? logNode(hash, sibling, node) : logNode(hash, node, sibling);
  }
  if (rightPeaks === 1) node = logNode(hash, node, path.siblings[next++] as Bytes32);
  while (next < path.siblings.length) node = logNode(hash, path.siblings[next++] as Bytes32, node);
  return node;
}

export function verifyPath(hash: Hash, leaf: Bytes32, path: LogPath, root: Bytes32): boolean {
  const reached = rootOfPath(hash, leaf, path);
  return reached !== null && equalBytes(reached, root);
}

/** A full tree over all leaves, for whoever holds the whole log (exports, attestors, tests). */
export function logPath(hash: Hash, leaves: readonly Bytes32[], index: number): LogPath {
  return appendedPaths(hash, emptyLogTree, leaves)[index] as LogPath;
}

export const logTreeOf = (hash: Hash, leaves: Iterable<Uint8Array>): LogTree => {
  let tree: LogTree = emptyLogTree;
  for (const leaf of leaves) tree = appendLeaf(hash, tree, bytes32(leaf));
  return tree;
};

function popcount(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** Height of the peak at place `at`, largest first, of a tree of this size. */
function heightOfPeak(size: number, at: number): number {
  let seen = -1;
  for (let height = Math.floor(bitLength(size)) - 1; height >= 0; height--) {
    if (Math.floor(size / 2 ** height) % 2 === 1 && ++seen === at) return height;
  }
  return 0;
}

function bitLength(value: number): number {
  let bits = 0;
  for (let rest = value; rest >= 1; rest = Math.floor(rest / 2)) bits++;
  return bits;
}

/** The perfect tree that holds leaf `index`: its height and its first leaf. */
function peakAbove(index: number, size: number): { height: number; start: number } {
  let start = 0;
  for (let height = bitLength(size) - 1; height >= 0; height--) {
    if (Math.floor(size / 2 ** height) % 2 === 0) continue;
    if (index < start + 2 ** height) return { height, start };
    start += 2 ** height;
  }
  return { height: 0, start };
}

function peaksFrom(known: ReadonlyMap<string, Bytes32>, from: number, size: number): Bytes32[] {
  return peakPlaces(size)
    .filter((peak) => peak.start >= from)
    .map((peak) => known.get(`${peak.height}:${peak.start / 2 ** peak.height}`) as Bytes32);
}

function peaksBefore(known: ReadonlyMap<string, Bytes32>, before: number, size: number): Bytes32[] {
  return peakPlaces(size)
    .filter((peak) => peak.start < before)
    .map((peak) => known.get(`${peak.height}:${peak.start / 2 ** peak.height}`) as Bytes32);
}

function peakPlaces(size: number): { height: number; start: number }[] {
  const places: { height: number; start: number }[] = [];
  let start = 0;
  for (let height = bitLength(size) - 1; height >= 0; height--) {
    if (Math.floor(size / 2 ** height) % 2 === 0) continue;
    places.push({ height, start });
    start += 2 ** height;
  }
  return places;
}
