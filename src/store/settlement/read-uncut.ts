import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const read = statement<[], { uncut: string }>(
  "cuts.missing",
  `select coalesce(sum(l.earned + l.bonus + l.fee - coalesce(c.allocated, 0)), 0)::text as uncut
   from lanes l left join cuts c using (market, lane) where l.sequence <> l.cut_sequence`,
);

/** What was earned since the lanes' newest cuts, fees included. */
export async function readUncut(on: Queryable): Promise<Amount> {
  const [row] = await runStatement(on, read, []);
  return amount(BigInt(row?.uncut ?? 0));
}
