import { equalBytes } from "#src/core/bytes";
import type { StoredEntry } from "#src/store/log/read-entries";
import type { Transaction } from "../database/database.ts";
import type { OfLane } from "../database/tables.ts";
import type { Asking, Models } from "./asking.ts";
import { laneKey, placeKey } from "./keys.ts";

const isOf =
  (market: Uint8Array, lane: number) =>
  (row: OfLane): boolean =>
    row.lane === lane && equalBytes(row.market, market);

export const checkpoints = {
  async insertCheckpoint(on, market, lane, checkpoint) {
    await on.ask(async (transaction) => {
      const { checkpoints: table } = transaction.database.tables;
      const key = placeKey(market, lane, checkpoint.sequence);
      await transaction.lock(table, key);
      transaction.put(table, key, { market, lane, ...checkpoint });
    });
    await on.ask((transaction) => {
      const { checkpoints: table } = transaction.database.tables;
      const all = transaction.all(table).filter(isOf(market, lane));
      for (const { sequence } of all.slice(0, -2)) transaction.delete(table, placeKey(market, lane, sequence));
    });
  },
  readCheckpoint: (on, market, lane, upTo) =>
    on.ask((transaction) => {
      const all = transaction.all(transaction.database.tables.checkpoints).filter(isOf(market, lane));
      const found = all.filter(({ sequence }) => sequence <= upTo).at(-1);
      return found === undefined ? null : { sequence: found.sequence, hash: found.hash, state: found.state };
    }),
} satisfies Models<typeof import("#src/store/log/checkpoints")>;

function entryAt(transaction: Transaction, market: Uint8Array, lane: number, at: number): StoredEntry[] {
  const row = transaction.get(transaction.database.tables.entries, placeKey(market, lane, at));
  return row === undefined ? [] : [{ sequence: row.sequence, encoded: row.encoded, attachment: row.attachment }];
}

const headOf = (transaction: Transaction, market: Uint8Array, lane: number): number =>
  transaction.get(transaction.database.tables.lanes, laneKey(market, lane))?.sequence ?? 0;

const readSome = (on: Asking, market: Uint8Array, lane: number, from: number, limit: number): Promise<StoredEntry[]> =>
  on.ask((transaction) => {
    const last = Math.min(headOf(transaction, market, lane), from + limit - 1);
    const places = Array.from({ length: Math.max(last - from + 1, 0) }, (_, i) => from + i);
    return places.flatMap((at) => entryAt(transaction, market, lane, at));
  });

export const readEntries = {
  readEntries: readSome,
  readEntriesAt: async (on, market, lane, sequences) =>
    sequences.length === 0
      ? []
      : await on.ask((transaction) =>
          [...new Set(sequences)].sort((a, b) => a - b).flatMap((at) => entryAt(transaction, market, lane, at)),
        ),
  readEncodedEntries: async (on, market, lane, after, limit) =>
    (await readSome(on, market, lane, after + 1, limit)).map(({ encoded }) => encoded),
  async *streamEntries(on, market, lane, from, to) {
    for (let next = from; next <= to; ) {
      const entries = await readSome(on, market, lane, next, Math.min(to - next + 1, 5_000));
      const last = entries.at(-1);
      if (last === undefined) return;
      yield entries;
      next = last.sequence + 1;
    }
  },
} satisfies Models<typeof import("#src/store/log/read-entries")>;

export const readNewestHead = {
  readNewestHead: (on, market, lane) =>
    on.ask((transaction) => {
      const { heads } = transaction.database.tables;
      const found = transaction.get(heads, placeKey(market, lane, headOf(transaction, market, lane)));
      if (found === undefined) return null;
      const { sequence, root, timeMs, signature } = found;
      return { sequence, root, timeMs, signature };
    }),
} satisfies Models<typeof import("#src/store/log/read-newest-head")>;

const marks = (transaction: Transaction, market: Uint8Array, lane: number, kind: string) =>
  transaction
    .all(transaction.database.tables.landmarks)
    .filter((row) => isOf(market, lane)(row) && row.kind === kind)
    .sort((a, b) => a.number - b.number);

export const landmarks = {
  readJoined: (on, market, lane, contributors) =>
    on.ask((transaction) => {
      const found = marks(transaction, market, lane, "joined").filter(({ number }) => contributors.includes(number));
      return new Map(found.map(({ number, sequence }) => [number, sequence]));
    }),
  readBatches: (on, market, lane, from, to) =>
    on.ask((transaction) => {
      const batches = marks(transaction, market, lane, "batch");
      const first = batches.filter(({ number }) => number <= from).at(-1);
      if (first === undefined) return [];
      return batches
        .filter(({ number }) => number >= first.number && number <= to)
        .map(({ number, sequence }) => ({ first: number, sequence }));
    }),
  readModelBefore: (on, market, lane, before) =>
    on.ask((transaction) => {
      const found = marks(transaction, market, lane, "model")
        .filter(({ sequence }) => sequence < before)
        .at(-1);
      return found === undefined ? null : { version: found.number, sequence: found.sequence };
    }),
} satisfies Models<typeof import("#src/store/log/landmarks")>;
