import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../../test/support/market-hash.ts";
import {
  settlementVectors,
  vectorBody,
  vectorContext,
  vectorLanes,
  vectorMarkets,
  vectorPayouts,
  vectorRotation,
} from "../../../test/support/settlement-vectors.ts";
import { type Amount, amount } from "../amount.ts";
import { type Bytes32, bytes32, concatBytes, fromHex, toHex } from "../bytes.ts";
import { encode } from "../codec.ts";
import { marketId } from "../market-id.ts";
import { laneLeafHash, marketLeafHash, type PayoutLeaf, payoutLeafHash } from "../merkle/leaves.ts";
import { subtreeNode, verifyProof } from "../merkle/proof.ts";
import {
  type CommitMessage,
  commitBodyCodec,
  commitContextCodec,
  commitDigest,
  decodeCommit,
  encodeCommit,
  signedBytes,
} from "./commit-message.ts";
import { epochRoots, laneTree, leafCountOf, marketTree, payoutTree } from "./epoch-trees.ts";
import { readLeafFile, writeLeafFile } from "./leaf-file.ts";
import { decodeRotation, encodeRotation, rotationDigest } from "./rotation-message.ts";

interface Proved {
  readonly hash: string;
  readonly proof: readonly string[];
}

interface Vectors {
  readonly payouts: {
    readonly leaves: readonly Proved[];
    readonly subtree: { readonly proof: readonly string[] };
    readonly root: string;
  };
  readonly markets: { readonly leaves: readonly Proved[]; readonly root: string };
  readonly lanes: { readonly leaves: readonly Proved[]; readonly root: string };
  readonly leafFile: { readonly bytes: string; readonly hash: string };
  readonly commit: {
    readonly context: { readonly bytes: string };
    readonly body: { readonly bytes: string };
    readonly digest: string;
    readonly signedBytes: string;
  };
  readonly rotation: {
    readonly data: string;
    readonly digest: string;
    readonly rotateBytes: string;
    readonly cancelBytes: string;
  };
}

const vectorsPath = new URL("../../../program/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(vectorsPath, "utf8")) as Vectors;
const pool = vectorContext.pool;
const payouts = vectorPayouts as unknown as readonly PayoutLeaf[];
const markets = vectorMarkets.map((leaf) => ({
  account: leaf.account,
  openedAt: Number(leaf.openedAt),
  allocated: amount(leaf.allocated),
}));
const lanes = vectorLanes.map((leaf) => ({ ...leaf, market: marketId(leaf.market) }));
const message = { context: vectorContext, body: vectorBody as CommitMessage["body"] & { allocated: Amount } };
const proofOf = ({ proof }: Proved, position: number) => ({
  position,
  siblings: proof.map((sibling) => bytes32(fromHex(sibling))),
});

describe("the vectors of the settlement protocol", () => {
  it("are what the protocol's tables say, byte by byte", () => {
    expect(vectors).toEqual(settlementVectors);
  });

  it("are the hashes and proofs of payouts", () => {
    const root = bytes32(fromHex(vectors.payouts.root));
    const tree = payoutTree(sha256, pool, payouts);
    for (const [i, leaf] of payouts.entries()) {
      const known = vectors.payouts.leaves[i] as Proved;
      const hash = payoutLeafHash(sha256, pool, leaf);
      expect(toHex(hash)).toBe(known.hash);
      expect(tree.proof(leaf.index)).toEqual(proofOf(known, leaf.index));
      expect(verifyProof(sha256, hash, proofOf(known, leaf.index), root)).toBe(true);
    }
    expect(toHex(tree.root())).toBe(vectors.payouts.root);
    const node = subtreeNode(
      sha256,
      [0, 1, 2, 3].map((index) => tree.leaf(index)),
      2,
    ) as Bytes32;
    const subtree = { position: 0, siblings: vectors.payouts.subtree.proof.map((each) => bytes32(fromHex(each))) };
    expect(tree.proof(0, 2)).toEqual(subtree);
    expect(verifyProof(sha256, node, subtree, root)).toBe(true);
  });

  it("are the hashes and proofs of markets and lanes", () => {
    for (const [name, tree, hashes] of [
      ["markets", marketTree(sha256, pool, markets), markets.map((leaf) => marketLeafHash(sha256, pool, leaf))],
      ["lanes", laneTree(sha256, pool, lanes), lanes.map((leaf) => laneLeafHash(sha256, pool, leaf))],
    ] as const) {
      expect(hashes.map(toHex)).toEqual(vectors[name].leaves.map(({ hash }) => hash));
      expect(toHex(tree.root())).toBe(vectors[name].root);
      for (const [position, known] of vectors[name].leaves.entries()) {
        expect(tree.proof(position)).toEqual(proofOf(known, position));
      }
    }
  });

  it("are the roots of the epoch, and its leaf file", () => {
    const leaves = { payouts, markets, lanes };
    const { payoutRoot, marketRoot, logRoot } = vectorBody;
    expect(epochRoots(sha256, pool, leaves)).toEqual({ payoutRoot, marketRoot, logRoot });
    expect(leafCountOf(payouts)).toBe(7);
    const file = concatBytes(...writeLeafFile(pool, 3, leaves));
    expect(toHex(file)).toBe(vectors.leafFile.bytes);
    expect(toHex(sha256(file))).toBe(vectors.leafFile.hash);
    expect(readLeafFile([file]).leaves).toEqual(leaves);
  });

  it("are the bytes and digest of a commit", () => {
    expect(toHex(encode(commitContextCodec, vectorContext))).toBe(vectors.commit.context.bytes);
    expect(toHex(encode(commitBodyCodec, message.body))).toBe(vectors.commit.body.bytes);
    expect(decodeCommit(encodeCommit(message))).toEqual(message);
    const digest = commitDigest(sha256, message);
    expect(toHex(digest)).toBe(vectors.commit.digest);
    expect(toHex(signedBytes("commit", digest))).toBe(vectors.commit.signedBytes);
  });

  it("are the bytes and digest of a rotation", () => {
    const { context, rotation } = vectorRotation;
    expect(toHex(encodeRotation(rotation))).toBe(vectors.rotation.data);
    expect(decodeRotation(encodeRotation(rotation))).toEqual(rotation);
    const digest = rotationDigest(sha256, context, rotation);
    expect(toHex(digest)).toBe(vectors.rotation.digest);
    expect(toHex(signedBytes("rotate", digest))).toBe(vectors.rotation.rotateBytes);
    expect(toHex(signedBytes("cancel", digest))).toBe(vectors.rotation.cancelBytes);
  });
});
