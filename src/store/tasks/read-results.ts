import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { ResultRow } from "./upsert-results.ts";

interface Row {
  task: bigint;
  choice: string;
  confidence_ppm: number;
  decided: boolean;
  sequence: bigint;
}

const byTasks = statement<[market: Uint8Array, lane: number, from: number, to: number], Row>(
  "results.byTasks",
  `select task, choice, confidence_ppm, decided, sequence from results
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
    choice: row.choice,
    confidencePpm: row.confidence_ppm,
    decided: row.decided,
    sequence: Number(row.sequence),
  }));
}
