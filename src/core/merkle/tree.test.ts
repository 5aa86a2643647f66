import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { type Bytes32, concatBytes, equalBytes, toHex, zero32 } from "../bytes.ts";
import { Ascending } from "./ascending.ts";
import { depthOf, indexMax } from "./node.ts";
import { rootOfProof, subtreeNode, verifyProof } from "./proof.ts";
import { MerkleTree, treeOf } from "./tree.ts";

/** The tree as the protocol says it, row by row, without anything kept. */
function slowRoot(leaves: readonly Bytes32[]): Bytes32 {
  let row: readonly Bytes32[] = leaves.length === 0 ? [zero32] : leaves;
  while (row.length > 1) {
    const below = row;
    row = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
      slowNode(below[2 * i] as Bytes32, below[2 * i + 1] ?? zero32),
    );
  }
  return row[0] as Bytes32;
}

const slowNode = (left: Bytes32, right: Bytes32): Bytes32 =>
  [...left, ...right].every((byte) => byte === 0) ? zero32 : sha256(concatBytes(Uint8Array.of(1), left, right));

const leafOf = (index: number, version = 0): Bytes32 => named(`leaf ${index} ${version}`);
const leavesOf = (size: number): Bytes32[] => Array.from({ length: size }, (_, i) => leafOf(i));
const flipped = (bytes: Bytes32, at: number): Bytes32 =>
  bytes.map((byte, i) => (i === at % 32 ? byte ^ 1 : byte)) as Bytes32;

function filled(updates: readonly (readonly [number, Bytes32])[]): Bytes32[] {
  const leaves: Bytes32[] = [];
  for (const [index, leaf] of updates) {
    while (leaves.length <= index) leaves.push(zero32);
    leaves[index] = leaf;
  }
  return leaves;
}

describe("the root of a tree", () => {
  it("is that of the slow tree for every size up to 70, leaf after leaf", () => {
    const tree = new MerkleTree(sha256);
    expect(toHex(tree.root())).toBe(toHex(zero32));
    for (let size = 1; size <= 70; size++) {
      tree.update(size - 1, leafOf(size - 1));
      expect(tree.depth).toBe(depthOf(size));
      expect(toHex(tree.root())).toBe(toHex(slowRoot(leavesOf(size))));
    }
  });

  it("is a leaf where there is one, and zeros where there is none", () => {
    expect(toHex(treeOf(sha256, [leafOf(0)]).root())).toBe(toHex(leafOf(0)));
    expect(toHex(treeOf(sha256, []).root())).toBe(toHex(zero32));
  });

  const updatesArbitrary = fc.array(fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 3 }), fc.boolean()), {
    minLength: 1,
    maxLength: 120,
  });

  it("after any updates, in any portions, is that of the leaves from scratch", () => {
    fc.assert(
      fc.property(updatesArbitrary, (some) => {
        const tree = new MerkleTree(sha256);
        const updates = some.map(([index, version]) => [index, leafOf(index, version)] as const);
        for (const [at, [index, leaf]] of updates.entries()) {
          tree.update(index, leaf);
          if (some[at]?.[2]) expect(toHex(tree.root())).toBe(toHex(slowRoot(filled(updates.slice(0, at + 1)))));
        }
        expect(toHex(tree.root())).toBe(toHex(slowRoot(filled(updates))));
        expect(tree.size).toBe(filled(updates).length);
      }),
      { numRuns: 150 },
    );
  });

  it("does not depend on the order in which leaves came", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(90).keys()], { minLength: 1 }), (order) => {
        const tree = new MerkleTree(sha256);
        for (const index of order) tree.update(index, leafOf(index));
        const sorted = new MerkleTree(sha256);
        for (const index of order.toSorted((a, b) => a - b)) sorted.update(index, leafOf(index));
        expect(toHex(tree.root())).toBe(toHex(sorted.root()));
      }),
      { numRuns: 60 },
    );
  });

  it("hashes the paths of changed leaves alone, and shared nodes once", () => {
    let hashes = 0;
    const counting = (bytes: Uint8Array): Bytes32 => {
      hashes++;
      return sha256(bytes);
    };
    const tree = treeOf(counting, leavesOf(1_024));
    tree.root();
    expect(hashes).toBe(1_023);
    tree.update(500, leafOf(500, 1));
    tree.update(501, leafOf(501, 1));
    tree.update(500, leafOf(500, 2));
    tree.root();
    expect(hashes).toBe(1_023 + 10);
    tree.root();
    expect(hashes).toBe(1_023 + 10);
  });

  it("counts a leaf that is taken away as missing", () => {
    const tree = treeOf(sha256, leavesOf(6));
    tree.root();
    tree.update(4, zero32);
    tree.update(5, zero32);
    expect(toHex(tree.root())).toBe(toHex(slowRoot([...leavesOf(4), zero32, zero32])));
  });

  it("grows over a gap of several levels", () => {
    const tree = treeOf(sha256, leavesOf(3));
    tree.root();
    tree.update(1_000, leafOf(1_000));
    expect(toHex(tree.root())).toBe(toHex(slowRoot(filled([...leavesOf(3).entries(), [1_000, leafOf(1_000)]]))));
  });

  it("takes no index that is none", () => {
    const tree = new MerkleTree(sha256);
    for (const index of [-1, 0.5, Number.NaN, indexMax + 1, Infinity]) {
      expect(() => tree.update(index, leafOf(0))).toThrow(/not the index of a leaf/);
    }
  });

  it("gives copies: who changes them changes nothing", () => {
    const tree = treeOf(sha256, leavesOf(4));
    const root = toHex(tree.root());
    tree.root().fill(0);
    tree.leaf(1).fill(0);
    tree.proof(0).siblings[0]?.fill(0);
    expect(toHex(tree.root())).toBe(root);
    tree.update(0, leafOf(0));
    expect(toHex(tree.root())).toBe(root);
  });
});

