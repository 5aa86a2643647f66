import type { Json } from "../../core/json.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { ResultRow } from "../tasks/result-row.ts";

/** Where a list of the least certain labels ended. */
export interface DisputedPlace {
  readonly confidencePpm: number;
  readonly task: number;
}

const disputed = statement<
  [market: Uint8Array, lane: number, confidencePpm: number, task: number, limit: number],
  { task: bigint; label: Json; confidence_ppm: number; decided: boolean; sequence: bigint }
>(
  "results.disputed",
  `select task, label, confidence_ppm, decided, sequence from results
   where market = $1 and lane = $2 and not decided and (confidence_ppm, task) > ($3, $4)
   order by confidence_ppm, task limit $5`,
);

/** Labels that stayed below the margin, the least certain first. */
export async function readDisputed(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  after: DisputedPlace,
  limit: number,
): Promise<ResultRow[]> {
  const { confidencePpm, task } = after;
  return (await runStatement(on, disputed, [market, lane, confidencePpm, task, limit])).map((row) => ({
    task: Number(row.task),
    label: row.label,
    confidencePpm: row.confidence_ppm,
    decided: row.decided,
    sequence: Number(row.sequence),
  }));
}
