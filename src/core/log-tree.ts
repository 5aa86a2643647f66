import { type Bytes32, bytes32, concatBytes, equalBytes } from "./bytes.ts";
import { type Hash, type HashAll, hashAllBy, hashJoined } from "./hash.ts";

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

export const logLeaf = (hash: Hash, entry: Uint8Array): Bytes32 => hashJoined(hash, leafPrefix, entry);

/** 0x01, then both sides: half of all hashes of a log are of these bytes. */
const joined = Uint8Array.of(1, ...new Uint8Array(64));

export function logNode(hash: Hash, left: Bytes32, right: Bytes32): Bytes32 {
  joined.set(left, 1);
  joined.set(right, 33);
  return hash(joined);
}

/** The nodes that a leaf completes, from the leaf itself upward: every second leaf completes more than that. */
export type Completed = readonly Bytes32[];

export interface Grown {
  readonly tree: LogTree;
  readonly completed: Completed;
}

export function grow(hash: Hash, tree: LogTree, leaf: Bytes32): Grown {
  let node = leaf;
  const completed = [leaf];
  let kept = tree.peaks.length;
  for (let rest = tree.size; rest % 2 === 1; rest = (rest - 1) / 2) {
    node = logNode(hash, tree.peaks[--kept] as Bytes32, node);
    completed.push(node);
  }
  const peaks = tree.peaks.slice(0, kept);
  peaks.push(node);
  return { tree: { size: tree.size + 1, peaks }, completed };
}

export const appendLeaf = (hash: Hash, tree: LogTree, leaf: Bytes32): LogTree => grow(hash, tree, leaf).tree;

/** Entries that wait to be hashed together: enough that half of their nodes are hashed together as well. */
const waitingMax = 1_024;
const nodePrefix = new Uint8Array([1]);
const nodeBytes = 32;

/**
 * A tree that grows in place, for whoever appends many entries and looks at the tree seldom: entries are hashed together,
 * and so are the nodes of each height above them. Their bytes must stay as they are until somebody looks.
 */
export class GrowingLogTree implements LogTree {
  readonly #hash: Hash;
  readonly #hashAll: HashAll;
  readonly #peaks: Bytes32[];
  /** The last of the `size` entries, which are not in the peaks yet. */
  #waiting: Uint8Array[] = [];
  size: number;

  constructor(hash: Hash, from: LogTree = emptyLogTree, hashAll: HashAll = hashAllBy(hash)) {
    this.#hash = hash;
    this.#hashAll = hashAll;
    this.#peaks = [...from.peaks];
    this.size = from.size;
  }

