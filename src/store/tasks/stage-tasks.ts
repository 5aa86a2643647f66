import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import { earnestError } from "../../core/errors.ts";
import { CopyRows } from "../copy-rows.ts";
import type { Connection, Queryable } from "../pool.ts";
import { mapDatabaseError } from "../pool-errors.ts";

/** A task on its way in, as its table has it. */
export interface StagedTask {
  readonly externalId: string;
  readonly content: string;
  readonly hash: Uint8Array;
}

/**
 * Each import has a table of its own, unlogged, since a crash ends the import anyway, and without an index, since it is
 * read once and whole. Its name says when it began.
 */
export interface Staging {
  readonly table: string;
}

const prefix = "staged_tasks_";

export const newStaging = (id: Uint8Array, atMs: number): Staging => ({
  table: `${prefix}${atMs}_${Buffer.from(id).toString("hex")}`,
});

export async function createStaging(on: Queryable, { table }: Staging): Promise<void> {
  await on.query(
    `create unlogged table ${table} (place integer not null, external_id text not null, content text not null,
       hash bytea not null)`,
  );
}

/** Streams tasks into the staging table by COPY, numbered from a place on, in bounded memory; returns the next place. */
export async function stageTasks(
  connection: Connection,
  { table }: Staging,
  from: number,
  portions: AsyncIterable<readonly StagedTask[]>,
): Promise<number> {
  let place = from;
  const pieces = async function* (): AsyncGenerator<Buffer> {
    const rows = new CopyRows(4);
    for await (const portion of portions) {
      for (const { externalId, content, hash } of portion) {
        rows.begin();
        rows.integer(place++);
        rows.text(externalId);
        rows.text(content);
        rows.bytes(hash);
        if (rows.isFull) yield rows.take();
      }
    }
    yield rows.end();
  };
  const copy = connection.query(
    copyFrom(`copy ${table} (place, external_id, content, hash) from stdin (format binary)`),
  );
  try {
    await pipeline(Readable.from(pieces(), { objectMode: true, highWaterMark: 2 }), copy);
  } catch (error) {
    throw mapDatabaseError(error);
  }
  return place;
}

/** As PostgreSQL tells which key it has already. */
const takenKey = /\(market, external_id\)=\([^,]*, (.*)\) already exists/s;

/** What one statement moves: a second or so of work, so that a statement's time does not bound how many tasks there may be. */
const pagesPerMove = 2_048;

/**
 * Into the market, numbered from `first`.
 * @throws MALFORMED_REQUEST where an id occurs twice, in the import or with the market's tasks; the transaction is lost
 */
export async function moveStagedTasks(
  connection: Connection,
  { table }: Staging,
  market: Uint8Array,
  lane: number,
  first: number,
): Promise<void> {
  try {
    const pages = await pagesOf(connection, table);
    for (let from = 0; from < pages; from += pagesPerMove) {
      await connection.query(
        `insert into tasks (market, lane, task, external_id, content, hash)
         select $1, $2, $3::bigint + place, external_id, content, hash from ${table}
         where ctid >= $4::tid and ctid < $5::tid`,
        [market, lane, first, `(${from},0)`, `(${from + pagesPerMove},0)`],
      );
    }
  } catch (error) {
    const taken = takenKey.exec((error as { detail?: string }).detail ?? "")?.[1];
    if (taken === undefined) throw error;
    const problem = `the id "${taken.slice(0, 80)}" is taken`;
    throw earnestError("MALFORMED_REQUEST", { where: "tasks", problem }, { cause: error });
  }
}

async function pagesOf(on: Queryable, table: string): Promise<number> {
  const { rows } = await on.query<{ pages: number }>(
    "select (pg_relation_size($1::regclass) / current_setting('block_size')::integer)::integer as pages",
    [table],
  );
  return rows[0]?.pages ?? 0;
}

export async function dropStaging(on: Queryable, { table }: Staging): Promise<void> {
  await on.query("delete from imports where staged = $1", [table]);
  await on.query(`drop table if exists ${table}`);
}

/** Whether nobody can go on with it. */
export async function isForgotten(on: Queryable, { table }: Staging): Promise<boolean> {
  return (await on.query("select from imports where staged = $1", [table])).rowCount === 0;
}

/** Takes away what imports left behind that died long ago. */
export async function dropAbandoned(on: Queryable, beforeMs: number): Promise<void> {
  const { rows } = await on.query<{ name: string }>(
    `select relname as name from pg_class
     where relkind = 'r' and relnamespace = current_schema()::regnamespace and starts_with(relname, $1)`,
    [prefix],
  );
  for (const { name } of rows) {
    const [, atMs] = /^staged_tasks_(\d{1,15})_[0-9a-f]+$/.exec(name) ?? [];
    if (atMs !== undefined && Number(atMs) < beforeMs) await dropStaging(on, { table: name });
  }
}
