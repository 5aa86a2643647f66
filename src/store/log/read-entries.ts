import { runEntriesMax } from "../lanes/write-batch.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StoredEntry {
  readonly sequence: number;
  readonly encoded: Uint8Array;
  readonly attachment: Uint8Array | null;
}

type Row = { sequence: bigint; encoded: Uint8Array; attachment: Uint8Array | null };

/**
 * A row holds a run of entries and is found by the last of them. A run is at most `runEntriesMax` long, which bounds the
 * rows that a range can lie in on both sides: without that a plan would look at all that follow.
 */
const read = statement<[market: Uint8Array, lane: number, from: number, to: number, lastMax: number], Row>(
  "entries.read",
  `select e.last - cardinality(e.encoded) + place as sequence, run.encoded, run.attachment
   from entries e, unnest(e.encoded, e.attachments) with ordinality as run (encoded, attachment, place)
   where market = $1 and lane = $2 and last between $3 and $5
     and e.last - cardinality(e.encoded) + place between $3 and $4
   order by e.last, place`,
);

export async function readEntries(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  limit: number,
): Promise<StoredEntry[]> {
  const rows = await runStatement(on, read, [market, lane, from, from + limit - 1, from + limit - 1 + runEntriesMax]);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

const at = statement<[market: Uint8Array, lane: number, sequences: readonly number[]], Row>(
  "entries.at",
  `select wanted.sequence, encoded[wanted.sequence - last + cardinality(encoded)] as encoded,
     attachments[wanted.sequence - last + cardinality(encoded)] as attachment
   from (select distinct unnest($3::bigint[]) as sequence) wanted cross join lateral (
     select last, encoded, attachments from entries
     where market = $1 and lane = $2 and last >= wanted.sequence order by last limit 1) run
   where wanted.sequence > last - cardinality(encoded) order by wanted.sequence`,
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

const encodedOf = statement<
  [market: Uint8Array, lane: number, from: number, to: number, lastMax: number],
  { encoded: Uint8Array }
>(
  "entries.encoded",
  `select run.encoded from entries e, unnest(e.encoded) with ordinality as run (encoded, place)
   where market = $1 and lane = $2 and last between $3 and $5
     and e.last - cardinality(e.encoded) + place between $3 and $4
   order by e.last, place`,
);

/** Entries after a sequence as they were hashed, without what is attached. */
export async function readEncodedEntries(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  after: number,
  limit: number,
): Promise<Uint8Array[]> {
  const to = after + limit;
  const rows = await runStatement(on, encodedOf, [market, lane, after + 1, to, to + runEntriesMax]);
  return rows.map(({ encoded }) => encoded);
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
