import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const sum = statement<[contributor: number], { pool: number; released: string; held: string }>(
  "balances.sum",
  `select pool, sum(released)::text as released, sum(held)::text as held
   from balances join markets using (market) where contributor = $1 group by pool order by pool`,
);

export interface PoolBalance {
  /** The number of the pool. */
  readonly pool: number;
  readonly released: Amount;
  readonly held: Amount;
}

/** What a contributor earned in each pool over all its markets: amounts of different pools add up to nothing. */
export async function sumBalances(on: Queryable, contributor: number): Promise<PoolBalance[]> {
  return (await runStatement(on, sum, [contributor])).map(({ pool, released, held }) => ({
    pool,
    released: amount(BigInt(released)),
    held: amount(BigInt(held)),
  }));
}
