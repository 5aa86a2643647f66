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
  `select (select coalesce(sum(released + held), 0) from balances join markets using (market) where pool = $1)::text as earned,
     (select coalesce(sum(fee), 0) from lanes join markets using (market) where pool = $1)::text as fee,
     (select coalesce(sum(refunded), 0) from lanes join markets using (market) where pool = $1)::text as refunded,
     (select count(distinct contributor) from balances join markets using (market)
       where pool = $1 and released + held > 0)::text as paid`,
);

/** A whole pool by the ledger's own tables, over every market. */
export async function readTotals(on: Queryable, pool: number): Promise<LedgerTotals> {
  const [row] = (await runStatement(on, read, [pool])) as [Row];
  return {
    earned: amount(BigInt(row.earned)),
    fee: amount(BigInt(row.fee)),
    refunded: amount(BigInt(row.refunded)),
    contributorsPaid: Number(row.paid),
  };
}
