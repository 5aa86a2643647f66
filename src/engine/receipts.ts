import { bytes32, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { LogNodes } from "../core/log-nodes.ts";
import { logLeaf } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { decodeEntry, type Entry } from "../market/entries.ts";
import { parseSpecText } from "../market/spec.ts";
import { tellsPlaces } from "../market/witnessed.ts";
import { readEncodedEntries, readEntries, readEntriesAt, type StoredEntry } from "../store/log/read-entries.ts";
import { readNewestHead } from "../store/log/read-newest-head.ts";
import { readPaidSequences } from "../store/tasks/read-verdicts.ts";
import { Cache } from "./cache.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { openBodies } from "./places/bodies.ts";
import type { Acknowledgement, LogPage, SignedHead } from "./types.ts";

/** Proves any entries of a lane under a signed head. */
export interface Prover {
  readonly head: SignedHead;
  /** Reads entries at once, for as many proofs as they are needed in. @throws ENTRY_NOT_FOUND */
  read(sequences: readonly number[]): Promise<ReadEntries>;
}

export interface ReadEntries {
  /** One that was read. */
  at(sequence: number): StoredEntry;
  prove(sequences: readonly number[]): Acknowledgement;
}

type Receipts = Pick<Engine, "receipt" | "log" | "wholeLog"> & {
  newestProver(market: MarketId, lane: number): Promise<Prover>;
  newestHead(market: MarketId, lane: number): Promise<SignedHead>;
  /** The nodes of at least the first `size` entries, as many as the log has. */
  nodesUpTo(market: MarketId, lane: number, size: number): Promise<LogNodes>;
};

/** What is known of a lane's log, and what is being read of it. */
interface Known {
  readonly nodes: LogNodes;
  reading: Promise<void>;
}

const entriesPerRead = 5_000;

export function createReceipts(context: EngineContext): Receipts {
  const { pool } = context;
  const hash = hashOf(context);
  const ofPlaces = new Cache<boolean>({ max: 10_000, ttlMs: 86_400_000, clock: context.clock });
  /** Kept while they are asked for: proving entry after entry reads the log once, and then what came since. */
  const nodesOf = new Cache<Known>({ max: 4, ttlMs: 60_000, clock: context.clock });

  const newestHead = async (market: MarketId, lane: number): Promise<SignedHead> => {
    const head = await readNewestHead(pool, marketIdToBytes(market), lane);
    if (head === null) throw earnestError("MARKET_NOT_FOUND", { market });
    return { ...head, root: bytes32(head.root) };
  };

  const nodesUpTo = async (market: MarketId, lane: number, size: number): Promise<LogNodes> => {
    const key = `${market}/${lane}`;
    const known = nodesOf.get(key) ?? { nodes: new LogNodes(hash), reading: Promise.resolve() };
    nodesOf.set(key, known);
    known.reading = known.reading.then(() => readUpTo(known.nodes, market, lane, size));
    try {
      await known.reading;
    } catch (error) {
      nodesOf.delete(key);
      throw error;
    }
    return known.nodes;
  };

  const readUpTo = async (nodes: LogNodes, market: MarketId, lane: number, size: number): Promise<void> => {
    while (nodes.size < size) {
      const limit = Math.min(size - nodes.size, entriesPerRead);
      const entries = await readEncodedEntries(pool, marketIdToBytes(market), lane, nodes.size, limit);
      if (entries.length === 0) return;
      for (const encoded of entries) nodes.append(logLeaf(hash, encoded));
    }
  };

  const proverOf = (market: MarketId, lane: number, head: SignedHead): Prover => ({
    head,
    async read(sequences) {
      const outside = sequences.find((each) => !Number.isSafeInteger(each) || each < 1 || each > head.sequence);
      if (outside !== undefined) throw earnestError("ENTRY_NOT_FOUND", { lane, sequence: outside });
      const nodes = await nodesUpTo(market, lane, head.sequence);
      const stored = await readEntriesAt(pool, marketIdToBytes(market), lane, sequences);
      const found = new Map(stored.map((entry) => [entry.sequence, entry]));
      const at = (sequence: number): StoredEntry => found.get(sequence) as StoredEntry;
      const proved = (sequence: number): Acknowledgement["entries"][number] => ({
        sequence,
        encoded: at(sequence).encoded,
        path: nodes.path(sequence - 1, head.sequence),
      });
      return {
        at,
        prove: (wanted) => ({ market, lane, head, entries: ascending(wanted).map(proved) }),
      };
    },
  });

  const page = async (market: MarketId, lane: number, from: number, limit: number): Promise<LogPage> => {
    const head = await newestHead(market, lane);
    const stored = await readEntries(pool, marketIdToBytes(market), lane, from, limit);
    return { records: stored.filter(({ sequence }) => sequence <= head.sequence), head };
  };

  return {
    newestHead,
    nodesUpTo,

    async newestProver(market, lane) {
      return proverOf(market, lane, await newestHead(market, lane));
    },

    async receipt(market, lane, sequences) {
      const prover = proverOf(market, lane, await newestHead(market, lane));
      return (await prover.read(sequences)).prove(sequences);
    },

    async wholeLog(market, lane, from, limit) {
      const { records, head } = await page(market, lane, from, limit);
      return { records: await openBodies(context, marketIdToBytes(market), records), head };
    },

    async log(market, lane, from, limit) {
      const { records, head } = await page(market, lane, from, limit);
      return { records: await publicRecords(context, ofPlaces, market, lane, records), head };
    },
  };
}

/** Each once. */
const ascending = (sequences: readonly number[]): number[] => [...new Set(sequences)].sort((a, b) => a - b);

/**
 * Programs and bodies of paid answers are public; other bodies, and answers of control tasks, go by their hashes, and so do
 * all bodies of a market that looks at where people and devices are.
 */
async function publicRecords(
  context: EngineContext,
  ofPlaces: Cache<boolean>,
  market: MarketId,
  lane: number,
  stored: readonly StoredEntry[],
): Promise<LogPage["records"]> {
  const entries = stored.map((record) => ({ record, entry: decodeEntry(record.encoded) }));
  const tasks = entries.flatMap(({ entry }) => (entry.kind === "submitted" ? [entry.task] : []));
  const isOfPlaces = tasks.length > 0 && (await looksAtPlaces(context, ofPlaces, market, lane));
  const paid = isOfPlaces
    ? new Set<number>()
    : await readPaidSequences(context.pool, marketIdToBytes(market), lane, [...new Set(tasks)]);
  return entries.map(({ record, entry }) => {
    const isPublic = entry.kind === "programAdded" || paid.has(record.sequence);
    return { ...record, attachment: isPublic ? record.attachment : null };
  });
}

/** Whether the market's submissions say where somebody was. A specification never changes: what it says is kept. */
async function looksAtPlaces({ pool }: EngineContext, kept: Cache<boolean>, market: MarketId, lane: number) {
  const known = kept.get(market);
  if (known !== undefined) return known;
  const [first] = await readEntriesAt(pool, marketIdToBytes(market), lane, [1]);
  const entry = first === undefined ? null : decodeEntry(first.encoded);
  return kept.set(market, entry?.kind === "created" && tellsPlaces(parseSpecText(entry.spec)));
}

/** An entry as JSON: bytes in hexadecimal, amounts as decimal strings of base units. */
export function entryJson(entry: Entry): { readonly [key: string]: Json } {
  return toJson(entry) as { readonly [key: string]: Json };
}

function toJson(value: unknown): Json {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJson(each)]));
  }
  return value as Json;
}
