import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import type { Json } from "../../core/json.ts";
import type { Connection, Queryable } from "../pool.ts";
import { mapDatabaseError } from "../pool-errors.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StagedTask {
  readonly externalId: string;
  readonly content: string;
  readonly hash: Uint8Array;
  readonly terms: string | null;
  readonly control: Json | null;
}

/** A message for each row would be two system calls for each. */
const charactersPerMessage = 64 * 1024;

const columns = "import, place, external_id, content, hash, terms, control, staged_at_ms";

/** Streams tasks into the staging table by COPY, in bounded memory; returns how many there were. */
export async function stageTasks(
  connection: Connection,
  id: Uint8Array,
  stagedAtMs: number,
  tasks: AsyncIterable<StagedTask>,
): Promise<number> {
  let place = 0;
  const importId = bytea(id);
  const lines = async function* (): AsyncGenerator<string> {
    let waiting = "";
    for await (const task of tasks) {
      waiting += `${importId}\t${place++}\t${valuesOf(task)}\t${stagedAtMs}\n`;
      if (waiting.length < charactersPerMessage) continue;
      yield waiting;
      waiting = "";
    }
    yield waiting;
  };
  const copy = connection.query(copyFrom(`copy staged_tasks (${columns}) from stdin`));
  try {
    await pipeline(Readable.from(lines()), copy);
  } catch (error) {
    throw mapDatabaseError(error);
  }
  return place;
}

const valuesOf = ({ externalId, content, hash, terms, control }: StagedTask): string =>
  [
    text(externalId),
    text(content),
    bytea(hash),
    text(terms),
    text(control === null ? null : JSON.stringify(control)),
  ].join("\t");

/** In COPY's text format, backslash escapes; \N is null. */
const text = (value: string | null): string =>
  value === null
    ? "\\N"
    : value.replace(/[\\\t\n\r]/g, (each) => ({ "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" })[each] as string);

const bytea = (value: Uint8Array): string =>
  `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;

interface Row {
  place: bigint;
  external_id: string;
  hash: Uint8Array;
  terms: string | null;
  control: string | null;
}

const read = statement<[id: Uint8Array, from: number, limit: number], Row>(
  "staged_tasks.read",
  `select place, external_id, hash, terms, control from staged_tasks
   where import = $1 and place >= $2 order by place limit $3`,
);

/** A portion in order, without the contents: those go from table to table. */
export async function readStagedTasks(
  on: Queryable,
  id: Uint8Array,
  from: number,
  limit: number,
): Promise<Omit<StagedTask, "content">[]> {
  const rows = await runStatement(on, read, [id, from, limit]);
  return rows.map(({ external_id, hash, terms, control }) => ({
    externalId: external_id,
    hash,
    terms,
    control: control === null ? null : (JSON.parse(control) as Json),
  }));
}

const taken = statement<[id: Uint8Array, market: Uint8Array], { external_id: string }>(
  "staged_tasks.taken",
  `select external_id from (
     select external_id from staged_tasks where import = $1 group by external_id having count(*) > 1
     union all
     select s.external_id from staged_tasks s join tasks t on t.market = $2 and t.external_id = s.external_id
     where s.import = $1
   ) clash limit 1`,
);

/** An id that occurs twice, in the import or with the market's tasks; null where all are new. */
export async function findTakenId(on: Queryable, id: Uint8Array, market: Uint8Array): Promise<string | null> {
  const [row] = await runStatement(on, taken, [id, market]);
  return row?.external_id ?? null;
}

const move = statement<[id: Uint8Array, market: Uint8Array, lane: number, first: number], Record<string, never>>(
  "staged_tasks.move",
  `insert into tasks (market, lane, task, external_id, content, hash)
   select $2, $3, $4 + place, external_id, content, hash from staged_tasks where import = $1 order by place`,
);

export async function moveStagedTasks(
  connection: Connection,
  id: Uint8Array,
  market: Uint8Array,
  lane: number,
  first: number,
): Promise<void> {
  await runStatement(connection, move, [id, market, lane, first]);
}

const drop = statement<[id: Uint8Array, beforeMs: number], Record<string, never>>(
  "staged_tasks.drop",
  "delete from staged_tasks where import = $1 or staged_at_ms < $2",
);

/** Takes away an import that ended, and whatever was left behind by ones that died long ago. */
export async function dropStagedTasks(on: Queryable, id: Uint8Array, beforeMs: number): Promise<void> {
  await runStatement(on, drop, [id, beforeMs]);
}
