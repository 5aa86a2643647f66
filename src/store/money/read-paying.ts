import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const newest = statement<[contributor: number, pool: number], { paying_number: bigint; paying_wallet: Uint8Array }>(
  "balances.paying",
  `select paying_number, paying_wallet from balances join markets using (market)
   where contributor = $1 and pool = $2 and paying_number is not null
   order by paying_number desc limit 1`,
);

/** Where a contributor asked to be paid last, over all lanes of a pool; null where it never did. */
export async function readPaying(
  on: Queryable,
  contributor: number,
  pool: number,
): Promise<{ readonly number: number; readonly wallet: Uint8Array } | null> {
  const [row] = await runStatement(on, newest, [contributor, pool]);
  return row === undefined ? null : { number: Number(row.paying_number), wallet: row.paying_wallet };
}

const lane = statement<[contributor: number, pool: number], { market: Uint8Array; lane: number }>(
  "balances.laneOf",
  `select market, lane from balances join markets using (market) where contributor = $1 and pool = $2
   order by market, lane limit 1`,
);

/** A lane of a pool whose log knows the contributor; null where none does. */
export async function readLaneOf(
  on: Queryable,
  contributor: number,
  pool: number,
): Promise<{ readonly market: Uint8Array; readonly lane: number } | null> {
  return (await runStatement(on, lane, [contributor, pool]))[0] ?? null;
}
