import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../test/support/market-hash.ts";
import { type Bytes32, concatBytes, toHex, toUtf8 } from "./bytes.ts";
import { type HashAll, hashAllBy } from "./hash.ts";
import {
  appendedPaths,
  appendLeaf,
  emptyLogTree,
  GrowingLogTree,
  grow,
  type LogPath,
  LogSize,
  type LogTree,
  logLeaf,
  logPath,
  logRoot,
  logTreeOf,
  rootOfPath,
  verifyPath,
} from "./log-tree.ts";

const sizeMax = 130;
const leaves = Array.from({ length: sizeMax }, (_, i) => logLeaf(sha256, toUtf8(`entry ${i}`)));
const node = (left: Bytes32, right: Bytes32): Bytes32 => sha256(concatBytes(new Uint8Array([1]), left, right));

/** RFC 9162 section 2.1.1, word for word: split at the largest power of two below the size. */
function reference(some: readonly Bytes32[]): Bytes32 {
  if (some.length === 0) return sha256(new Uint8Array(0));
  if (some.length === 1) return some[0] as Bytes32;
  const split = splitOf(some.length);
  return node(reference(some.slice(0, split)), reference(some.slice(split)));
}

/** RFC 9162 section 2.1.3.1: the path of a leaf, from the leaf upward. */
function referencePath(some: readonly Bytes32[], index: number): Bytes32[] {
  if (some.length === 1) return [];
  const split = splitOf(some.length);
  return index < split
    ? [...referencePath(some.slice(0, split), index), reference(some.slice(split))]
    : [...referencePath(some.slice(split), index - split), reference(some.slice(0, split))];
}

function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

const hexes = (some: readonly Bytes32[]): string[] => some.map(toHex);

