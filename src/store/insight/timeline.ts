import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface TimelineRow {
  readonly bucket: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly settled: number;
  readonly earned: Amount;
}

const first = statement<[market: Uint8Array], { first: bigint | null }>(
  "verdicts.first",
  `select least((select min(decided_at_ms) from verdicts where market = $1),
     (select min(settled_at_ms) from results where market = $1)) as first`,
);

const buckets = statement<
  [market: Uint8Array, first: number, stepMs: number],
  { bucket: bigint; accepted: bigint; rejected: bigint; settled: bigint; earned: string }
>(
  "verdicts.timeline",
  `select bucket, sum(accepted)::bigint as accepted, sum(rejected)::bigint as rejected, sum(settled)::bigint as settled,
     sum(earned)::text as earned
   from (
     select (decided_at_ms - $2::bigint) / $3::bigint as bucket, count(*) filter (where state = 'accepted') as accepted,
       count(*) filter (where state in ('rejected', 'appealable', 'appealed')) as rejected, 0 as settled,
       sum(reward) as earned
     from verdicts where market = $1 group by 1
     union all
     select (settled_at_ms - $2::bigint) / $3::bigint, 0, 0, count(*), 0 from results where market = $1 group by 1
   ) as both_sides group by bucket order by bucket`,
);

/** When the first verdict or label was; null where there is none. */
export async function readFirstDecision(on: Queryable, market: Uint8Array): Promise<number | null> {
  const [row] = await runStatement(on, first, [market]);
  return row === undefined || row.first === null ? null : Number(row.first);
}

/** What was decided in each stretch of `stepMs`; stretches in which nothing was are left out. */
export async function readTimeline(
  on: Queryable,
  market: Uint8Array,
  firstMs: number,
  stepMs: number,
): Promise<TimelineRow[]> {
  return (await runStatement(on, buckets, [market, firstMs, stepMs])).map((row) => ({
    bucket: Number(row.bucket),
    accepted: Number(row.accepted),
    rejected: Number(row.rejected),
    settled: Number(row.settled),
    earned: amount(BigInt(row.earned)),
  }));
}

const latest = statement<[market: Uint8Array, limit: number], { submitted_sequence: bigint; decided_at_ms: bigint }>(
  "verdicts.latestDecided",
  `select submitted_sequence, decided_at_ms from verdicts where market = $1
   order by market desc, lane desc, task desc limit $2`,
);

/** Verdicts on the tasks that were added last, with the entries that submitted their answers. */
export async function readLatestVerdicts(
  on: Queryable,
  market: Uint8Array,
  limit: number,
): Promise<{ readonly submittedSequence: number; readonly decidedAtMs: number }[]> {
  return (await runStatement(on, latest, [market, limit])).map((row) => ({
    submittedSequence: Number(row.submitted_sequence),
    decidedAtMs: Number(row.decided_at_ms),
  }));
}
