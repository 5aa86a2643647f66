import { equalBytes, toHex } from "#src/core/bytes";
import { emptyBooks, isConserved } from "#src/ledger/books";
import type { Transaction } from "../database/database.ts";
import { checkViolation, missingReference, uniqueViolation } from "../database/server-error.ts";
import type { LaneRecord } from "../database/tables.ts";
import type { Models } from "./asking.ts";
import { laneKey, placeKey } from "./keys.ts";

export const findDueLanes = {
  findDueLanes: (on, nowMs, after) =>
    on.ask((transaction) => {
      const placeOf = ({ dueAtMs, market, lane }: { dueAtMs: number; market: Uint8Array; lane: number }): string =>
        `${String(dueAtMs).padStart(16, "0")} ${laneKey(market, lane)}`;
      const last = after === null ? "" : placeOf(after);
      return lanesOf(transaction)
        .flatMap(({ market, lane, dueAtMs }) =>
          dueAtMs === null || dueAtMs > nowMs ? [] : [{ market, lane, dueAtMs }],
        )
        .filter((each) => placeOf(each) > last)
        .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
        .slice(0, 100);
    }),
} satisfies Models<typeof import("#src/store/lanes/find-due-lanes")>;

export const findUncutLanes = {
  findUncutLanes: (on) =>
    on.ask((transaction) =>
      lanesOf(transaction)
        .filter(({ sequence, cutSequence }) => sequence !== cutSequence)
        .map(({ market, lane }) => ({ market, lane })),
    ),
} satisfies Models<typeof import("#src/store/lanes/find-uncut-lanes")>;

export const insertLane = {
  insertLane: (on, market, lane, head) =>
    on.ask(async (transaction) => {
      const { lanes } = transaction.database.tables;
      const key = laneKey(market, lane);
      await transaction.lock(lanes, key);
      if (transaction.get(lanes, key) !== undefined) throw uniqueViolation("lanes");
      if (transaction.get(transaction.database.tables.markets, toHex(market)) === undefined) {
        throw missingReference("markets");
      }
      const empty = { sequence: 0, timeMs: 0, dueAtMs: null, status: "draft", epoch: 0, cutSequence: 0 };
      transaction.put(lanes, key, { market, lane, head, ...empty, books: emptyBooks() });
    }),
} satisfies Models<typeof import("#src/store/lanes/insert-lane")>;

export const lockLane = {
  lockLane: (on, market, lane) =>
    on.ask(async (transaction) => {
      const { lanes } = transaction.database.tables;
      await transaction.lock(lanes, laneKey(market, lane));
      const row = transaction.get(lanes, laneKey(market, lane));
      return row === undefined ? null : { sequence: row.sequence, head: row.head, dueAtMs: row.dueAtMs };
    }),
} satisfies Models<typeof import("#src/store/lanes/lock-lane")>;

export const postponeLane = {
  postponeLane: (on, market, lane, dueAtMs) => on.ask((transaction) => change(transaction, market, lane, { dueAtMs })),
} satisfies Models<typeof import("#src/store/lanes/postpone-lane")>;

export const readLanes = {
  readLanes: (on, market) =>
    on.ask((transaction) =>
      lanesOf(transaction)
        .filter((row) => equalBytes(row.market, market))
        .map(({ lane, sequence, head }) => ({ lane, sequence, head })),
    ),
} satisfies Models<typeof import("#src/store/lanes/read-lanes")>;

export const writeBatch = {
  writeBatch: (on, batch) =>
    on.ask(async (transaction) => {
      const { market, lane, before, after } = batch;
      const { tables } = transaction.database;
      const key = laneKey(market, lane);
      const isThere = (): boolean => {
        const row = transaction.get(tables.lanes, key);
        return row !== undefined && row.sequence === before.sequence && equalBytes(row.head, before.head);
      };
      if (!isThere()) return false;
      await transaction.lock(tables.lanes, key);
      if (!isThere()) return false;
      const { sequence, head, signature, timeMs, dueAtMs, status, epoch, books } = after;
      if (!isConserved(books)) throw checkViolation("lanes");
      await change(transaction, market, lane, { sequence, head, timeMs, dueAtMs, status, epoch, books: { ...books } });
      const place = { market, lane };
      insert(transaction, "heads", placeKey(market, lane, sequence), {
        ...place,
        sequence,
        root: head,
        timeMs,
        signature,
      });
      for (const [i, entry] of batch.entries.entries()) {
        const at = before.sequence + 1 + i;
        insert(transaction, "entries", placeKey(market, lane, at), { ...place, sequence: at, ...entryOf(entry) });
      }
      writeProjection(transaction, batch);
      return true;
    }),
} satisfies Models<typeof import("#src/store/lanes/write-batch")>;

type Batch = Parameters<typeof import("#src/store/lanes/write-batch")["writeBatch"]>[1];

/** What a column can hold of it, and nothing else that the row may carry in memory. */
const entryOf = ({ encoded, attachment }: Batch["entries"][number]) => ({ encoded, attachment });

/** All of these rows are the lane's, and written under its lock only. */
function writeProjection(transaction: Transaction, { market, lane, after, ...batch }: Batch): void {
  const { tables } = transaction.database;
  const place = { market, lane };
  for (const { contributor, released, held, paying } of batch.balances) {
    const row = { ...place, contributor, released, held, paying };
    transaction.put(tables.balances, placeKey(market, lane, contributor), row);
  }
  for (const { kind, number, sequence } of batch.landmarks) {
    const key = `${laneKey(market, lane)}/${kind}/${String(number).padStart(12, "0")}`;
    if (transaction.get(tables.landmarks, key) !== undefined) continue;
    transaction.put(tables.landmarks, key, { ...place, kind, number, sequence });
  }
  for (const { isNew: _, ...verdict } of batch.verdicts) {
    const key = placeKey(market, lane, verdict.task, verdict.ordinal);
    const known = transaction.get(tables.verdicts, key);
    const { state, reason, reward, decidedSequence } = verdict;
    const decided = { state, reason, reward, decidedSequence, decidedAtMs: after.timeMs };
    const sequences = [...(known?.sequences ?? []), ...verdict.sequences];
    transaction.put(tables.verdicts, key, { ...place, ...verdict, ...known, ...decided, sequences });
  }
  for (const { isNew: _, ...result } of batch.results) {
    const key = placeKey(market, lane, result.task);
    const known = transaction.get(tables.results, key);
    const { label, confidencePpm, decided } = result;
    transaction.put(tables.results, key, { ...place, ...result, ...known, label, confidencePpm, decided });
  }
}

function insert<Name extends "heads" | "entries">(
  transaction: Transaction,
  name: Name,
  key: string,
  row: Parameters<Transaction["database"]["tables"][Name]["rows"]["set"]>[1],
): void {
  const table = transaction.database.tables[name];
  if (transaction.get<object>(table, key) !== undefined) throw uniqueViolation(`${name} (${key})`);
  transaction.put<object>(table, key, row);
}

export const lanesOf = (transaction: Transaction): LaneRecord[] => transaction.all(transaction.database.tables.lanes);

export async function change(
  transaction: Transaction,
  market: Uint8Array,
  lane: number,
  changes: Partial<LaneRecord>,
): Promise<void> {
  const { lanes } = transaction.database.tables;
  const key = laneKey(market, lane);
  await transaction.lock(lanes, key);
  const row = transaction.get(lanes, key);
  if (row !== undefined) transaction.put(lanes, key, { ...row, ...changes });
}
