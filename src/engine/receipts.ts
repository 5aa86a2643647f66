import { type Bytes32, bytes32, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { appendedPaths, emptyLogTree, type LogPath, logLeaf } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { decodeEntry, type Entry } from "../market/entries.ts";
import { readEntries, readEntriesAt, type StoredEntry, streamEntries } from "../store/log/read-entries.ts";
import { readNewestHead } from "../store/log/read-newest-head.ts";
import { readPaidSequences } from "../store/tasks/read-verdicts.ts";
import { Cache } from "./cache.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { Acknowledgement, LogPage, SignedHead } from "./types.ts";

/** All leaves of a lane up to a signed head, ready to prove any of its entries. */
export interface Prover {
  readonly head: SignedHead;
  prove(sequences: readonly number[]): Promise<Acknowledgement>;
}

type Receipts = Pick<Engine, "receipt" | "log" | "wholeLog"> & {
  newestProver(market: MarketId, lane: number): Promise<Prover>;
  newestHead(market: MarketId, lane: number): Promise<SignedHead>;
  /** The paths of the first `size` entries to the lane's root at that size. */
  pathsUpTo(market: MarketId, lane: number, size: number): Promise<readonly LogPath[]>;
};

export function createReceipts(context: EngineContext): Receipts {
  const { pool } = context;
  const hash = hashOf(context);
  /** Of each lane the newest that was built: proving entry after entry reads the log once, not once an entry. */
  const provers = new Cache<{ readonly upTo: number; readonly prover: Promise<Prover> }>({
    max: 4,
    ttlMs: 60_000,
    clock: context.clock,
  });

  const newestHead = async (market: MarketId, lane: number): Promise<SignedHead> => {
    const head = await readNewestHead(pool, marketIdToBytes(market), lane);
    if (head === null) throw earnestError("MARKET_NOT_FOUND", { market });
    return { ...head, root: bytes32(head.root) };
  };

  const pathsUpTo = async (market: MarketId, lane: number, size: number): Promise<readonly LogPath[]> => {
    const leaves: Bytes32[] = [];
    for await (const entries of streamEntries(pool, marketIdToBytes(market), lane, 1, size)) {
      for (const { encoded } of entries) leaves.push(logLeaf(hash, encoded));
    }
    return appendedPaths(hash, emptyLogTree, leaves);
  };

  const buildProver = async (market: MarketId, lane: number, head: SignedHead): Promise<Prover> => {
    const paths = await pathsUpTo(market, lane, head.sequence);
    return {
      head,
      prove: async (sequences) => ({ market, lane, head, entries: await entriesAt(market, lane, sequences, paths) }),
    };
  };

  const entriesAt = async (
    market: MarketId,
    lane: number,
    sequences: readonly number[],
    paths: readonly LogPath[],
  ): Promise<Acknowledgement["entries"]> => {
    const wanted = [...new Set(sequences)].sort((a, b) => a - b);
    const outside = wanted.find((sequence) => paths[sequence - 1] === undefined);
    if (outside !== undefined) throw earnestError("ENTRY_NOT_FOUND", { lane, sequence: outside });
    const stored = await readEntriesAt(pool, marketIdToBytes(market), lane, wanted);
    return stored.map(({ sequence, encoded }) => ({ sequence, encoded, path: paths[sequence - 1] as LogPath }));
  };

  const proverUpTo = async (market: MarketId, lane: number, sequence: number): Promise<Prover> => {
    const key = `${market}/${lane}`;
    const known = provers.get(key);
    if (known !== undefined && known.upTo >= sequence) return await known.prover;
    const head = await newestHead(market, lane);
    // Entries that do not exist must not cost a reading of the whole log each time they are asked for.
    if (known?.upTo === head.sequence) return await known.prover;
    const prover = buildProver(market, lane, head);
    provers.set(key, { upTo: head.sequence, prover });
    prover.catch(() => provers.delete(key));
    return await prover;
  };

  const page = async (market: MarketId, lane: number, from: number, limit: number): Promise<LogPage> => {
    const head = await newestHead(market, lane);
    const stored = await readEntries(pool, marketIdToBytes(market), lane, from, limit);
    return { records: stored.filter(({ sequence }) => sequence <= head.sequence), head };
  };

  return {
    newestHead,
    pathsUpTo,

    async newestProver(market, lane) {
      return await proverUpTo(market, lane, (await newestHead(market, lane)).sequence);
    },

    async receipt(market, lane, sequences) {
      return await (await proverUpTo(market, lane, Math.max(...sequences))).prove(sequences);
    },

    wholeLog: page,

    async log(market, lane, from, limit) {
      const { records, head } = await page(market, lane, from, limit);
      return { records: await publicRecords(context, market, lane, records), head };
    },
  };
}

/** Bodies of paid answers are public; those of others, and the answers of control tasks, go by their hashes. */
async function publicRecords(
  context: EngineContext,
  market: MarketId,
  lane: number,
  stored: readonly StoredEntry[],
): Promise<LogPage["records"]> {
  const entries = stored.map((record) => ({ record, entry: decodeEntry(record.encoded) }));
  const tasks = entries.flatMap(({ entry }) => (entry.kind === "submitted" ? [entry.task] : []));
  const paid = await readPaidSequences(context.pool, marketIdToBytes(market), lane, [...new Set(tasks)]);
  return entries.map(({ record }) => ({ ...record, attachment: paid.has(record.sequence) ? record.attachment : null }));
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
