import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** An entry that many receipts need: a contributor's joining, or a batch of tasks, which its first task's number names. */
export interface Landmark {
  readonly kind: "joined" | "batch";
  readonly number: number;
  readonly sequence: number;
}

const insert = statement<readonly unknown[], Record<string, never>>(
  "landmarks.insert",
  `insert into landmarks (market, lane, kind, number, sequence)
   select $1, $2, * from unnest($3::text[], $4::bigint[], $5::bigint[]) on conflict do nothing`,
);

export async function insertLandmarks(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  landmarks: readonly Landmark[],
): Promise<void> {
  await runStatement(connection, insert, [
    market,
    lane,
    landmarks.map(({ kind }) => kind),
    landmarks.map(({ number }) => number),
    landmarks.map(({ sequence }) => sequence),
  ]);
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