describe("the root of a log", () => {
  it("is that of the reference for every size up to 130", () => {
    let tree: LogTree = emptyLogTree;
    for (let size = 0; size <= sizeMax; size++) {
      expect(tree.size).toBe(size);
      expect(toHex(logRoot(sha256, tree))).toBe(toHex(reference(leaves.slice(0, size))));
      if (size < sizeMax) tree = appendLeaf(sha256, tree, leaves[size] as Bytes32);
    }
  });

  it("has one peak for each bit of the size, and leaves the tree it came from alone", () => {
    const before = logTreeOf(sha256, leaves.slice(0, 6));
    const root = toHex(logRoot(sha256, before));
    expect(before.peaks).toHaveLength(2);
    expect(appendLeaf(sha256, before, leaves[6] as Bytes32).peaks).toHaveLength(3);
    expect(appendLeaf(sha256, logTreeOf(sha256, leaves.slice(0, 7)), leaves[7] as Bytes32).peaks).toHaveLength(1);
    expect(toHex(logRoot(sha256, before))).toBe(root);
  });

  it.each([
    [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [1, "773885a613489e24ce2cf76199d6a423f042e4bbf12d7eecee912ef276c65701"],
    [2, "5a47662fd8a317d96049a3f9f47c55dc67ca66051baa3683dbb19b2fe09a07b0"],
    [7, "98c97f0ba3175cd08b031dd084b9dc4e649b64d1a28e6ea694646503173ab587"],
    [100, "106a6d1594d73248c9634639896cf8a76d2c3418f8fb8b4e24386025a27f2472"],
  ])("of %d known entries is known", (size, root) => {
    expect(toHex(logRoot(sha256, logTreeOf(sha256, leaves.slice(0, size))))).toBe(root);
  });

  it("tells an entry from a node: no entry's bytes make an inner hash", () => {
    const [left, right] = leaves as [Bytes32, Bytes32];
    const asEntry = logLeaf(sha256, concatBytes(left, right));
    expect(toHex(asEntry)).not.toBe(toHex(node(left, right)));
  });
});

describe("what a leaf completes", () => {
  it("is each perfect tree that ends with it, from the leaf upward", () => {
    let tree: LogTree = emptyLogTree;
    for (const [i, leaf] of leaves.entries()) {
      const grown = grow(sha256, tree, leaf);
      const ended = [1, 2, 4, 8, 16, 32, 64, 128].filter((width) => (i + 1) % width === 0);
      const perfect = ended.map((width) => reference(leaves.slice(i + 1 - width, i + 1)));
      expect(hexes(grown.completed)).toEqual(hexes(perfect));
      expect(grown.tree).toEqual(appendLeaf(sha256, tree, leaf));
      tree = grown.tree;
    }
  });
});

describe("the path of an entry", () => {
  it("is that of the reference, for every entry of every size", () => {
    for (let size = 1; size <= sizeMax; size += size < 40 ? 1 : 9) {
      const some = leaves.slice(0, size);
      const root = reference(some);
      for (const [index, path] of appendedPaths(sha256, emptyLogTree, some).entries()) {
        expect(hexes(path.siblings)).toEqual(hexes(referencePath(some, index)));
        expect(verifyPath(sha256, some[index] as Bytes32, path, root)).toBe(true);
      }
    }
  });

  it("needs nothing older than the peaks: appended portions give the same", () => {
    fc.assert(
      fc.property(fc.nat({ max: sizeMax }), fc.nat({ max: 40 }), (before, more) => {
        const size = Math.min(before + more, sizeMax);
        const tree = logTreeOf(sha256, leaves.slice(0, before));
        const paths = appendedPaths(sha256, tree, leaves.slice(before, size));
        expect(paths).toHaveLength(size - before);
        for (const path of paths) {
          expect(path).toEqual({
            index: path.index,
            size,
            siblings: referencePath(leaves.slice(0, size), path.index),
          });
        }
        expect(paths.map(({ index }) => index)).toEqual(Array.from({ length: size - before }, (_, i) => before + i));
      }),
      { numRuns: 200 },
    );
  });

  it("given whole is the same", () => {
    expect(logPath(sha256, leaves.slice(0, 11), 9)).toEqual(
      appendedPaths(sha256, logTreeOf(sha256, leaves.slice(0, 9)), leaves.slice(9, 11))[0],
    );
  });

  const caseArbitrary = fc.integer({ min: 1, max: sizeMax }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      index: fc.nat({ max: size - 1 }),
      at: fc.nat(),
      byte: fc.nat({ max: 31 }),
      flip: fc.integer({ min: 1, max: 255 }),
      otherIndex: fc.nat({ max: size - 1 }),
    }),
  );

  it("does not verify where anything of it is altered", () => {
    fc.assert(
      fc.property(caseArbitrary, ({ size, index, at, byte, flip, otherIndex }) => {
        const some = leaves.slice(0, size);
        const root = logRoot(sha256, logTreeOf(sha256, some));
        const leaf = some[index] as Bytes32;
        const path = logPath(sha256, some, index);
        const flipped = (bytes: Bytes32): Bytes32 =>
          bytes.map((each, i) => (i === byte ? each ^ flip : each)) as Bytes32;
        const refused = (altered: Partial<LogPath>, of: Bytes32 = leaf): void =>
          expect(verifyPath(sha256, of, { ...path, ...altered }, root)).toBe(false);

        refused({}, flipped(leaf));
        expect(verifyPath(sha256, leaf, path, flipped(root))).toBe(false);
        refused({ siblings: [...path.siblings, leaf] });
        if (otherIndex !== index) refused({ index: otherIndex });
        if (path.siblings.length === 0) return;
        const place = at % path.siblings.length;
        refused({ siblings: path.siblings.with(place, flipped(path.siblings[place] as Bytes32)) });
        refused({ siblings: path.siblings.toSpliced(place, 1) });
      }),
      { numRuns: 300 },
    );
  });

  it("leads nowhere where its place is impossible", () => {
    const path = logPath(sha256, leaves.slice(0, 5), 2);
    const leaf = leaves[2] as Bytes32;
    for (const index of [-1, 5, 2.5, Number.NaN, Infinity])
      expect(rootOfPath(sha256, leaf, { ...path, index })).toBe(null);
    for (const size of [0, -1, 2, Number.NaN, 5.5, 2 ** 60, Infinity]) {
      expect(rootOfPath(sha256, leaf, { ...path, size })).toBe(null);
    }
    expect(rootOfPath(sha256, leaf, { index: 0, size: Number.NaN, siblings: [] })).toBe(null);
  });

  it("says its size by its shape alone: whoever verifies takes the size from the signed head", () => {
    const some = leaves.slice(0, 3);
    const root = logRoot(sha256, logTreeOf(sha256, some));
    const path = logPath(sha256, some, 0);
    // Entry 0 of 3 and of 4 have paths of one shape; the head, which is signed, names the size.
    expect(verifyPath(sha256, some[0] as Bytes32, { ...path, size: 4 }, root)).toBe(true);
  });

  it("works for logs far larger than memory", () => {
    const peak = (i: number): Bytes32 => sha256(toUtf8(`peak ${i}`));
    const size = 2 ** 40 + 2 ** 33 + 1;
    const before: LogTree = { size, peaks: [peak(0), peak(1), peak(2)] };
    const added = leaves.slice(0, 3);
    let after = before;
    for (const leaf of added) after = appendLeaf(sha256, after, leaf);
    for (const [i, path] of appendedPaths(sha256, before, added).entries()) {
      expect(path.index).toBe(size + i);
      expect(verifyPath(sha256, added[i] as Bytes32, path, logRoot(sha256, after))).toBe(true);
    }
  });
});

