import type { Json } from "../../core/json.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { ResultRow } from "../tasks/result-row.ts";

interface Row {
  task: bigint;
  label: Json;
  confidence_ppm: number;
  decided: boolean;
  sequence: bigint;
}

const byTask = statement<[market: Uint8Array, lane: number, tasks: readonly number[]], Row>(
  "results.ofTasks",
  `select task, label, confidence_ppm, decided, sequence from results
   where market = $1 and lane = $2 and task = any($3::bigint[])`,
);

/** What single tasks settled on. */
export async function readLabels(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  tasks: readonly number[],
): Promise<Map<number, ResultRow>> {
  if (tasks.length === 0) return new Map();
  const rows = await runStatement(on, byTask, [market, lane, tasks]);
  return new Map(
    rows.map(({ task, label, confidence_ppm, decided, sequence }) => [
      Number(task),
      { task: Number(task), label, confidencePpm: confidence_ppm, decided, sequence: Number(sequence) },
    ]),
  );
}

const latest = statement<[market: Uint8Array, lane: number, limit: number], { settled: bigint; decided: bigint }>(
  "results.latest",
  `select count(*) as settled, count(*) filter (where decided) as decided
   from (select decided from results where market = $1 and lane = $2 order by task desc limit $3) as newest`,
);

/** Of the settled tasks with the highest numbers, at most so many: how many there are, and how many are decided. */
export async function countDecided(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  limit: number,
): Promise<{ readonly settled: number; readonly decided: number }> {
  const [row] = await runStatement(on, latest, [market, lane, limit]);
  return { settled: Number(row?.settled ?? 0), decided: Number(row?.decided ?? 0) };
}
