import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** Any constant of our own. */
const lockNumber = 7_305_221;
const lock = statement<[number: number], Record<string, never>>(
  "sponsored.lock",
  "select 1 from (select pg_advisory_xact_lock($1)) as locked",
);

/** Whoever spends of the sponsor's budget waits here until the transaction of whoever came before has ended. */
export async function lockSponsor(dbTx: Connection): Promise<void> {
  await runStatement(dbTx, lock, [lockNumber]);
}

const accounts = statement<[sinceMs: number], { today: bigint; lamports: string }>(
  "sponsored.accounts",
  `select count(*) filter (where at_ms >= $1) as today, coalesce(sum(lamports), 0)::text as lamports from (
     select sponsored_at_ms as at_ms, sponsored_lamports as lamports from claims where sponsored is not null
     union all
     select signed_at_ms, rent_lamports from withdrawals where rent_lamports > 0 and state in ('sent', 'final')
   ) as made`,
);

/**
 * How many token accounts were paid for since then, and what all of them ever cost: those that contributors are paid
 * into, and those that they sent tokens to.
 */
export async function readSponsored(on: Queryable, sinceMs: number): Promise<{ today: number; lamports: bigint }> {
  const [row] = await runStatement(on, accounts, [sinceMs]);
  return { today: Number(row?.today ?? 0), lamports: BigInt(row?.lamports ?? 0) };
}

export interface WithdrawalUse {
  /** Of this contributor, since then. */
  readonly count: number;
  /** Fees and rents of everybody's, since then. */
  readonly lamports: bigint;
  /** Token accounts that were paid for, for this contributor to send to; ever. */
  readonly accounts: number;
  /** Whether that of this destination was paid for before. */
  readonly destinationHadOne: boolean;
}

const use = statement<
  [sinceMs: number, contributor: number, destination: Uint8Array],
  { count: bigint; lamports: string; accounts: bigint; had_one: boolean }
>(
  "sponsored.use",
  `select count(*) filter (where contributor = $2) as count,
     coalesce(sum(fee_lamports + case when state = 'failed' then 0 else rent_lamports end), 0)::text as lamports,
     (select count(*) from withdrawals where contributor = $2 and rent_lamports > 0 and state in ('sent', 'final'))
       as accounts,
     exists (select from withdrawals where destination = $3 and rent_lamports > 0 and state in ('sent', 'final'))
       or exists (select from contributors join claims using (contributor) where key = $3 and sponsored is not null)
       as had_one
   from withdrawals where signed_at_ms >= $1 and state in ('sent', 'final', 'failed')`,
);

/** What withdrawals have cost. Those under way count as if they had gone through. */
export async function readWithdrawalUse(
  on: Queryable,
  {
    sinceMs,
    contributor,
    destination,
  }: {
    readonly sinceMs: number;
    readonly contributor: number;
    readonly destination: Uint8Array;
  },
): Promise<WithdrawalUse> {
  const [row] = await runStatement(on, use, [sinceMs, contributor, destination]);
  return {
    count: Number(row?.count ?? 0),
    lamports: BigInt(row?.lamports ?? 0),
    accounts: Number(row?.accounts ?? 0),
    destinationHadOne: row?.had_one ?? false,
  };
}
