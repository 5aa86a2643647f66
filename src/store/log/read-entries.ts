import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StoredEntry {
  readonly sequence: number;
  readonly encoded: Uint8Array;
  readonly attachment: Uint8Array | null;
}

type Row = { sequence: bigint; encoded: Uint8Array; attachment: Uint8Array | null };

/**
 * A row holds a run of entries, is found by the last of them, and lies compressed: what says where it begins is asked once for
 * each run, since each look at a run's entries unpacks all of them. A range ends with the run that holds its end, as a plan
 * would look at all that follow otherwise.
 */
const runsOf = (columns: string, low: string, high: string): string =>
  `select last - cardinality(encoded) as before, ${columns} from entries
   where market = $1 and lane = $2 and last between ${low} and coalesce((
     select last from entries where market = $1 and lane = $2 and last >= ${high} order by last limit 1), ${high})
   offset 0`;

const read = statement<[market: Uint8Array, lane: number, from: number, to: number], Row>(
  "entries.read",
  `select run.before + place as sequence, entry.encoded, entry.attachment
   from (${runsOf("encoded, attachments", "$3::bigint", "$4::bigint")}) run,
     unnest(run.encoded, run.attachments) with ordinality as entry (encoded, attachment, place)
   where run.before + place between $3 and $4
   order by sequence`,
);

export async function readEntries(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  limit: number,
): Promise<StoredEntry[]> {
  const rows = await runStatement(on, read, [market, lane, from, from + limit - 1]);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

type AtAsked = [
  market: Uint8Array,
  lane: number,
  from: readonly number[],
  to: readonly number[],
  wanted: readonly number[],
];
const at = statement<AtAsked, Row>(
  "entries.at",
  `select run.before + place as sequence, entry.encoded, entry.attachment
   from unnest($3::bigint[], $4::bigint[]) as stretch (low, high)
     cross join lateral (${runsOf("encoded, attachments", "low", "high")}) run
     cross join lateral unnest(run.encoded, run.attachments) with ordinality as entry (encoded, attachment, place)
   where run.before + place between low and high and run.before + place = any($5::bigint[])
   order by sequence`,
);

/** So many that nobody asked for are read along sooner than that a run is looked for and unpacked once more. */
const gapMax = 16;

/** Single entries, in order; those that do not exist are left out. */
export async function readEntriesAt(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  sequences: readonly number[],
): Promise<StoredEntry[]> {
  if (sequences.length === 0) return [];
  const wanted = [...new Set(sequences)].sort((a, b) => a - b);
  const { from, to } = stretchesOf(wanted);
  const rows = await runStatement(on, at, [market, lane, from, to, wanted]);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

/** Of ascending numbers, stretches that hold them all. */
function stretchesOf(sorted: readonly number[]): { readonly from: number[]; readonly to: number[] } {
  const [from, to]: [number[], number[]] = [[], []];
  for (const each of sorted) {
    const last = to.at(-1);
    if (last !== undefined && each - last <= gapMax) to[to.length - 1] = each;
    else {
      from.push(each);
      to.push(each);
    }
  }
  return { from, to };
}

const encodedOf = statement<[market: Uint8Array, lane: number, from: number, to: number], { encoded: Uint8Array }>(
  "entries.encoded",
  `select entry.encoded
   from (${runsOf("encoded", "$3::bigint", "$4::bigint")}) run,
     unnest(run.encoded) with ordinality as entry (encoded, place)
   where run.before + place between $3 and $4
   order by run.before + place`,
);

/** Entries after a sequence as they were hashed, without what is attached. */
export async function readEncodedEntries(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  after: number,
  limit: number,
): Promise<Uint8Array[]> {
  const rows = await runStatement(on, encodedOf, [market, lane, after + 1, after + limit]);
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
