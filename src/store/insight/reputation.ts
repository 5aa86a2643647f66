import { countedMax } from "../../core/reputation.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface RequesterRow {
  readonly owner: Uint8Array;
  readonly markets: number;
  /** Lately, in the stretch of each log that was measured last. */
  readonly judged: number;
  readonly rejected: number;
  readonly appeals: number;
  readonly appealsWon: number;
  /** Ever; no more than `countedMax` are counted. */
  readonly contributors: number;
  readonly blocks: number;
}

interface Row {
  owner: Uint8Array;
  markets: bigint;
  judged: bigint;
  rejected: bigint;
  appeals: bigint;
  appeals_won: bigint;
  contributors: bigint;
  blocks: bigint;
}

/** Where a page of requesters ended. */
export type RequesterPlace = Pick<RequesterRow, "judged" | "owner">;

/** Busier than all. */
const busiest: RequesterPlace = { judged: Number.MAX_SAFE_INTEGER, owner: new Uint8Array() };

const counted = (kind: "joined" | "block"): string =>
  `(select count(*) from (select from landmarks l where l.market = any(ids) and l.lane = 0 and l.kind = '${kind}'
     limit ${countedMax}) counted)`;

const requesters = statement<[judged: number, owner: Uint8Array, limit: number], Row>(
  "reputation.requesters",
  `with busiest as (
     select m.owner, count(*) as markets, sum(p.judged) as judged, sum(p.rejected) as rejected, sum(p.appeals) as appeals,
       sum(p.appeals_won) as appeals_won, array_agg(m.market) as ids
     from markets m join paces p on p.market = m.market group by m.owner
     having sum(p.judged) < $1::bigint or (sum(p.judged) = $1::bigint and m.owner > $2)
     order by sum(p.judged) desc, m.owner limit $3)
   select owner, markets, judged, rejected, appeals, appeals_won, ${counted("joined")} as contributors,
     ${counted("block")} as blocks
   from busiest order by judged desc, owner`,
);

/** Those in whose markets most was judged lately, from the first behind `after`. */
export async function listRequesters(
  on: Queryable,
  after: RequesterPlace | null,
  limit: number,
): Promise<RequesterRow[]> {
  const { judged, owner } = after ?? busiest;
  return (await runStatement(on, requesters, [judged, owner, limit])).map((row) => ({
    owner: row.owner,
    markets: Number(row.markets),
    judged: Number(row.judged),
    rejected: Number(row.rejected),
    appeals: Number(row.appeals),
    appealsWon: Number(row.appeals_won),
    contributors: Number(row.contributors),
    blocks: Number(row.blocks),
  }));
}

export interface VerdictTally {
  readonly markets: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
}

const tally = statement<
  [contributor: number, limit: number],
  { markets: bigint; accepted: bigint; rejected: bigint; first_at: bigint | null; last_at: bigint | null }
>(
  "reputation.tally",
  `select count(distinct market) as markets, count(*) filter (where state = 'accepted') as accepted,
     count(*) filter (where state <> 'accepted') as rejected, min(decided_at_ms) as first_at, max(decided_at_ms) as last_at
   from (select market, state, decided_at_ms from verdicts where contributor = $1
     and state in ('accepted', 'rejected', 'appealable', 'appealed')
     order by decided_at_ms desc limit $2) newest`,
);

/** What the newest verdicts on a contributor say, at most so many of them; a rejection is one while it is appealed. */
export async function tallyContributor(on: Queryable, contributor: number, limit: number): Promise<VerdictTally> {
  const [row] = await runStatement(on, tally, [contributor, limit]);
  return {
    markets: Number(row?.markets ?? 0),
    accepted: Number(row?.accepted ?? 0),
    rejected: Number(row?.rejected ?? 0),
    firstAtMs: timeOf(row?.first_at),
    lastAtMs: timeOf(row?.last_at),
  };
}

const timeOf = (at: bigint | null | undefined): number | null => (at === null || at === undefined ? null : Number(at));
