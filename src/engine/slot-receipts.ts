import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { laneTree } from "../core/commit/epoch-trees.ts";
import { earnestError } from "../core/errors.ts";
import { LogNodes } from "../core/log-nodes.ts";
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
import { ahead, beginnings } from "./ahead.ts";
import { Cache, kept } from "./cache.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { firstLane } from "./lanes.ts";
import type { Pools } from "./pools.ts";
import type { createReceipts } from "./receipts.ts";
import { type Committed, loadCommitted, messageOf, poolOf } from "./settlement/committed.ts";
import type { SignedHead, SlotReceipt } from "./types.ts";

interface Parts {
  readonly pools: Pools;
  readonly receipts: Pick<ReturnType<typeof createReceipts>, "newestHead" | "nodesUpTo">;
  readonly markets: Pick<Engine, "market">;
}

/** The last commit with all that proves something under its roots. */
interface Proving extends Committed {
  readonly message: ReceiptCommit["message"];
  readonly signatures: ReceiptCommit["signatures"];
  readonly lanes: MerkleTree;
  readonly payoutOf: ReadonlyMap<number, PayoutLeaf>;
}

/** What receipts stand on: a whole market's on the same, whatever is appended and committed while they are made. */
interface Anchors {
  readonly proving: Proving | null;
  readonly head: SignedHead;
}

/** Tasks whose receipts are made at a time. */
const portion = 200;
/** The entry that every log begins with. */
const created = 1;

/** The hashes of a batch's tasks, and the nodes over them. */
interface TaskNodes {
  readonly hashes: readonly Bytes32[];
  readonly nodes: LogNodes;
}

/** An entry with its path to one root of the lane; null where that root does not cover it. */
type EntryOf = (sequence: number) => ReceiptEntry | null;

