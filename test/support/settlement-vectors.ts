import { createHash } from "node:crypto";
import { concatBytes, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { named } from "./market-hash.ts";

/**
 * The hashes of the settlement protocol for known values, made byte by byte with nothing of src/core but its bytes: what
 * program/vectors.json holds, which the program's own tests read too. Bytes are hexadecimal, numbers decimal strings.
 */

const sha = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

const number = (bytes: number, value: bigint | number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));

const u64 = (value: bigint | number): Uint8Array => number(8, value);
const zeros = new Uint8Array(32);
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

const node = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  isZero(left) && isZero(right) ? zeros : sha(Uint8Array.of(1), left, right);

/** Rows from the leaves to the root. */
export function rowsOf(leaves: readonly Uint8Array[]): Uint8Array[][] {
  const rows: Uint8Array[][] = [leaves.length === 0 ? [zeros] : [...leaves]];
  for (let row = rows[0] as Uint8Array[]; row.length > 1; rows.push(row)) {
    const below = row;
    row = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
      node(below[2 * i] as Uint8Array, below[2 * i + 1] ?? zeros),
    );
  }
  return rows;
}

function proofIn(leaves: readonly Uint8Array[], index: number, height: number): Uint8Array[] {
  const rows = rowsOf(leaves);
  return Array.from({ length: rows.length - 1 - height }, (_, i) => {
    const place = Math.floor(index / 2 ** (height + i));
    return rows[height + i]?.[place % 2 === 1 ? place - 1 : place + 1] ?? zeros;
  });
}

const pool = named("vector pool");
const u64Max = 2n ** 64n - 1n;

interface Payout {
  readonly index: number;
  readonly destination: Uint8Array;
  readonly cumulative: bigint;
  readonly held: bigint;
}

/** Seven places, of which 4 is empty. */
export const vectorPayouts: readonly Payout[] = [
  { index: 0, destination: named("operator"), cumulative: 20n, held: 0n },
  { index: 1, destination: named("wallet 1"), cumulative: 1_000n, held: 0n },
  { index: 2, destination: named("wallet 2"), cumulative: 0n, held: 500n },
  { index: 3, destination: named("wallet 3"), cumulative: 0n, held: 0n },
  { index: 5, destination: named("wallet 5"), cumulative: u64Max, held: 0n },
  { index: 6, destination: named("wallet 6"), cumulative: 1n, held: u64Max - 1n },
];

export const vectorMarkets = [
  { account: named("market b"), openedAt: 1_700_000_000n, allocated: 1_020n },
  { account: named("market a"), openedAt: 1_700_000_001n, allocated: u64Max },
  { account: named("market a"), openedAt: 1_700_000_600n, allocated: 0n },
].toSorted((a, b) => (toHex(a.account) < toHex(b.account) ? -1 : toHex(a.account) > toHex(b.account) ? 1 : 0));

export const vectorLanes = [
  { market: "00112233445566778899aabbccddeeff", lane: 0, size: 17, root: named("lane root 0") },
  { market: "00112233445566778899aabbccddeeff", lane: 1, size: 2, root: named("lane root 1") },
];

const payoutHash = (leaf: Payout): Uint8Array =>
  sha(Uint8Array.of(0), pool, u64(leaf.index), leaf.destination, u64(leaf.cumulative), u64(leaf.held));

const payoutHashes = Array.from({ length: 7 }, (_, index) => {
  const leaf = vectorPayouts.find((each) => each.index === index);
  return leaf === undefined ? zeros : payoutHash(leaf);
});

const marketHashes = vectorMarkets.map(({ account, openedAt, allocated }) =>
  sha(Uint8Array.of(2), pool, account, u64(openedAt), u64(allocated)),
);

const laneHashes = vectorLanes.map(({ market, lane, size, root }) =>
  sha(Uint8Array.of(3), pool, Buffer.from(market, "hex"), number(2, lane), u64(size), root),
);

const rootOf = (leaves: readonly Uint8Array[]): Uint8Array => rowsOf(leaves).at(-1)?.[0] as Uint8Array;

