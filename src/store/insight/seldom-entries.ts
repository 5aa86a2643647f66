import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/**
 * Entries that are few and far between, found by the index `entries_seldom`. An entry begins with the number of its kind;
 * it stands in these texts as a number, because a partial index serves no parameter.
 */
export const seldomKinds = { batchAdded: 7, bonusPaid: 17, modelAdopted: 70 } as const;
export type SeldomKind = keyof typeof seldomKinds;

interface Row {
  sequence: bigint;
  encoded: Uint8Array;
}

export interface SeldomEntry {
  readonly sequence: number;
  readonly encoded: Uint8Array;
}

const each = <T>(make: (kind: SeldomKind, number: number) => T): Readonly<Record<SeldomKind, T>> =>
  Object.fromEntries(
    Object.entries(seldomKinds).map(([kind, number]) => [kind, make(kind as SeldomKind, number)]),
  ) as Record<SeldomKind, T>;

const after = each((kind, number) =>
  statement<[market: Uint8Array, lane: number, after: number, limit: number], Row>(
    `entries.${kind}After`,
    `select sequence, encoded from entries
     where get_byte(encoded, 0) = ${number} and market = $1 and lane = $2 and sequence > $3 order by sequence limit $4`,
  ),
);

const before = each((kind, number) =>
  statement<[market: Uint8Array, lane: number, before: number], Row>(
    `entries.${kind}Before`,
    `select sequence, encoded from entries
     where get_byte(encoded, 0) = ${number} and market = $1 and lane = $2 and sequence < $3
     order by sequence desc limit 1`,
  ),
);

const toEntry = ({ sequence, encoded }: Row): SeldomEntry => ({ sequence: Number(sequence), encoded });

const portion = 1_000;

/** All entries of a kind after a sequence, in order. */
export async function* streamSeldomEntries(
  on: Queryable,
  kind: SeldomKind,
  market: Uint8Array,
  lane: number,
  from: number,
): AsyncGenerator<SeldomEntry> {
  for (let last = from; ; ) {
    const rows = await runStatement(on, after[kind], [market, lane, last, portion]);
    yield* rows.map(toEntry);
    if (rows.length < portion) return;
    last = Number(rows.at(-1)?.sequence);
  }
}

/** The last entry of a kind before a sequence. */
export async function readSeldomEntryBefore(
  on: Queryable,
  kind: SeldomKind,
  market: Uint8Array,
  lane: number,
  sequence: number,
): Promise<SeldomEntry | null> {
  const [row] = await runStatement(on, before[kind], [market, lane, sequence]);
  return row === undefined ? null : toEntry(row);
}
