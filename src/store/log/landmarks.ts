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

type Asked = [market: Uint8Array, lane: number, number: number];

const joined = statement<Asked, { sequence: bigint }>(
  "landmarks.joined",
  "select sequence from landmarks where market = $1 and lane = $2 and kind = 'joined' and number = $3",
);
const batch = statement<Asked, { number: bigint; sequence: bigint }>(
  "landmarks.batch",
  `select number, sequence from landmarks where market = $1 and lane = $2 and kind = 'batch' and number <= $3
   order by number desc limit 1`,
);

/** The entry with which a contributor joined a lane. */
export async function readJoined(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  contributor: number,
): Promise<number | null> {
  const [row] = await runStatement(on, joined, [market, lane, contributor]);
  return row === undefined ? null : Number(row.sequence);
}

/** The batch that a task came with: its first task, and its entry. */
export async function readBatchOf(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  task: number,
): Promise<{ readonly first: number; readonly sequence: number } | null> {
  const [row] = await runStatement(on, batch, [market, lane, task]);
  return row === undefined ? null : { first: Number(row.number), sequence: Number(row.sequence) };
}
