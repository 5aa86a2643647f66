import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { sha256 } from "#src/main/crypto";
import { CopyRows } from "#src/store/copy-rows";
import { processorSeconds } from "../load/process.ts";
import { contentOf } from "./rows.ts";

export interface Copied {
  readonly rowsPerSecond: number;
  /** Of PostgreSQL's processor, for each row. */
  readonly microseconds: number;
}

/** COPY of the same rows into a table like that of the tasks, from buffers that are ready; nothing can be stored by less. */
export async function copyAlone(database: pg.Client, rows: number): Promise<Copied> {
  await database.query("drop table if exists copied");
  await database.query("create table copied (like tasks including indexes including constraints)");
  const found = await database.query<{ pid: number }>("select pg_backend_pid() as pid");
  const pid = found.rows[0]?.pid as number;
  const pieces = [...encoded(rows)];
  const before = processorSeconds(pid);
  const begun = performance.now();
  const columns = "market, lane, task, external_id, content, hash";
  const copy = database.query(copyFrom(`copy copied (${columns}) from stdin (format binary)`));
  await pipeline(Readable.from(pieces, { objectMode: true, highWaterMark: 2 }), copy);
  const seconds = (performance.now() - begun) / 1_000;
  const spent = processorSeconds(pid) - before;
  await database.query("drop table copied");
  return { rowsPerSecond: rows / seconds, microseconds: (spent * 1e6) / rows };
}

function* encoded(rows: number): Generator<Buffer> {
  const hash = createHash("sha256").digest();
  const market = new Uint8Array(16);
  const copy = new CopyRows(6);
  for (let i = 0; i < rows; i++) {
    copy.begin();
    copy.bytes(market);
    copy.smallint(0);
    copy.bigint(i);
    copy.text(`t${i}`);
    copy.text(`{"image":"${contentOf(i)}","question":"Is there a crossing?"}`);
    copy.bytes(hash);
    if (copy.isFull) yield copy.take();
  }
  yield copy.end();
}

const hashed = 300_000;

/** Microseconds of a processor for the three hashes of a row, of the sizes that they have: the task's, its leaf's and a node's. */
export function hashesAlone(): number {
  const [task, leaf, node] = [130, 33, 65].map((length) => new Uint8Array(length));
  const begun = process.cpuUsage();
  for (let i = 0; i < hashed; i++) for (const each of [task, leaf, node]) sha256(each as Uint8Array);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / hashed;
}
