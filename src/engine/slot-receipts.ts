import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { laneTree } from "../core/commit/epoch-trees.ts";
import { earnestError } from "../core/errors.ts";
import { appendedPaths, emptyLogTree, type LogPath } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { LaneLeaf, PayoutLeaf } from "../core/merkle/leaves.ts";
import type { MerkleTree } from "../core/merkle/tree.ts";
import { formatSlot } from "../core/slot.ts";
import { decodeEntry } from "../market/entries.ts";
import { encodeReceipt, type Receipt, type ReceiptCommit, type ReceiptEntry } from "../market/settlement/receipt.ts";
import { readBatchOf, readJoined } from "../store/log/landmarks.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import { readSignatures } from "../store/settlement/commit-signatures.ts";
import { readNewestOf } from "../store/settlement/commits.ts";
import { readTaskHashes } from "../store/tasks/read-tasks.ts";
import { readVerdict, readVerdictsOfTasks, type StoredVerdict } from "../store/tasks/read-verdicts.ts";
import { Cache } from "./cache.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { firstLane } from "./lanes.ts";
import type { createReceipts } from "./receipts.ts";
import { type Committed, loadCommitted, messageOf, poolOf } from "./settlement/committed.ts";

interface Parts {
  readonly receipts: Pick<ReturnType<typeof createReceipts>, "newestHead" | "pathsUpTo">;
  readonly markets: Pick<Engine, "market">;
}

/** The last commit with all that proves something under its roots. */
interface Proving extends Committed {
  readonly message: ReceiptCommit["message"];
  readonly signatures: ReceiptCommit["signatures"];
  readonly lanes: MerkleTree;
  readonly payoutOf: ReadonlyMap<number, PayoutLeaf>;
}

/** Tasks whose receipts are made at a time. */
const portion = 200;

