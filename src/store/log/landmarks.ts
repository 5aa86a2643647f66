import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/**
 * An entry that many ask for, and that is hard to find among the others: a contributor's joining, a batch of tasks, which
 * its first task's number names, an adopted model by its version, a bonus and a block by their own sequences.
 */
export interface Landmark {
  readonly kind: "joined" | "batch" | "model" | "bonus" | "block";
  readonly number: number;
  readonly sequence: number;
}

const joined = statement<
  [market: Uint8Array, lane: number, contributors: readonly number[]],
  { number: bigint; sequence: bigint }
>(
  "landmarks.joined",
  `select number, sequence from landmarks
   where market = $1 and lane = $2 and kind = 'joined' and number = any($3::bigint[])`,
);

/** The entries with which contributors joined a lane. */
export async function readJoined(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  contributors: readonly number[],
): Promise<Map<number, number>> {
  const rows = await runStatement(on, joined, [market, lane, contributors]);
  return new Map(rows.map(({ number, sequence }) => [Number(number), Number(sequence)]));
}

const batches = statement<
  [market: Uint8Array, lane: number, from: number, to: number],
  { number: bigint; sequence: bigint }
>(
  "landmarks.batches",
  `select number, sequence from landmarks where market = $1 and lane = $2 and kind = 'batch' and number <= $4
     and number >= (select max(number) from landmarks
       where market = $1 and lane = $2 and kind = 'batch' and number <= $3)
   order by number`,
);

/** The batches that a range of tasks came with, in order: their first tasks, and their entries. */
export async function readBatches(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  to: number,
): Promise<{ readonly first: number; readonly sequence: number }[]> {
  const rows = await runStatement(on, batches, [market, lane, from, to]);
  return rows.map(({ number, sequence }) => ({ first: Number(number), sequence: Number(sequence) }));
}

const modelBefore = statement<[market: Uint8Array, lane: number, before: number], { number: bigint; sequence: bigint }>(
  "landmarks.modelBefore",
  `select number, sequence from landmarks where market = $1 and lane = $2 and kind = 'model' and sequence < $3
   order by number desc limit 1`,
);

/** The model that was adopted last before an entry. */
export async function readModelBefore(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  sequence: number,
): Promise<{ readonly version: number; readonly sequence: number } | null> {
  const [row] = await runStatement(on, modelBefore, [market, lane, sequence]);
  return row === undefined ? null : { version: Number(row.number), sequence: Number(row.sequence) };
}

const bonuses = statement<
  [market: Uint8Array, lane: number, after: number, limit: number],
  { sequence: bigint; encoded: Uint8Array }
>(
  "landmarks.bonuses",
  `select l.sequence, run.encoded[l.sequence - run.last + cardinality(run.encoded)] as encoded
   from landmarks l cross join lateral (
     select last, encoded from entries e where e.market = l.market and e.lane = l.lane and e.last >= l.sequence
     order by last limit 1) run
   where l.market = $1 and l.lane = $2 and l.kind = 'bonus' and l.number > $3 order by l.number limit $4`,
);

const portion = 1_000;

/** All entries of a lane that paid a bonus, in order. */
export async function* streamBonuses(
  on: Queryable,
  market: Uint8Array,
  lane: number,
): AsyncGenerator<{ readonly sequence: number; readonly encoded: Uint8Array }> {
  for (let after = 0; ; ) {
    const rows = await runStatement(on, bonuses, [market, lane, after, portion]);
    yield* rows.map(({ sequence, encoded }) => ({ sequence: Number(sequence), encoded }));
    if (rows.length < portion) return;
    after = Number(rows.at(-1)?.sequence);
  }
}
