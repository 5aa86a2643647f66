import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StoredEntry {
  readonly sequence: number;
  readonly encoded: Uint8Array;
  readonly attachment: Uint8Array | null;
}

type Row = { sequence: bigint; encoded: Uint8Array; attachment: Uint8Array | null };

const read = statement<[market: Uint8Array, lane: number, from: number, limit: number], Row>(
  "entries.read",
  `select sequence, encoded, attachment from entries
   where market = $1 and lane = $2 and sequence >= $3 order by sequence limit $4`,
);

export async function readEntries(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  limit: number,
): Promise<StoredEntry[]> {
  const rows = await runStatement(on, read, [market, lane, from, limit]);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

const at = statement<[market: Uint8Array, lane: number, sequences: readonly number[]], Row>(
  "entries.at",
  `select sequence, encoded, attachment from entries
   where market = $1 and lane = $2 and sequence = any($3::bigint[]) order by sequence`,
);

/** Single entries, in order; those that do not exist are left out. */
export async function readEntriesAt(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  sequences: readonly number[],
): Promise<StoredEntry[]> {
  if (sequences.length === 0) return [];
  const rows = await runStatement(on, at, [market, lane, sequences]);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

/** All entries from one to another sequence, in portions, so that memory stays bounded. */
export async function* streamEntries(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  to: number,
): AsyncGenerator<StoredEntry[]> {
  let next = from;
  while (next <= to) {
    const entries = await readEntries(on, market, lane, next, Math.min(to - next + 1, 5_000));
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries;
    next = last.sequence + 1;
  }
}
