import { earnestError } from "../../core/errors.ts";
import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface NewTasks {
  readonly market: Uint8Array;
  readonly lane: number;
  readonly first: number;
  readonly externalIds: readonly string[];
  readonly contents: readonly string[];
  readonly hashes: readonly Uint8Array[];
}

const insert = statement<readonly unknown[], { task: bigint }>(
  "tasks.insert",
  `insert into tasks (market, lane, task, external_id, content, hash)
   select $1, $2, $3 + row_number() over () - 1, * from unnest($4::text[], $5::text[], $6::bytea[])
   on conflict (market, external_id) do nothing returning task`,
);

/** @throws MALFORMED_REQUEST where the market has a task with one of these ids. */
export async function insertTasks(connection: Connection, tasks: NewTasks): Promise<void> {
  const { market, lane, first, externalIds, contents, hashes } = tasks;
  const rows = await runStatement(connection, insert, [market, lane, first, externalIds, contents, hashes]);
  if (rows.length === externalIds.length) return;
  const inserted = new Set(rows.map((row) => Number(row.task) - first));
  const taken = externalIds.find((_, i) => !inserted.has(i)) ?? "";
  throw earnestError("MALFORMED_REQUEST", { where: "tasks", problem: `the id "${taken.slice(0, 80)}" is taken` });
}