/** What became of submissions, proved: each receipt stands on its own, for whoever trusts the attestors or the signer. */
export function createSlotReceipts(
  context: EngineContext,
  { receipts, markets, pools }: Parts,
): Pick<Engine, "slotReceipt" | "slotReceipts"> {
  const { pool, clock } = context;
  const hash = hashOf(context);
  const provings = new Cache<Promise<Proving>>({ max: 4, ttlMs: 600_000, clock });
  const batchCache = new Cache<Promise<TaskNodes>>({ max: 4, ttlMs: 600_000, clock });

  /** Null before the first commit. */
  const newestProving = async (market: MarketId): Promise<Proving | null> => {
    const of = await pools.of(market);
    const row = await readNewestOf(pool, "committed", of.poolNumber);
    if (row === null || !row.hasLeafFile) return null;
    const digest = bytes32(row.digest);
    return await kept(provings, digest.join(), async () => {
      const committed = await loadCommitted(of, digest);
      const signatures = (await readSignatures(pool, digest)).map((each) => ({ ...each, key: bytes32(each.key) }));
      return {
        ...committed,
        message: messageOf(row),
        signatures,
        lanes: laneTree(hash, poolOf(of), committed.leaves.lanes),
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
    kept(batchCache, `${market}/${first}`, async () => {
      const rows = await readTaskHashes(pool, marketIdToBytes(market), firstLane, first, first + count - 1);
      const hashes = rows.map(bytes32);
      const nodes = new LogNodes(hash);
      for (const each of hashes) nodes.append(each);
      return { hashes, nodes };
    });

  const entriesOf = async (
    market: MarketId,
    sequences: readonly number[],
  ): Promise<ReadonlyMap<number, Uint8Array>> => {
    const stored = await readEntriesAt(pool, marketIdToBytes(market), firstLane, sequences);
    return new Map(stored.map(({ sequence, encoded }) => [sequence, encoded]));
  };

  const taskOf = async (market: MarketId, task: number, batch: ReceiptEntry | null): Promise<Receipt["task"]> => {
    const entry = batch === null ? null : decodeEntry(batch.encoded);
    if (entry?.kind !== "batchAdded") return null;
    const { hashes, nodes } = await batchOf(market, entry.first, entry.count);
    const place = task - entry.first;
    return { hash: hashes[place] as Bytes32, path: nodes.path(place) };
  };

  const newestAnchors = async (market: MarketId): Promise<Anchors> => ({
    proving: await newestProving(market),
    head: await receipts.newestHead(market, firstLane),
  });

  /** Of verdicts in task order, none of them later than the anchors' head: what they share is read once. */
  const receiptsOf = async (
    market: MarketId,
    verdicts: readonly StoredVerdict[],
    { proving, head }: Anchors,
  ): Promise<Uint8Array[]> => {
    const [first, last] = [verdicts[0], verdicts.at(-1)];
    if (first === undefined || last === undefined) return [];
    const key = marketIdToBytes(market);
    const contributors = [...new Set(verdicts.map(({ contributor }) => contributor))];
    const [joinedAt, batches] = await Promise.all([
      readJoined(pool, key, firstLane, contributors),
      readBatches(pool, key, firstLane, first.task, last.task),
    ]);
    const neededBy = verdicts.map((verdict) => {
      const batch = batches.findLast((each) => each.first <= verdict.task)?.sequence ?? 0;
      const joined = joinedAt.get(verdict.contributor) ?? 0;
      const sequences = new Set([created, batch, joined, verdict.submittedSequence, ...verdict.sequences]);
      const commit = commitOf(proving, market, verdict.contributor, verdict.decidedSequence);
      const size = commit?.lane.size ?? head.sequence;
      return { verdict, batch, commit, size, sequences: [...sequences].sort((a, b) => a - b) };
    });
    const all = [...new Set(neededBy.flatMap(({ sequences }) => sequences))];
    const nodes = await receipts.nodesUpTo(market, firstLane, Math.max(...neededBy.map(({ size }) => size)));
    const encodedOf = await entriesOf(market, all);
    // All receipts show how their market began, and many share a batch.
    const known = new Map<string, ReceiptEntry | null>();
    const entryAt = (sequence: number, size: number): ReceiptEntry | null => {
      const name = `${sequence}/${size}`;
      const encoded = sequence > size ? undefined : encodedOf.get(sequence);
      const entry =
        known.get(name) ?? (encoded === undefined ? null : { sequence, encoded, path: nodes.path(sequence - 1, size) });
      known.set(name, entry);
      return entry;
    };
    return await Promise.all(
      neededBy.map(async ({ verdict: { task, ordinal }, batch, commit, size, sequences }) => {
        const entryOf: EntryOf = (sequence) => entryAt(sequence, size);
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
      const [receipt] = verdict === null ? [] : await receiptsOf(market, [verdict], await newestAnchors(market));
      if (receipt !== undefined) return receipt;
      await markets.market(market);
      throw earnestError("SLOT_STATE", { slot: formatSlot(slot), state: "without a verdict" });
    },

    async *slotReceipts(market, after) {
      const { taskCount } = await markets.market(market);
      let newest = await newestAnchors(market);
      const portionFrom = async (from: number): Promise<SlotReceipt[]> => {
        // The portion behind this one may renew them while this one is made.
        const begunOn = newest;
        const to = from + portion - 1;
        const all = await readVerdictsOfTasks(pool, marketIdToBytes(market), firstLane, from, to);
        const isBehind = ({ task, ordinal }: StoredVerdict): boolean =>
          after === null || task > after.task || ordinal > after.ordinal;
        const verdicts = all.filter(isBehind);
        const isOlder = verdicts.some(({ decidedSequence }) => decidedSequence > begunOn.head.sequence);
        if (isOlder) newest = await newestAnchors(market);
        const made = await receiptsOf(market, verdicts, isOlder ? newest : begunOn);
        return verdicts.map(({ task, ordinal }, i) => ({ slot: { task, ordinal }, receipt: made[i] as Uint8Array }));
      };
      yield* ahead(beginnings(after?.task ?? 0, taskCount, portion), portionFrom);
    },
  };
}