describe("a proof", () => {
  const placeArbitrary = fc
    .integer({ min: 1, max: 140 })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat({ max: size - 1 }), at: fc.nat() }));

  it("leads from its leaf to the root, and from nothing else", () => {
    fc.assert(
      fc.property(placeArbitrary, ({ size, index, at }) => {
        const tree = treeOf(sha256, leavesOf(size));
        const root = tree.root();
        const leaf = leafOf(index);
        const proof = tree.proof(index);
        const holds = (altered: Partial<typeof proof>, of = leaf, to = root) =>
          verifyProof(sha256, of, { ...proof, ...altered }, to);
        expect(holds({})).toBe(true);
        expect(proof.siblings).toHaveLength(depthOf(size));
        expect(holds({}, flipped(leaf, at))).toBe(false);
        expect(holds({}, leaf, flipped(root, at))).toBe(false);
        expect(holds({ siblings: [...proof.siblings, zero32] })).toBe(false);
        expect(holds({ position: index + 2 ** proof.siblings.length })).toBe(false);
        if (proof.siblings.length === 0) return;
        expect(holds({ position: index ^ (1 << (at % proof.siblings.length)) })).toBe(false);
        const place = at % proof.siblings.length;
        expect(holds({ siblings: proof.siblings.with(place, flipped(proof.siblings[place] as Bytes32, at)) })).toBe(
          false,
        );
        expect(holds({ siblings: proof.siblings.toSpliced(place, 1) })).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("of a node is no proof of a leaf at its place", () => {
    const tree = treeOf(sha256, leavesOf(8));
    const { position, siblings } = tree.proof(4, 1);
    const node = rootOfProof(sha256, leafOf(4), { position: 0, siblings: [leafOf(5)] }) as Bytes32;
    expect(verifyProof(sha256, node, { position, siblings }, tree.root())).toBe(true);
    // A leaf's bytes begin with 0, 2 or 3: none of them hashes to that node.
    for (const kind of [0, 2, 3]) {
      const asLeaf = sha256(concatBytes(Uint8Array.of(kind), leafOf(4), leafOf(5)));
      expect(equalBytes(asLeaf, node)).toBe(false);
    }
  });

  it("proves nothing of a place where there is no leaf", () => {
    const tree = treeOf(sha256, leavesOf(5));
    tree.update(7, leafOf(7));
    const proof = tree.proof(6);
    expect(rootOfProof(sha256, zero32, proof)).toEqual(tree.root());
    expect(verifyProof(sha256, zero32, proof, tree.root())).toBe(false);
  });

  it("is as deep as the program takes at most", () => {
    const siblings = Array.from({ length: 33 }, (_, i) => named(`sibling ${i}`));
    expect(rootOfProof(sha256, leafOf(0), { position: 0, siblings })).toBe(null);
    expect(rootOfProof(sha256, leafOf(0), { position: 2 ** 32 - 1, siblings: siblings.slice(1) })).not.toBe(null);
    expect(rootOfProof(sha256, leafOf(0), { position: 2 ** 32, siblings: siblings.slice(1) })).toBe(null);
    for (const position of [-1, 0.5, Number.NaN, Infinity]) {
      expect(rootOfProof(sha256, leafOf(0), { position, siblings: siblings.slice(1) })).toBe(null);
    }
  });

  it("of a subtree is that of the node which its leaves make", () => {
    for (const size of [1, 2, 5, 31, 32, 33, 64, 100]) {
      const tree = treeOf(sha256, leavesOf(size));
      for (let height = 0; height <= Math.min(5, tree.depth); height++) {
        for (let first = 0; first < size; first += 2 ** height) {
          const node = subtreeNode(sha256, leavesOf(size).slice(first, first + 2 ** height), height) as Bytes32;
          const proof = tree.proof(first, height);
          expect(proof.position).toBe(first / 2 ** height);
          expect(verifyProof(sha256, node, proof, tree.root())).toBe(true);
        }
      }
    }
    expect(subtreeNode(sha256, leavesOf(5), 2)).toBe(null);
    expect(subtreeNode(sha256, [], 2)).toEqual(zero32);
  });

  it("is refused for what is not in the tree", () => {
    const tree = treeOf(sha256, leavesOf(5));
    for (const [index, height] of [[5], [-1], [0, 4], [0, -1], [1.5]] as const) {
      expect(() => tree.proof(index, height)).toThrow(/is not in this tree/);
    }
    expect(() => new MerkleTree(sha256).proof(0)).toThrow(/is not in this tree/);
  });
});

describe("ascending numbers", () => {
  it("come out sorted, each once, and begin anew", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 300 }), { maxLength: 400 }), fc.array(fc.nat()), (some, more) => {
        const numbers = new Ascending();
        for (const number of some) numbers.add(number);
        const taken = numbers.take();
        for (const number of more) numbers.add(number);
        expect([...taken]).toEqual([...new Set(some)].sort((a, b) => a - b));
        expect([...numbers.take()]).toEqual([...new Set(more)].sort((a, b) => a - b));
        expect([...numbers.take()]).toEqual([]);
      }),
    );
  });
});
