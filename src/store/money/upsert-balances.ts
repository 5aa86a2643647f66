import type { Amount } from "../../core/amount.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface BalanceRow {
  readonly contributor: number;
  readonly released: Amount;
  readonly held: Amount;
  /** Where the contributor wants to be paid instead of at its key. */
  readonly paying: { readonly number: number; readonly wallet: Uint8Array } | null;
}

const upsert = statement<readonly unknown[], Record<string, never>>(
  "balances.upsert",
  `insert into balances (market, lane, contributor, released, held, paying_number, paying_wallet)
   select $1, $2, * from unnest($3::integer[], $4::numeric[], $5::numeric[], $6::bigint[], $7::bytea[])
   on conflict (contributor, market, lane) do update set released = excluded.released, held = excluded.held,
     paying_number = excluded.paying_number, paying_wallet = excluded.paying_wallet`,
);

/**
 * The balances of a lane's contributors as the state machine has them: absolute, so that writing them twice changes
 * nothing. Rows come sorted by contributor; unordered ones deadlocked two writers.
 */
export async function upsertBalances(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  rows: readonly BalanceRow[],
): Promise<void> {
  await runStatement(connection, upsert, [
    market,
    lane,
    rows.map((row) => row.contributor),
    rows.map((row) => row.released.toString()),
    rows.map((row) => row.held.toString()),
    rows.map((row) => row.paying?.number ?? null),
    rows.map((row) => row.paying?.wallet ?? null),
  ]);
}
