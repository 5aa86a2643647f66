import type { Network } from "../../src/contract/network.ts";
import { amount } from "../../src/core/amount.ts";
import { type Bytes32, toBase58 } from "../../src/core/bytes.ts";
import { type CommitMessage, commitDigest, signedBytes } from "../../src/core/commit/commit-message.ts";
import { epochRoots, laneTree, leafCountOf, payoutTree } from "../../src/core/commit/epoch-trees.ts";
import type { EpochLeaves } from "../../src/core/commit/leaf-file.ts";
import { logLeaf, logPath, logRoot, logTreeOf } from "../../src/core/log-tree.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import type { Slot } from "../../src/core/slot.ts";
import { headStatement } from "../../src/core/statements.ts";
import { type Entry, encodeEntry, type Reason, type Ruling } from "../../src/market/entries.ts";
import type { Receipt, ReceiptCommit } from "../../src/market/settlement/receipt.ts";
import type { ReceiptTrust } from "../../src/market/settlement/verify-receipt.ts";
import { specText } from "../../src/market/spec.ts";
import { attestorSet, attestors, signedBy } from "./attestors.ts";
import { requesterKey, specWith, startMs } from "./market.ts";
import { named, sha256 } from "./market-hash.ts";
import { marketIds, pinned, tokenAccountOf } from "./settlement-world.ts";

/** Receipts for the slots of a log that is made up: nothing here runs the rules of a market. */

export const slot: Slot = { task: 3, ordinal: 1 };
export const contributor = 2;
export const [market] = marketIds;
export const taskHashes: readonly Bytes32[] = Array.from({ length: 5 }, (_, task) => named(`task ${task}`));
const tasksRoot = logRoot(sha256, logTreeOf(sha256, taskHashes));

export const judged = (verdict: Ruling, reason: Reason, of: Slot = slot): Entry => ({
  kind: "judged",
  ...of,
  verdict,
  reason,
});

/** A log in which the contributor answers the slot, and `decided` follows. */
export const logWith = (...decided: readonly Entry[]): Entry[] => [
  { kind: "created", market, lane: 0, requester: requesterKey, spec: specText(specWith()) },
  { kind: "timed", timeMs: startMs },
  { kind: "batchAdded", first: 1, count: 5, root: tasksRoot, terms: "", controls: [] },
  { kind: "joined", contributor: 1, key: named("key 1"), owner: named("owner 1"), automated: false, facts: "" },
  { kind: "joined", contributor, key: named("key 2"), owner: named("owner 2"), automated: false, facts: "" },
  { kind: "submitted", task: 3, ordinal: 0, contributor: 1, body: named("other body"), next: null },
  { kind: "submitted", ...slot, contributor, body: named("body"), next: null },
  ...decided,
  { kind: "cut", epoch: 2 },
];

/** The same log of another market, which pays in a token that is not the network's home token. */
export const logInToken = (log: readonly Entry[], mint: string): Entry[] =>
  log.map((entry) =>
    entry.kind === "created" ? { ...entry, market: marketIds[1], spec: specText({ ...specWith(), mint }) } : entry,
  );

const marketOf = ([created]: readonly Entry[]): MarketId => (created?.kind === "created" ? created.market : market);

const belongs = (entry: Entry): boolean => {
  if (entry.kind === "joined" || entry.kind === "submitted") return entry.contributor === contributor;
  return entry.kind !== "timed" && entry.kind !== "cut";
};

/** Standing on the signed head of the log. */
export function headReceipt(log: readonly Entry[], keep = belongs): Receipt {
  const encoded = log.map(encodeEntry);
  const leaves = encoded.map((bytes) => logLeaf(sha256, bytes));
  const root = rootOf(log);
  const head = { sequence: log.length, root, timeMs: startMs };
  const statement = headStatement({ market: marketOf(log), lane: 0, ...head });
  return {
    market: marketOf(log),
    lane: 0,
    slot,
    head: { ...head, signature: signer.sign(statement) },
    commit: null,
    entries: log.flatMap((entry, i) =>
      keep(entry) ? [{ sequence: i + 1, encoded: encoded[i] as Uint8Array, path: logPath(sha256, leaves, i) }] : [],
    ),
    task: {
      hash: taskHashes[2] as Bytes32,
      path: logPath(sha256, taskHashes, 2),
    },
  };
}

const rootOf = (log: readonly Entry[]): Bytes32 =>
  logRoot(
    sha256,
    logTreeOf(
      sha256,
      log.map((entry) => logLeaf(sha256, encodeEntry(entry))),
    ),
  );

const signer = attestors[5] as (typeof attestors)[0];

export const epochLeaves = (log: readonly Entry[]): EpochLeaves => ({
  payouts: Array.from({ length: 9 }, (_, index) => ({
    index,
    destination: tokenAccountOf(named(`key ${index}`)),
    cumulative: amount(BigInt(index) * 1_000n),
    held: amount(7n),
  })),
  markets: [{ account: named("escrow"), openedAt: 1, allocated: amount(36_063n) }],
  lanes: marketIds.map((id) => ({
    market: id,
    lane: 0,
    size: log.length,
    root: rootOf(log),
  })),
});

/** Completed: standing on a commit that two of three attestors signed. */
export function commitReceipt(
  log: readonly Entry[],
  parts: { readonly signers?: readonly number[]; readonly pool?: Bytes32 } = {},
): Receipt {
  const leaves = epochLeaves(log);
  const { program, cluster, network } = pinned;
  const { pool = pinned.pool } = parts;
  const place = leaves.lanes.findIndex((lane) => lane.market === marketOf(log));
  const message: CommitMessage = {
    context: { program, cluster, network, pool, setVersion: 3, previousDigest: named("previous") },
    body: {
      epoch: 2n,
      floor: 0n,
      asOf: 3_000n,
      validUntil: 3_300n,
      allocated: amount(36_063n),
      leafCount: BigInt(leafCountOf(leaves.payouts)),
      ...epochRoots(sha256, pool, leaves),
      leafFileHash: named("leaf file"),
    },
  };
  const signed = signedBytes("commit", commitDigest(sha256, message));
  const commit: ReceiptCommit = {
    message,
    signatures: signedBy(signed, ...(parts.signers ?? [0, 2])),
    lane: leaves.lanes[place] as ReceiptCommit["lane"],
    laneProof: laneTree(sha256, pool, leaves.lanes).proof(place),
    payout: leaves.payouts[contributor] as ReceiptCommit["payout"],
    payoutProof: payoutTree(sha256, pool, leaves.payouts).proof(contributor),
  };
  return { ...headReceipt(log), head: null, commit };
}

export const trust: ReceiptTrust = {
  signer: signer.publicKey,
  commits: { ...pinned, sets: new Map([[3, attestorSet(3)]]) },
};

const { threshold, keys } = attestorSet(3);

/** What the server says of the network that the receipts are of. */
export const network: Network = {
  cluster: toBase58(pinned.cluster),
  mint: toBase58(named("mint")),
  decimals: 6,
  program: toBase58(pinned.program),
  network: toBase58(pinned.network),
  pool: toBase58(pinned.pool),
  vault: toBase58(named("vault")),
  tokens: [],
  attestors: { threshold, keys: keys.map(toBase58) },
  signer: toBase58(signer.publicKey),
  feeBasisPoints: 200,
  domain: "earnest.test",
  timeMs: 1,
};