/** What became of submissions, proved: each receipt stands on its own, for whoever trusts the attestors or the signer. */
export function createSlotReceipts(
  context: EngineContext,
  { receipts, markets }: Parts,
): Pick<Engine, "slotReceipt" | "slotReceipts"> {
  const { pool, clock } = context;
  const hash = hashOf(context);
  const provings = new Cache<Promise<Proving>>({ max: 1, ttlMs: 600_000, clock });
  const paths = new Cache<Promise<readonly LogPath[]>>({ max: 4, ttlMs: 60_000, clock });
  const batches = new Cache<Promise<{ hashes: readonly Bytes32[]; paths: readonly LogPath[] }>>({
    max: 4,
    ttlMs: 600_000,
    clock,
  });

  const remembered = <T>(cache: Cache<Promise<T>>, key: string, make: () => Promise<T>): Promise<T> => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made = make();
    made.catch(() => cache.delete(key));
    return cache.set(key, made);
  };

  /** Null before the first commit. */
  const newestProving = async (): Promise<Proving | null> => {
    const row = await readNewestOf(pool, "committed");
    if (row === null || !row.hasLeafFile) return null;
    const digest = bytes32(row.digest);
    return await remembered(provings, digest.join(), async () => {
      const committed = await loadCommitted(context, digest);
      const signatures = (await readSignatures(pool, digest)).map((each) => ({ ...each, key: bytes32(each.key) }));
      return {
        ...committed,
        message: messageOf(row),
        signatures,
        lanes: laneTree(hash, poolOf(context), committed.leaves.lanes),
        payoutOf: new Map(committed.leaves.payouts.map((leaf) => [leaf.index, leaf])),
      };
    });
  };

  const laneLeafOf = ({ leaves }: Proving, market: MarketId): { leaf: LaneLeaf; place: number } | null => {
    const place = leaves.lanes.findIndex((each) => each.market === market && each.lane === firstLane);
    const leaf = leaves.lanes[place];
    return leaf === undefined ? null : { leaf, place };
  };

  /** The commit's part, where its cut covers everything that is known of the slot. */
  const commitOf = (
    proving: Proving | null,
    market: MarketId,
    contributor: number,
    newest: number,
  ): ReceiptCommit | null => {
    const lane = proving === null ? null : laneLeafOf(proving, market);
    const payout = proving?.payoutOf.get(contributor);
    if (proving === null || lane === null || payout === undefined || lane.leaf.size < newest) return null;
    const { message, signatures, lanes, payouts } = proving;
    return {
      message,
      signatures,
      lane: lane.leaf,
      laneProof: lanes.proof(lane.place),
      payout,
      payoutProof: payouts.proof(contributor),
    };
  };

  const batchOf = (market: MarketId, first: number, count: number) =>
    remembered(batches, `${market}/${first}`, async () => {
      const rows = await readTaskHashes(pool, marketIdToBytes(market), firstLane, first, first + count - 1);
      const hashes = rows.map(bytes32);
      return { hashes, paths: appendedPaths(hash, emptyLogTree, hashes) };
    });

  const entriesOf = async (market: MarketId, sequences: readonly number[], size: number): Promise<ReceiptEntry[]> => {
    const proofs = await remembered(paths, `${market}/${size}`, () => receipts.pathsUpTo(market, firstLane, size));
    const stored = await readEntriesAt(pool, marketIdToBytes(market), firstLane, sequences);
    return stored.map(({ sequence, encoded }) => ({ sequence, encoded, path: proofs[sequence - 1] as LogPath }));
  };

  const taskOf = async (market: MarketId, task: number, batch: ReceiptEntry | undefined): Promise<Receipt["task"]> => {
    const entry = batch === undefined ? null : decodeEntry(batch.encoded);
    if (entry?.kind !== "batchAdded") return null;
    const { hashes, paths: proofs } = await batchOf(market, entry.first, entry.count);
    const place = task - entry.first;
    return { hash: hashes[place] as Bytes32, path: proofs[place] as LogPath };
  };

  const receiptOf = async (market: MarketId, verdict: StoredVerdict, proving: Proving | null): Promise<Uint8Array> => {
    const { task, ordinal, contributor, submittedSequence, decidedSequence } = verdict;
    const key = marketIdToBytes(market);
    const [joined, batch] = await Promise.all([
      readJoined(pool, key, firstLane, contributor),
      readBatchOf(pool, key, firstLane, task),
    ]);
    const needed = [1, batch?.sequence, joined, submittedSequence, ...verdict.sequences];
    const sequences = [...new Set(needed.filter((each) => typeof each === "number"))].sort((a, b) => a - b);
    const commit = commitOf(proving, market, contributor, decidedSequence);
    const head = commit === null ? await receipts.newestHead(market, firstLane) : null;
    const entries = await entriesOf(
      market,
      sequences,
      commit?.lane.size ?? (head as NonNullable<typeof head>).sequence,
    );
    const batchEntry = entries.find(({ sequence }) => sequence === batch?.sequence);
    return encodeReceipt({
      market,
      lane: firstLane,
      slot: { task, ordinal },
      head,
      commit,
      entries,
      task: await taskOf(market, task, batchEntry),
    });
  };

  return {
    async slotReceipt(market, slot) {
      const verdict = await readVerdict(pool, marketIdToBytes(market), firstLane, slot.task, slot.ordinal);
      if (verdict !== null) return await receiptOf(market, verdict, await newestProving());
      await markets.market(market);
      throw earnestError("SLOT_STATE", { slot: formatSlot(slot), state: "without a verdict" });
    },

    async *slotReceipts(market) {
      const { taskCount } = await markets.market(market);
      const proving = await newestProving();
      for (let from = 0; from < taskCount; from += portion) {
        const key = marketIdToBytes(market);
        for (const verdict of await readVerdictsOfTasks(pool, key, firstLane, from, from + portion - 1)) {
          const slot = { task: verdict.task, ordinal: verdict.ordinal };
          yield { slot, receipt: await receiptOf(market, verdict, proving) };
        }
      }
    },
  };
}
