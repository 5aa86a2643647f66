import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface TaskRow {
  readonly lane: number;
  readonly task: number;
  readonly externalId: string;
  readonly content: string;
}

interface Row {
  lane: number;
  task: bigint;
  external_id: string;
  content: string;
}

const toTask = ({ lane, task, external_id, content }: Row): TaskRow => ({
  lane,
  task: Number(task),
  externalId: external_id,
  content,
});

const byNumber = statement<[market: Uint8Array, lane: number, tasks: readonly number[]], Row>(
  "tasks.byNumber",
  "select lane, task, external_id, content from tasks where market = $1 and lane = $2 and task = any($3::bigint[])",
);

const page = statement<[market: Uint8Array, lane: number, after: number, limit: number], Row>(
  "tasks.page",
  `select lane, task, external_id, content from tasks
   where market = $1 and lane = $2 and task > $3 order by task limit $4`,
);

const byId = statement<[market: Uint8Array, externalId: string], { task: bigint }>(
  "tasks.byId",
  "select task from tasks where market = $1 and external_id = $2",
);

export async function readTasks(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  tasks: readonly number[],
): Promise<TaskRow[]> {
  return (await runStatement(on, byNumber, [market, lane, tasks])).map(toTask);
}

/** In task order, after the given one; −1 begins at the start. */
export async function listTasks(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  after: number,
  limit: number,
): Promise<TaskRow[]> {
  return (await runStatement(on, page, [market, lane, after, limit])).map(toTask);
}

export async function findTask(on: Queryable, market: Uint8Array, externalId: string): Promise<number | null> {
  const [row] = await runStatement(on, byId, [market, externalId]);
  return row === undefined ? null : Number(row.task);
}

const hashes = statement<[market: Uint8Array, lane: number, from: number, to: number], { hash: Uint8Array }>(
  "tasks.hashes",
  "select hash from tasks where market = $1 and lane = $2 and task between $3 and $4 order by task",
);

/** What a range of tasks goes by in the log, in task order. */
export async function readTaskHashes(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  return (await runStatement(on, hashes, [market, lane, from, to])).map(({ hash }) => hash);
}