  /** Appends an entry by its canonical bytes. */
  append(entry: Uint8Array): void {
    this.#waiting.push(entry);
    this.size++;
    if (this.#waiting.length === waitingMax) this.#hashWaiting();
  }

  appendLeaf(leaf: Bytes32): void {
    this.#hashWaiting();
    let node = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2)
      node = logNode(this.#hash, this.#peaks.pop() as Bytes32, node);
    this.#peaks.push(node);
    this.size++;
  }

  /** Height by height: what has no right neighbour there is a peak from now on, until one comes. */
  #hashWaiting(): void {
    if (this.#waiting.length === 0) return;
    let before = this.size - this.#waiting.length;
    let nodes = this.#hashAll(leafPrefix, this.#waiting);
    this.#waiting = [];
    const alone: Bytes32[] = [];
    for (; nodes.length > 0; before = Math.floor(before / 2)) {
      if (before % 2 === 1) nodes = concatBytes(this.#peaks.pop() as Bytes32, nodes);
      const paired = nodes.length - (nodes.length % (2 * nodeBytes));
      if (paired < nodes.length) alone.push(bytes32(nodes.slice(paired)));
      nodes = this.#hashAll(nodePrefix, pairsOf(nodes, paired));
    }
    this.#peaks.push(...alone.reverse());
  }

  get peaks(): readonly Bytes32[] {
    this.#hashWaiting();
    return [...this.#peaks];
  }

  /** The tree as it is, which stays so. */
  now(): LogTree {
    return { size: this.size, peaks: this.peaks };
  }
}

function pairsOf(nodes: Uint8Array, bytes: number): Uint8Array[] {
  const pairs: Uint8Array[] = [];
  for (let at = 0; at < bytes; at += 2 * nodeBytes) pairs.push(nodes.subarray(at, at + 2 * nodeBytes));
  return pairs;
}

/** The number of entries alone, for whoever applies them while somebody else hashes them. It has no root. */
export class LogSize implements LogTree {
  readonly peaks: readonly Bytes32[] = [];
  size: number;

  constructor(size: number) {
    this.size = size;
  }

  append(_entry: Uint8Array): void {
    this.size++;
  }

  now(): LogTree {
    return { size: this.size, peaks: this.peaks };
  }
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
export const appendedPaths = (hash: Hash, before: LogTree, leaves: readonly Bytes32[]): LogPath[] =>
  grownPaths(hash, before, completedBy(hash, before, leaves));

/** The same of leaves that are known with what each completed: whoever appended them has hashed that. */
export function grownPaths(hash: Hash, before: LogTree, appended: readonly Completed[]): LogPath[] {
  const pathOf = pathsOver(hash, before, appended);
  return appended.map((_, i) => pathOf(before.size + i));
}

/** A full tree over all leaves, for whoever holds the whole log (exports, attestors, tests). */
export const logPath = (hash: Hash, leaves: readonly Bytes32[], index: number): LogPath =>
  pathsOver(hash, emptyLogTree, completedBy(hash, emptyLogTree, leaves))(index);

function completedBy(hash: Hash, before: LogTree, leaves: readonly Bytes32[]): Completed[] {
  let tree = before;
  return leaves.map((leaf) => {
    const grown = grow(hash, tree, leaf);
    tree = grown.tree;
    return grown.completed;
  });
}

function pathsOver(hash: Hash, before: LogTree, appended: readonly Completed[]): (index: number) => LogPath {
  const size = before.size + appended.length;
  const levels = levelsOf(before, appended);
  const nodeAt = (height: number, position: number): Bytes32 =>
    levels[height]?.[position - Math.floor(before.size / 2 ** height) + 1] as Bytes32;
  const places = peakPlaces(size);
  const peaks = places.map(({ height, start }) => nodeAt(height, start / 2 ** height));
  // What stands beside the peak of a leaf is the same for all its leaves: what follows it folded, then what precedes it.
  const beside = places.map((_, at) => [
    ...(at + 1 < peaks.length ? [logRoot(hash, { size, peaks: peaks.slice(at + 1) })] : []),
    ...peaks.slice(0, at).reverse(),
  ]);
  return (index) => {
    const at = places.findLastIndex(({ start }) => start <= index);
    const { height } = places[at] as PeakPlace;
    const siblings: Bytes32[] = [];
    let position = index;
    for (let level = 0; level < height; level++) {
      siblings.push(nodeAt(level, position % 2 === 1 ? position - 1 : position + 1));
      position = Math.floor(position / 2);
    }
    for (const sibling of beside[at] as readonly Bytes32[]) siblings.push(sibling);
    return { index, size, siblings };
  };
}

/** All nodes over the new leaves, by height, from left to right; before them the peak of that height, if there is one. */
function levelsOf(before: LogTree, appended: readonly Completed[]): (Bytes32 | null)[][] {
  const levels: (Bytes32 | null)[][] = [];
  const nodesAt = (height: number): (Bytes32 | null)[] => {
    while (levels.length <= height) levels.push([null]);
    return levels[height] as (Bytes32 | null)[];
  };
  for (const [at, { height }] of peakPlaces(before.size).entries()) nodesAt(height)[0] = before.peaks[at] as Bytes32;
  for (const completed of appended) {
    for (let height = 0; height < completed.length; height++) nodesAt(height).push(completed[height] as Bytes32);
  }
  return levels;
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

export interface PeakPlace {
  readonly height: number;
  readonly start: number;
}

/** The perfect trees of a log of this size, largest first. */
export function peakPlaces(size: number): PeakPlace[] {
  const places: PeakPlace[] = [];
  let start = 0;
  for (let height = bitLength(size) - 1; height >= 0; height--) {
    if (Math.floor(size / 2 ** height) % 2 === 0) continue;
    places.push({ height, start });
    start += 2 ** height;
  }
  return places;
}
