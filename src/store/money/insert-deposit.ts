import type { Amount } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const insert = statement<readonly unknown[], { signature: string }>(
  "deposits.insert",
  `insert into deposits (signature, market, amount, credited_at_ms) values ($1, $2, $3, $4)
   on conflict (signature, market) do nothing returning signature`,
);

/** @throws DEPOSIT_STATE where the deposit was credited before: a transaction counts once for each market it pays. */
export async function insertDeposit(
  connection: Connection,
  deposit: {
    readonly signature: string;
    readonly market: Uint8Array;
    readonly amount: Amount;
    readonly creditedAtMs: number;
  },
): Promise<void> {
  const { signature, market, creditedAtMs } = deposit;
  const rows = await runStatement(connection, insert, [signature, market, deposit.amount.toString(), creditedAtMs]);
  if (rows.length === 0) throw earnestError("DEPOSIT_STATE", { signature });
}
