import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** What answers of a market took and became lately. */
export interface MarketPace {
  /** Of the log, up to which it was measured. */
  readonly sequence: number;
  readonly measuredAtMs: number;
  /** How many accepted answers the median rests on. */
  readonly answers: number;
  readonly secondsMedian: number | null;
  readonly payPerHour: Amount | null;
  /** Answers with a verdict, and those of them that were rejected. */
  readonly judged: number;
  readonly rejected: number;
  readonly appeals: number;
  readonly appealsWon: number;
}

interface StaleRow {
  market: Uint8Array;
  spec: string;
  sequence: bigint;
}

const stale = statement<[before: number, limit: number], StaleRow>(
  "paces.stale",
  `select l.market, m.spec, l.sequence from lanes l join markets m on m.market = l.market
   left join paces p on p.market = l.market
   where l.lane = 0 and l.status in ('open', 'paused', 'closing')
     and (p.market is null or (p.sequence < l.sequence and p.measured_at_ms < $1))
   order by p.measured_at_ms nulls first, l.market limit $2`,
);

/** Markets not over yet in which something happened since they were measured, if that was before a time; the oldest first. */
export async function findStalePaces(
  on: Queryable,
  beforeMs: number,
  limit: number,
): Promise<{ readonly market: Uint8Array; readonly spec: string; readonly sequence: number }[]> {
  const rows = await runStatement(on, stale, [beforeMs, limit]);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

const upsert = statement<readonly unknown[], Record<string, never>>(
  "paces.upsert",
  `insert into paces (market, sequence, measured_at_ms, answers, seconds_median, pay_per_hour, judged, rejected, appeals,
     appeals_won)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   on conflict (market) do update set sequence = excluded.sequence, measured_at_ms = excluded.measured_at_ms,
     answers = excluded.answers, seconds_median = excluded.seconds_median, pay_per_hour = excluded.pay_per_hour,
     judged = excluded.judged, rejected = excluded.rejected, appeals = excluded.appeals,
     appeals_won = excluded.appeals_won
   where paces.sequence <= excluded.sequence`,
);

export async function upsertPace(on: Queryable, market: Uint8Array, pace: MarketPace): Promise<void> {
  await runStatement(on, upsert, [
    market,
    pace.sequence,
    pace.measuredAtMs,
    pace.answers,
    pace.secondsMedian,
    pace.payPerHour?.toString() ?? null,
    pace.judged,
    pace.rejected,
    pace.appeals,
    pace.appealsWon,
  ]);
}

/** Where a market stands in the list: those whose pay by the hour is not known come last. */
export interface RankPlace {
  /** Amounts of different tokens cannot be compared: one pool comes after the other. */
  readonly pool: number;
  readonly payPerHour: bigint;
  readonly market: Uint8Array;
}

export interface RankedMarket extends RankPlace {
  readonly owner: Uint8Array;
  readonly spec: string;
  readonly pace: Omit<MarketPace, "sequence" | "measuredAtMs" | "appeals" | "appealsWon"> | null;
}

interface RankedRow {
  market: Uint8Array;
  pool: number;
  owner: Uint8Array;
  spec: string;
  rank: string;
  answers: number | null;
  seconds_median: number | null;
  pay_per_hour: string | null;
  judged: number | null;
  rejected: number | null;
}

const ranked = statement<[payPerHour: string, market: Uint8Array, limit: number, pool: number], RankedRow>(
  "paces.ranked",
  `select m.market, m.pool, m.owner, m.spec, coalesce(p.pay_per_hour, -1)::text as rank, p.answers, p.seconds_median,
     p.pay_per_hour::text as pay_per_hour, p.judged, p.rejected
   from lanes l join markets m on m.market = l.market left join paces p on p.market = l.market
   where l.lane = 0 and l.status = 'open' and l.free + l.newcomer_budget > 0 and (m.pool > $4 or (m.pool = $4
     and (coalesce(p.pay_per_hour, -1) < $1::numeric or (coalesce(p.pay_per_hour, -1) = $1::numeric and m.market > $2))))
   order by m.pool, coalesce(p.pay_per_hour, -1) desc, m.market limit $3`,
);

/** Before all markets there are: more than any amount. */
export const bestPlace: RankPlace = { pool: 0, payPerHour: 1n << 64n, market: new Uint8Array(0) };

/** Open markets with money after a place: those of the home pool first, of each pool the best paid by the hour. */
export async function rankOpenMarkets(on: Queryable, after: RankPlace, limit: number): Promise<RankedMarket[]> {
  const rows = await runStatement(on, ranked, [after.payPerHour.toString(), after.market, limit, after.pool]);
  return rows.map((row) => ({
    market: row.market,
    pool: row.pool,
    owner: row.owner,
    spec: row.spec,
    payPerHour: BigInt(row.rank),
    pace:
      row.answers === null
        ? null
        : {
            answers: row.answers,
            secondsMedian: row.seconds_median,
            payPerHour: row.pay_per_hour === null ? null : amount(BigInt(row.pay_per_hour)),
            judged: row.judged ?? 0,
            rejected: row.rejected ?? 0,
          },
  }));
}
