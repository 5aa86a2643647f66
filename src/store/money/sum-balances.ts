import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const sum = statement<[contributor: number], { released: string; held: string }>(
  "balances.sum",
  `select coalesce(sum(released), 0)::text as released, coalesce(sum(held), 0)::text as held
   from balances where contributor = $1`,
);

/** What a contributor earned over all markets. */
export async function sumBalances(on: Queryable, contributor: number): Promise<{ released: Amount; held: Amount }> {
  const [row] = await runStatement(on, sum, [contributor]);
  return { released: amount(BigInt(row?.released ?? 0)), held: amount(BigInt(row?.held ?? 0)) };
}
