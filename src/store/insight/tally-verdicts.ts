import { type Amount, amount } from "../../core/amount.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** How many verdicts of a sort a contributor has in a lane. */
export interface VerdictTally {
  readonly contributor: number;
  readonly state: string;
  readonly reason: string | null;
  readonly answers: number;
  readonly rewards: Amount;
  /** The entries that submitted the first and the last of them. */
  readonly first: number;
  readonly last: number;
}

interface Row {
  contributor: number;
  state: string;
  reason: string | null;
  answers: bigint;
  rewards: string;
  first: bigint;
  last: bigint;
}

const tally = statement<[market: Uint8Array, lane: number, contributors: readonly number[]], Row>(
  "verdicts.tally",
  `select contributor, state, reason, count(*) as answers, sum(reward)::text as rewards,
     min(submitted_sequence) as first, max(submitted_sequence) as last
   from verdicts where market = $1 and lane = $2 and contributor = any($3::integer[])
   group by contributor, state, reason`,
);

export async function tallyVerdicts(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  contributors: readonly number[],
): Promise<VerdictTally[]> {
  if (contributors.length === 0) return [];
  return (await runStatement(on, tally, [market, lane, contributors])).map((row) => ({
    ...row,
    answers: Number(row.answers),
    rewards: amount(BigInt(row.rewards)),
    first: Number(row.first),
    last: Number(row.last),
  }));
}

const latest = statement<
  [contributor: number, market: Uint8Array, lane: number, limit: number],
  { submitted_sequence: bigint; reward: string }
>(
  "verdicts.latest",
  `select submitted_sequence, reward::text as reward from verdicts
   where contributor = $1 and market = $2 and lane = $3 and state <> 'void'
   order by submitted_sequence desc limit $4`,
);

/** The answers of a contributor in a lane that were submitted last and have a verdict, the latest first. */
export async function readLatestAnswers(
  on: Queryable,
  contributor: number,
  market: Uint8Array,
  lane: number,
  limit: number,
): Promise<{ readonly sequence: number; readonly reward: Amount }[]> {
  return (await runStatement(on, latest, [contributor, market, lane, limit])).map((row) => ({
    sequence: Number(row.submitted_sequence),
    reward: amount(BigInt(row.reward)),
  }));
}
