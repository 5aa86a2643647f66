import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { type Bytes32, zero32 } from "../bytes.ts";
import { hashJoined } from "../hash.ts";
import { type LogPath, logPath, logRoot, logTreeOf, verifyPath } from "../log-tree.ts";
import { KnownNodes } from "./known-nodes.ts";
import { hashedKinds } from "./node.ts";
import { type MerkleProof, verifyProof } from "./proof.ts";
import { MerkleTree, treeOf } from "./tree.ts";

const leavesOf = (size: number): Bytes32[] => Array.from({ length: size }, (_, i) => named(`leaf ${i}`));
const flipped = (bytes: Bytes32): Bytes32 => bytes.with(7, (bytes[7] as number) ^ 1) as Bytes32;

/** What is altered of a proof, and where; mostly nothing. */
const alterationArbitrary = fc.record({
  what: fc.constantFrom("nothing", "nothing", "nothing", "leaf", "sibling", "shorter", "longer", "place", "aliased"),
  at: fc.nat({ max: 12 }),
});

type Alteration = typeof alterationArbitrary extends fc.Arbitrary<infer T> ? T : never;

function altered(
  leaf: Bytes32,
  place: number,
  siblings: readonly Bytes32[],
  { what, at }: Alteration,
): { leaf: Bytes32; place: number; siblings: readonly Bytes32[] } {
  const good = { leaf, place, siblings };
  const sibling = siblings[at % Math.max(siblings.length, 1)];
  if (what === "leaf") return { ...good, leaf: flipped(leaf) };
  if (what === "shorter") return { ...good, siblings: siblings.slice(0, -1) };
  if (what === "longer") return { ...good, siblings: [...siblings, zero32] };
  if (what === "place") return { ...good, place: place ^ (1 << (at % 4)) };
  if (what === "aliased") return { ...good, place: place + 2 ** siblings.length };
  if (what !== "sibling" || sibling === undefined) return good;
  return { ...good, siblings: siblings.with(at % siblings.length, flipped(sibling)) };
}

describe("known nodes", () => {
  const asked = fc.array(fc.tuple(fc.nat({ max: 60 }), alterationArbitrary), { minLength: 1, maxLength: 40 });

  it("say of every proof what hashing all of it says, in whatever order they come", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), asked, (size, some) => {
        const tree = treeOf(sha256, leavesOf(size));
        const known = new KnownNodes(sha256, tree.root());
        for (const [place, alteration] of some) {
          const index = place % size;
          const proof = tree.proof(index);
          const case_ = altered(tree.leaf(index), proof.position, proof.siblings, alteration);
          const asProof: MerkleProof = { position: case_.place, siblings: case_.siblings };
          const expected = verifyProof(sha256, case_.leaf, asProof, tree.root());
          expect(known.verifyProof(case_.leaf, asProof)).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("say of every path in a log what hashing all of it says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), asked, (size, some) => {
        const leaves = leavesOf(size);
        const root = logRoot(sha256, logTreeOf(sha256, leaves));
        const known = new KnownNodes(sha256, root);
        for (const [place, alteration] of some) {
          const index = place % size;
          const path = logPath(sha256, leaves, index);
          const case_ = altered(leaves[index] as Bytes32, index, path.siblings, alteration);
          const asPath: LogPath = { index: case_.place, size, siblings: case_.siblings };
          expect(known.verifyPath(case_.leaf, asPath)).toBe(verifyPath(sha256, case_.leaf, asPath, root));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("take no place that is none, and nothing that is missing", () => {
    const tree = new MerkleTree(sha256);
    for (const index of [0, 1, 3]) tree.update(index, named(`leaf ${index}`));
    const known = new KnownNodes(sha256, tree.root());
    expect(known.verifyProof(tree.leaf(0), tree.proof(0))).toBe(true);
    expect(known.verifyProof(zero32, tree.proof(2))).toBe(false);
    for (const position of [-1, 0.5, Number.NaN, Infinity]) {
      expect(known.verifyProof(tree.leaf(0), { ...tree.proof(0), position })).toBe(false);
    }
    const leaves = leavesOf(5);
    const log = new KnownNodes(sha256, logRoot(sha256, logTreeOf(sha256, leaves)));
    const path = logPath(sha256, leaves, 1);
    expect(log.verifyPath(leaves[1] as Bytes32, path)).toBe(true);
    for (const index of [-1, 5, Number.NaN]) {
      expect(log.verifyPath(leaves[1] as Bytes32, { ...path, index })).toBe(false);
    }
  });

  it("find the peak of an entry however long the log is", () => {
    const join = (left: Bytes32, right: Bytes32): Bytes32 =>
      hashJoined(sha256, Uint8Array.of(hashedKinds.node), left, right);
    // A peak of 2^33 entries, and one that stands alone behind it.
    const size = 2 ** 33 + 1;
    const [first, alone] = [named("first"), named("alone")];
    const siblings = leavesOf(33);
    const peak = siblings.reduce((node, sibling) => join(node, sibling), first);
    const known = new KnownNodes(sha256, join(peak, alone));
    const ofFirst: LogPath = { index: 0, size, siblings: [...siblings, alone] };
    const ofLast: LogPath = { index: size - 1, size, siblings: [peak] };
    for (let time = 0; time < 2; time++) {
      expect(known.verifyPath(first, ofFirst)).toBe(true);
      expect(known.verifyPath(alone, ofLast)).toBe(true);
      expect(known.verifyPath(alone, { ...ofFirst, index: 1 })).toBe(false);
      expect(known.verifyPath(first, { ...ofFirst, siblings: ofFirst.siblings.with(32, zero32) })).toBe(false);
    }
  });

  it("spare nearly all hashes of the next proof", () => {
    let hashes = 0;
    const counting = (bytes: Uint8Array): Bytes32 => {
      hashes++;
      return sha256(bytes);
    };
    const leaves = leavesOf(1_024);
    const tree = treeOf(sha256, leaves);
    const known = new KnownNodes(counting, tree.root());
    for (const [index, leaf] of leaves.entries()) expect(known.verifyProof(leaf, tree.proof(index))).toBe(true);
    expect(hashes).toBeLessThan(1_100);
  });
});
