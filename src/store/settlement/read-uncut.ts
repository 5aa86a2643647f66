import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const read = statement<[pool: number], { uncut: string }>(
  "cuts.missing",
  `select coalesce(sum(l.earned + l.bonus + l.fee - coalesce(c.allocated, 0)), 0)::text as uncut
   from lanes l join markets m using (market) left join cuts c using (market, lane)
   where m.pool = $1 and l.sequence <> l.cut_sequence`,
);

/** What was earned in a pool since its lanes' newest cuts, fees included. */
export async function readUncut(on: Queryable, pool: number): Promise<Amount> {
  const [row] = await runStatement(on, read, [pool]);
  return amount(BigInt(row?.uncut ?? 0));
}
