import type { Amount } from "../../core/amount.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface BalanceRow {
  readonly contributor: number;
  readonly released: Amount;
  readonly held: Amount;
}

const upsert = statement<readonly unknown[], Record<string, never>>(
  "balances.upsert",
  `insert into balances (market, lane, contributor, released, held)
   select $1, $2, * from unnest($3::integer[], $4::numeric[], $5::numeric[])
   on conflict (contributor, market, lane) do update set released = excluded.released, held = excluded.held`,
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
  ]);
}