describe("a tree that grows in place", () => {
  const entries = Array.from({ length: sizeMax }, (_, i) => toUtf8(`entry ${i}`));

  it("has the root and peaks of the reference at every size, from wherever it began", () => {
    for (const begun of [0, 1, 6, 63, 64]) {
      const tree = new GrowingLogTree(sha256, logTreeOf(sha256, leaves.slice(0, begun)));
      for (let size = begun; size <= sizeMax; size++) {
        expect(toHex(logRoot(sha256, tree))).toBe(toHex(reference(leaves.slice(0, size))));
        expect(hexes(tree.peaks)).toEqual(hexes(logTreeOf(sha256, leaves.slice(0, size)).peaks));
        if (size < sizeMax) tree.append(entries[size] as Uint8Array);
      }
    }
  });

  it("gives a tree that stays, and leaves the one it came from alone", () => {
    const before = logTreeOf(sha256, leaves.slice(0, 5));
    const root = toHex(logRoot(sha256, before));
    const tree = new GrowingLogTree(sha256, before);
    const now = tree.now();
    for (const entry of entries.slice(5, 20)) tree.append(entry);
    expect(toHex(logRoot(sha256, before))).toBe(root);
    expect(now).toEqual(before);
    expect(tree.size).toBe(20);
  });

  it("hashes together what nobody looked at, and comes to the same", () => {
    const many = Array.from({ length: 2_500 }, (_, i) => toUtf8(`entry ${i}`));
    const expected = (size: number): string =>
      toHex(
        logRoot(
          sha256,
          logTreeOf(
            sha256,
            many.slice(0, size).map((entry) => logLeaf(sha256, entry)),
          ),
        ),
      );
    for (const [begun, size] of [
      [0, 2_500],
      [1, 1_025],
      [7, 1_031],
      [1_023, 2_048],
    ] as const) {
      const asked: number[] = [];
      const hashAll: HashAll = (prefix, messages) => {
        asked.push(messages.length);
        return hashAllBy(sha256)(prefix, messages);
      };
      const from = logTreeOf(
        sha256,
        many.slice(0, begun).map((entry) => logLeaf(sha256, entry)),
      );
      const tree = new GrowingLogTree(sha256, from, hashAll);
      for (const entry of many.slice(begun, size)) tree.append(entry);
      expect(tree.size).toBe(size);
      expect(toHex(logRoot(sha256, tree))).toBe(expected(size));
      expect(Math.max(...asked)).toBe(1_024);
    }
  });

  it("takes leaves and entries in turn", () => {
    const tree = new GrowingLogTree(sha256);
    for (const [i, entry] of entries.entries()) {
      if (i % 5 === 3) tree.appendLeaf(leaves[i] as Bytes32);
      else tree.append(entry);
    }
    expect(toHex(logRoot(sha256, tree))).toBe(toHex(reference(leaves)));
  });

  it("may be the number alone", () => {
    const size = new LogSize(5);
    for (const entry of entries.slice(5, 9)) size.append(entry);
    expect(size.now()).toEqual({ size: 9, peaks: [] });
  });
});
