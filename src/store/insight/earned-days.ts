import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface RewardedDay {
  /** In UTC, as 2026-11-21. */
  readonly day: string;
  /** The number of the pool. */
  readonly pool: number;
  readonly answers: number;
  readonly rewards: Amount;
}

const days = statement<
  [contributor: number, fromMs: number, toMs: number],
  { day: string; pool: number; answers: bigint; rewards: string }
>(
  "verdicts.days",
  `select to_char(to_timestamp(decided_at_ms / 1000.0) at time zone 'UTC', 'YYYY-MM-DD') as day, pool, count(*) as answers,
     sum(reward)::text as rewards
   from verdicts join markets using (market) where contributor = $1 and state = 'accepted' and decided_at_ms >= $2 and decided_at_ms < $3
   group by day, pool order by day, pool`,
);

/** What accepted answers of a contributor were paid, by the day of their verdict, from a time to before another. */
export async function readRewardedDays(
  on: Queryable,
  contributor: number,
  fromMs: number,
  toMs: number,
): Promise<RewardedDay[]> {
  return (await runStatement(on, days, [contributor, fromMs, toMs])).map((row) => ({
    day: row.day,
    pool: row.pool,
    answers: Number(row.answers),
    rewards: amount(BigInt(row.rewards)),
  }));
}

const earnedIn = statement<[contributor: number], { market: Uint8Array; lane: number; pool: number }>(
  "balances.lanes",
  "select market, lane, pool from balances join markets using (market) where contributor = $1 order by market, lane",
);

/** The lanes in which a contributor earned something. */
export const readLanesEarnedIn = async (
  on: Queryable,
  contributor: number,
): Promise<{ readonly market: Uint8Array; readonly lane: number; readonly pool: number }[]> =>
  await runStatement(on, earnedIn, [contributor]);
