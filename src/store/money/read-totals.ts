import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface LedgerTotals {
  readonly earned: Amount;
  readonly fee: Amount;
  readonly refunded: Amount;
  readonly contributorsPaid: number;
}

type Row = { earned: string; fee: string; refunded: string; paid: string };

const read = statement<[pool: number], Row>(
  "balances.totals",
  `select earned, fee, refunded, paid from (
     select coalesce(sum(released + held), 0)::text as earned,
       (count(distinct contributor) filter (where released + held > 0))::text as paid
     from balances join markets using (market) where pool = $1
   ) owed, (
     select coalesce(sum(fee), 0)::text as fee, coalesce(sum(refunded), 0)::text as refunded
     from lanes join markets using (market) where pool = $1
   ) books`,
);

/** A whole pool by the ledger's own tables, over every market; each row is looked at once. */
export async function readTotals(on: Queryable, pool: number): Promise<LedgerTotals> {
  const [row] = (await runStatement(on, read, [pool])) as [Row];
  return {
    earned: amount(BigInt(row.earned)),
    fee: amount(BigInt(row.fee)),
    refunded: amount(BigInt(row.refunded)),
    contributorsPaid: Number(row.paid),
  };
}
