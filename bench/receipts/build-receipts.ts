import { amount } from "#src/core/amount";
import { bytes32, toUtf8 } from "#src/core/bytes";
import { type CommitMessage, commitDigest, signedBytes } from "#src/core/commit/commit-message";
import { epochRoots, laneTree, leafCountOf, payoutTree } from "#src/core/commit/epoch-trees";
import type { EpochLeaves } from "#src/core/commit/leaf-file";
import { emptyLogTree, grownPaths, logRoot } from "#src/core/log-tree";
import type { LaneLeaf, PayoutLeaf } from "#src/core/merkle/leaves";
import { headStatement } from "#src/core/statements";
import { sha256, signerFromSeed } from "#src/main/crypto";
import { encodeReceipt, type Receipt, type ReceiptEntry } from "#src/market/settlement/receipt";
import type { ReceiptTrust } from "#src/market/settlement/verify-receipt";
import type { LaneState } from "#src/market/state";
import type { Appended } from "#src/market/step";
import { buildLane } from "../replay/build-lane.ts";

export interface BuiltReceipts {
  /** Standing on the lane's signed head. */
  readonly first: readonly Uint8Array[];
  /** Standing on a commit that two of three attestors signed. */
  readonly completed: readonly Uint8Array[];
  readonly trust: ReceiptTrust;
}

const named = (name: string) => sha256(toUtf8(name));
const headSigner = signerFromSeed(named("signer"));
const attestors = [1, 2, 3].map((each) => signerFromSeed(named(`attestor ${each}`)));
const pinned = {
  program: named("program"),
  cluster: named("cluster"),
  network: named("network"),
  pool: named("pool"),
};
/** So many have leaves in the same commit. */
const lanesInAll = 1_000;
const contributors = 100_000;

/** Receipts for the first submissions of a lane that `decide` ran; their paths are those of a log of all its entries. */
export function buildReceipts(count: number): BuiltReceipts {
  const log: Appended[] = [];
  const { state } = buildLane({ lane: 0, entries: 5 * count, hasPolicy: false, isSigned: false }, (each) =>
    log.push(each),
  );
  const receipts = receiptsOf(state, log, count);
  const complete = committing(state);
  const sets = new Map([[1, { threshold: 2, keys: attestors.map(({ publicKey }) => bytes32(publicKey)) }]]);
  return {
    first: receipts.map(({ receipt }) => encodeReceipt(receipt)),
    completed: receipts.map(({ receipt, contributor }) => encodeReceipt(complete(receipt, contributor))),
    trust: { signer: bytes32(headSigner.publicKey), commits: { ...pinned, sets } },
  };
}

interface MadeReceipt {
  readonly receipt: Receipt;
  readonly contributor: number;
}

function receiptsOf(state: LaneState, log: readonly Appended[], count: number): MadeReceipt[] {
  const paths = grownPaths(
    sha256,
    emptyLogTree,
    log.map(({ completed }) => completed),
  );
  const { market, lane, timeMs, tree } = state;
  const head = { sequence: tree.size, root: logRoot(sha256, tree), timeMs };
  const signature = headSigner.sign(headStatement({ market, lane, ...head }));
  const entryAt = ({ sequence, encoded }: Appended): ReceiptEntry => ({
    sequence,
    encoded,
    path: paths[sequence - 1] as ReceiptEntry["path"],
  });
  const joined = new Map(log.flatMap((each) => (each.entry.kind === "joined" ? [[each.entry.contributor, each]] : [])));
  const settled = new Map(log.flatMap((each) => (each.entry.kind === "settled" ? [[each.entry.task, each]] : [])));
  const batches = log.filter(({ entry }) => entry.kind === "batchAdded");
  const receipts: MadeReceipt[] = [];
  for (const submitted of log) {
    const { entry } = submitted;
    if (entry.kind !== "submitted" || receipts.length === count) continue;
    const { task, ordinal, contributor } = entry;
    const decided = settled.get(task);
    const batch = batches.find(
      (each) => each.entry.kind === "batchAdded" && task < each.entry.first + each.entry.count,
    );
    const about = [log[0], batch, joined.get(contributor), submitted, decided];
    if (about.includes(undefined)) continue;
    const entries = (about as Appended[]).toSorted((a, b) => a.sequence - b.sequence).map(entryAt);
    const slot = { task, ordinal };
    const receipt = { market, lane, slot, head: { ...head, signature }, commit: null, entries, task: null };
    receipts.push({ receipt, contributor });
  }
  return receipts;
}

/** A commit with this lane among others, and what completes a receipt by it. */
function committing({ market, lane, tree }: LaneState): (receipt: Receipt, contributor: number) => Receipt {
  const { pool } = pinned;
  const payouts = Array.from({ length: contributors }, (_, index): PayoutLeaf => {
    const cumulative = amount(BigInt(index) * 1_000n);
    return { index, destination: named(`destination ${index}`), cumulative, held: amount(0n) };
  });
  const other = named("another lane");
  const lanes = Array.from({ length: lanesInAll }, (_, number): LaneLeaf => {
    const isThis = number === lane;
    return { market, lane: number, size: isThis ? tree.size : 1, root: isThis ? logRoot(sha256, tree) : other };
  });
  const leaves: EpochLeaves = { payouts, markets: [], lanes };
  const message: CommitMessage = {
    context: { ...pinned, setVersion: 1, previousDigest: named("previous") },
    body: {
      epoch: 2n,
      floor: 0n,
      asOf: 3_000n,
      validUntil: 3_300n,
      allocated: amount(0n),
      leafCount: BigInt(leafCountOf(payouts)),
      ...epochRoots(sha256, pool, leaves),
      leafFileHash: named("leaf file"),
    },
  };
  const signed = signedBytes("commit", commitDigest(sha256, message));
  const signatures = attestors.slice(1).map((each) => ({ key: bytes32(each.publicKey), signature: each.sign(signed) }));
  const laneProof = laneTree(sha256, pool, lanes).proof(lane);
  const payoutsTree = payoutTree(sha256, pool, payouts);
  return (receipt, contributor) => {
    const payout = payouts[contributor] as PayoutLeaf;
    const payoutProof = payoutsTree.proof(contributor);
    const leaf = lanes[lane] as LaneLeaf;
    return { ...receipt, head: null, commit: { message, signatures, lane: leaf, laneProof, payout, payoutProof } };
  };
}
