import type { Json } from "../../core/json.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface ResultRow {
  readonly task: number;
  /** As people see it. */
  readonly label: Json;
  readonly confidencePpm: number;
  readonly decided: boolean;
  readonly sequence: number;
}

const upsert = statement<readonly unknown[], Record<string, never>>(
  "results.upsert",
  `insert into results (market, lane, settled_at_ms, task, label, confidence_ppm, decided, sequence)
   select $1, $2, $3, task, label::jsonb, ppm, decided, sequence
   from unnest($4::bigint[], $5::text[], $6::integer[], $7::boolean[], $8::bigint[])
     as row (task, label, ppm, decided, sequence)
   on conflict (market, lane, task) do update set label = excluded.label, confidence_ppm = excluded.confidence_ppm,
     decided = excluded.decided`,
);

/** A label corrected by an appeal replaces the first; the sequence stays that of the settlement. */
export async function upsertResults(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  timeMs: number,
  rows: readonly ResultRow[],
): Promise<void> {
  await runStatement(connection, upsert, [
    market,
    lane,
    timeMs,
    rows.map((row) => row.task),
    rows.map((row) => JSON.stringify(row.label)),
    rows.map((row) => row.confidencePpm),
    rows.map((row) => row.decided),
    rows.map((row) => row.sequence),
  ]);
}
