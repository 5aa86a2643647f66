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
import { readBatches, readJoined } from "../store/log/landmarks.ts";
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
/** The entry that every log begins with. */
const created = 1;

/** An entry with its path to one root of the lane; null where that root does not cover it. */
type EntryOf = (sequence: number) => ReceiptEntry | null;

/** What became of submissions, proved: each receipt stands on its own, for whoever trusts the attestors or the signer. */
export function createSlotReceipts(
  context: EngineContext,
  { receipts, markets }: Parts,
): Pick<Engine, "slotReceipt" | "slotReceipts"> {
  const { pool, clock } = context;
  const hash = hashOf(context);
  const provings = new Cache<Promise<Proving>>({ max: 1, ttlMs: 600_000, clock });
  const paths = new Cache<Promise<readonly LogPath[]>>({ max: 4, ttlMs: 60_000, clock });
  const batchCache = new Cache<Promise<{ hashes: readonly Bytes32[]; paths: readonly LogPath[] }>>({
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
    remembered(batchCache, `${market}/${first}`, async () => {
      const rows = await readTaskHashes(pool, marketIdToBytes(market), firstLane, first, first + count - 1);
      const hashes = rows.map(bytes32);
      return { hashes, paths: appendedPaths(hash, emptyLogTree, hashes) };
    });

  const entriesUpTo = async (market: MarketId, sequences: readonly number[], size: number): Promise<EntryOf> => {
    const proofs = await remembered(paths, `${market}/${size}`, () => receipts.pathsUpTo(market, firstLane, size));
    const stored = await readEntriesAt(pool, marketIdToBytes(market), firstLane, sequences);
    const encodedOf = new Map(stored.map(({ sequence, encoded }) => [sequence, encoded]));
    return (sequence) => {
      const [encoded, path] = [encodedOf.get(sequence), proofs[sequence - 1]];
      return encoded === undefined || path === undefined ? null : { sequence, encoded, path };
    };
  };

  const taskOf = async (market: MarketId, task: number, batch: ReceiptEntry | null): Promise<Receipt["task"]> => {
    const entry = batch === null ? null : decodeEntry(batch.encoded);
    if (entry?.kind !== "batchAdded") return null;
    const { hashes, paths: proofs } = await batchOf(market, entry.first, entry.count);
    const place = task - entry.first;
    return { hash: hashes[place] as Bytes32, path: proofs[place] as LogPath };
  };

  /** Of verdicts in task order: what they share is read once. */
  const receiptsOf = async (market: MarketId, verdicts: readonly StoredVerdict[]): Promise<Uint8Array[]> => {
    const [first, last] = [verdicts[0], verdicts.at(-1)];
    if (first === undefined || last === undefined) return [];
    const proving = await newestProving();
    const key = marketIdToBytes(market);
    const contributors = [...new Set(verdicts.map(({ contributor }) => contributor))];
    const [joinedAt, batches, head] = await Promise.all([
      readJoined(pool, key, firstLane, contributors),
      readBatches(pool, key, firstLane, first.task, last.task),
      receipts.newestHead(market, firstLane),
    ]);
    const neededBy = verdicts.map((verdict) => {
      const batch = batches.findLast((each) => each.first <= verdict.task)?.sequence ?? 0;
      const joined = joinedAt.get(verdict.contributor) ?? 0;
      const sequences = new Set([created, batch, joined, verdict.submittedSequence, ...verdict.sequences]);
      const commit = commitOf(proving, market, verdict.contributor, verdict.decidedSequence);
      return { verdict, batch, commit, sequences: [...sequences].sort((a, b) => a - b) };
    });
    const all = [...new Set(neededBy.flatMap(({ sequences }) => sequences))];
    const sizes = new Set(neededBy.map(({ commit }) => commit?.lane.size ?? head.sequence));
    const entryAt = new Map<number, EntryOf>();
    for (const size of sizes) entryAt.set(size, await entriesUpTo(market, all, size));
    return await Promise.all(
      neededBy.map(async ({ verdict: { task, ordinal }, batch, commit, sequences }) => {
        const entryOf = entryAt.get(commit?.lane.size ?? head.sequence) as EntryOf;
        return encodeReceipt({
          market,
          lane: firstLane,
          slot: { task, ordinal },
          head: commit === null ? head : null,
          commit,
          entries: sequences.flatMap((sequence) => entryOf(sequence) ?? []),
          task: await taskOf(market, task, entryOf(batch)),
        });
      }),
    );
  };

  return {
    async slotReceipt(market, slot) {
      const verdict = await readVerdict(pool, marketIdToBytes(market), firstLane, slot.task, slot.ordinal);
      const [receipt] = verdict === null ? [] : await receiptsOf(market, [verdict]);
      if (receipt !== undefined) return receipt;
      await markets.market(market);
      throw earnestError("SLOT_STATE", { slot: formatSlot(slot), state: "without a verdict" });
    },

    async *slotReceipts(market) {
      const { taskCount } = await markets.market(market);
      for (let from = 0; from < taskCount; from += portion) {
        const to = from + portion - 1;
        const verdicts = await readVerdictsOfTasks(pool, marketIdToBytes(market), firstLane, from, to);
        const made = await receiptsOf(market, verdicts);
        for (const [i, { task, ordinal }] of verdicts.entries()) {
          yield { slot: { task, ordinal }, receipt: made[i] as Uint8Array };
        }
      }
    },
  };
}
