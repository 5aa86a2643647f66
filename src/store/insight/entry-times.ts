import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const times = statement<
  [market: Uint8Array, lane: number, sequences: readonly number[]],
  { sequence: bigint; time_ms: bigint | null }
>(
  "heads.times",
  `select s.sequence,
     (select h.time_ms from heads h where h.market = $1 and h.lane = $2 and h.sequence >= s.sequence
      order by h.sequence limit 1) as time_ms
   from unnest($3::bigint[]) as s(sequence)`,
);

/** When entries were committed: the lane time of the batch that holds each. */
export async function readEntryTimes(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  sequences: readonly number[],
): Promise<Map<number, number>> {
  if (sequences.length === 0) return new Map();
  const rows = await runStatement(on, times, [market, lane, [...new Set(sequences)]]);
  return new Map(rows.flatMap((row) => (row.time_ms === null ? [] : [[Number(row.sequence), Number(row.time_ms)]])));
}
