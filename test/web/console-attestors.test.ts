import { describe, expect, it } from "vitest";
import type { Commit } from "../../src/contract/commits.ts";
import type { Network } from "../../src/contract/network.ts";
import { amount } from "../../src/core/amount.ts";
import { bytes32, toBase58, toBase64, toHex } from "../../src/core/bytes.ts";
import { commitDigest, encodeCommit, signedBytes } from "../../src/core/commit/commit-message.ts";
import { outcomeStatement } from "../../src/core/statements.ts";
import { sha256, signerFromSeed, verifyEd25519Aside } from "../../src/main/crypto.ts";
import { attestationsOf } from "../../web/source/console/explorer/attestations.ts";

/** Whether attestors agree is read off their own signatures, whoever shows them. */

const of = (byte: number) => bytes32(new Uint8Array(32).fill(byte));
const attestors = [1, 2, 3].map((seed) => signerFromSeed(of(seed)));
const keys = attestors.map(({ publicKey }) => toBase58(publicKey));
const places = { program: of(10), cluster: of(11), network: of(12), pool: of(13) };
const network = {
  program: toBase58(places.program),
  network: toBase58(places.network),
  pool: toBase58(places.pool),
  attestors: { threshold: 2, keys },
} as unknown as Network;

function commitOf(epoch: bigint, root: number, signers: readonly number[], pool = places.pool): Commit {
  const message = {
    context: { ...places, pool, setVersion: 1, previousDigest: of(0) },
    body: {
      epoch,
      floor: 0n,
      asOf: 1_000n + epoch,
      validUntil: 9_000n,
      allocated: amount(1n),
      leafCount: 1n,
      payoutRoot: of(root),
      marketRoot: of(2),
      logRoot: of(3),
      leafFileHash: of(4),
    },
  };
  const digest = commitDigest(sha256, message);
  return {
    epoch: `${epoch}`,
    state: "committed",
    digest: toHex(digest),
    message: toBase64(encodeCommit(message)),
    asOf: `${message.body.asOf}`,
    validUntil: "9000",
    allocated: "1",
    leafFile: true,
    signatures: signers.map((i) => ({
      key: keys[i] as string,
      signature: toBase64(attestors[i]?.sign(signedBytes("commit", digest)) as Uint8Array),
    })),
    outcomes: [],
    proposedAtMs: 0,
    committedAtMs: 0,
  };
}

const look = (commits: readonly Commit[]) => attestationsOf(network, commits, verifyEd25519Aside);

describe("what attestors say", () => {
  it("is their newest signature each, and that they agree where it is of one message", async () => {
    const found = await look([commitOf(3n, 1, [0, 1]), commitOf(2n, 1, [0, 1, 2])]);
    expect(found.map(({ signed, last, agrees, forged }) => [signed.length, last?.epoch, agrees, forged])).toEqual([
      [2, 3n, true, 0],
      [2, 3n, true, 0],
      [1, 2n, true, 0],
    ]);
    expect(found[0]?.last?.asOfMs).toBe(1_003_000);
  });

  it("tells who signed another message of the same epoch than most", async () => {
    const found = await look([commitOf(3n, 1, [0, 1]), commitOf(3n, 9, [2])]);
    expect(found.map(({ agrees }) => agrees)).toEqual([true, true, false]);
  });

  it("believes no server: not a signature of another, of another pool, nor over an altered message", async () => {
    const good = commitOf(3n, 1, [0]);
    const [own] = good.signatures as [Commit["signatures"][number]];
    const lent = { ...good, signatures: [own, { ...own, key: keys[1] as string }] };
    const altered = { ...commitOf(4n, 1, [2]), message: commitOf(4n, 7, []).message };
    const found = await look([lent, commitOf(3n, 1, [1], of(99)), altered]);
    expect(found.map(({ signed, last, forged }) => [signed.length, last?.epoch, forged])).toEqual([
      [1, 3n, 0],
      [0, undefined, 2],
      [0, undefined, 1],
    ]);
  });

  it("shows a refusal that was signed, and none that was not", async () => {
    const commit = commitOf(3n, 1, [0]);
    const said = { outcome: "refuse", code: "LOG_DIFFERS", place: "entry 4", what: "a is b" } as const;
    const statement = outcomeStatement({ digest: commitDigestOf(commit), ...said });
    const signature = toBase64(attestors[1]?.sign(statement) as Uint8Array);
    const outcomes = [
      { key: keys[1] as string, ...said, signature },
      { key: keys[2] as string, ...said, signature },
    ];
    const found = await look([{ ...commit, outcomes }]);
    expect(found.map(({ refusals, forged }) => [refusals.map(({ code }) => code), forged])).toEqual([
      [[], 0],
      [["LOG_DIFFERS"], 0],
      [[], 1],
    ]);
  });
});

const commitDigestOf = ({ digest }: Commit) => bytes32(Uint8Array.from(Buffer.from(digest, "hex")));