const leafFile = concatBytes(
  toUtf8("earnest/leaves/1"),
  new Uint8Array(8),
  pool,
  ...[3, vectorPayouts.length, vectorMarkets.length, vectorLanes.length].map(u64),
  ...vectorPayouts.map((leaf) => concatBytes(u64(leaf.index), leaf.destination, u64(leaf.cumulative), u64(leaf.held))),
  ...vectorMarkets.map((leaf) => concatBytes(leaf.account, u64(leaf.openedAt), u64(leaf.allocated))),
  ...vectorLanes.map((leaf) =>
    concatBytes(Buffer.from(leaf.market, "hex"), number(2, leaf.lane), u64(leaf.size), leaf.root),
  ),
);

export const vectorContext = {
  program: named("program"),
  cluster: named("cluster"),
  network: named("network"),
  pool,
  setVersion: 4,
  previousDigest: named("previous digest"),
};

export const vectorBody = {
  epoch: 3n,
  floor: 2n,
  asOf: 1_700_000_500n,
  validUntil: 1_700_000_800n,
  allocated: 123_456n,
  leafCount: 7n,
  payoutRoot: rootOf(payoutHashes),
  marketRoot: rootOf(marketHashes),
  logRoot: rootOf(laneHashes),
  leafFileHash: sha(leafFile),
};

const contextBytes = concatBytes(
  vectorContext.program,
  vectorContext.cluster,
  vectorContext.network,
  vectorContext.pool,
  number(4, vectorContext.setVersion),
  vectorContext.previousDigest,
);

const bodyBytes = concatBytes(
  ...[
    vectorBody.epoch,
    vectorBody.floor,
    vectorBody.asOf,
    vectorBody.validUntil,
    vectorBody.allocated,
    vectorBody.leafCount,
  ].map(u64),
  vectorBody.payoutRoot,
  vectorBody.marketRoot,
  vectorBody.logRoot,
  vectorBody.leafFileHash,
);

export const vectorRotation = {
  context: { ...vectorContext, proposals: 9 },
  rotation: {
    validUntil: 1_700_000_900n,
    attestors: { threshold: 2, keys: [named("attestor 1"), named("attestor 2"), named("attestor 3")] },
  },
};

const rotationData = concatBytes(
  u64(vectorRotation.rotation.validUntil),
  Uint8Array.of(3, 2),
  ...vectorRotation.rotation.attestors.keys,
);

const commitDigest = sha(contextBytes, bodyBytes);
const rotationDigest = sha(
  vectorContext.program,
  vectorContext.cluster,
  vectorContext.network,
  number(4, vectorContext.setVersion),
  number(4, vectorRotation.context.proposals),
  rotationData,
);

type Plain = string | number | readonly Plain[] | { readonly [name: string]: Plain };

function plain(value: unknown): Plain {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint" || typeof value === "number") return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "string") return value;
  return Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, plain(each)]));
}

/** What program/vectors.json says. */
export const settlementVectors = plain({
  pool,
  payouts: {
    leafCount: 7,
    leaves: vectorPayouts.map((leaf) => ({
      ...leaf,
      hash: payoutHash(leaf),
      proof: proofIn(payoutHashes, leaf.index, 0),
    })),
    subtree: { first: 0, height: 2, count: 4, proof: proofIn(payoutHashes, 0, 2) },
    root: vectorBody.payoutRoot,
  },
  markets: {
    leaves: vectorMarkets.map((leaf, position) => ({
      ...leaf,
      position,
      hash: marketHashes[position],
      proof: proofIn(marketHashes, position, 0),
    })),
    root: vectorBody.marketRoot,
  },
  lanes: {
    leaves: vectorLanes.map((leaf, position) => ({
      ...leaf,
      position,
      hash: laneHashes[position],
      proof: proofIn(laneHashes, position, 0),
    })),
    root: vectorBody.logRoot,
  },
  leafFile: { epoch: 3, bytes: leafFile, hash: vectorBody.leafFileHash },
  commit: {
    context: { ...vectorContext, bytes: contextBytes },
    body: { ...vectorBody, bytes: bodyBytes },
    digest: commitDigest,
    signedBytes: concatBytes(toUtf8("earnest:commit:1"), commitDigest),
  },
  rotation: {
    setVersion: vectorContext.setVersion,
    proposals: vectorRotation.context.proposals,
    data: rotationData,
    digest: rotationDigest,
    rotateBytes: concatBytes(toUtf8("earnest:rotate:1"), rotationDigest),
    cancelBytes: concatBytes(toUtf8("earnest:cancel:1"), rotationDigest),
  },
});
