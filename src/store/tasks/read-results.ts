import type { Json } from "../../core/json.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { ResultRow } from "./result-row.ts";

interface Row {
  task: bigint;
  label: Json;
  confidence_ppm: number;
  decided: boolean;
  sequence: bigint;
}

const byTasks = statement<[market: Uint8Array, lane: number, from: number, to: number], Row>(
  "results.byTasks",
  `select task, label, confidence_ppm, decided, sequence from results
   where market = $1 and lane = $2 and task between $3 and $4 order by task`,
);

export async function readResults(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  to: number,
): Promise<ResultRow[]> {
  return (await runStatement(on, byTasks, [market, lane, from, to])).map((row) => ({
    task: Number(row.task),
    label: row.label,
    confidencePpm: row.confidence_ppm,
    decided: row.decided,
    sequence: Number(row.sequence),
  }));
}
