import pg from "pg";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { type Migration, readMigrations } from "./migrate-files.ts";
import type { Connection } from "./pool.ts";
import { mapDatabaseError } from "./pool-errors.ts";

export interface MigrateOptions {
  readonly url: string;
  /** Holds 000001_name.sql and so on. */
  readonly folder: string;
  readonly log: (line: string) => void;
}

export interface Migrated {
  /** The number of the database's last migration, before and after. */
  readonly from: number;
  readonly to: number;
  readonly applied: readonly number[];
}

interface Applied {
  readonly id: number;
  readonly name: string;
  readonly breaking: boolean;
  readonly sha256: string;
}

export const supportedMajors = { first: 15, last: 18 };

/** Any constant will do, as long as it is only ours: the bytes of "earnest" as a number. */
const lockKey = "28536116754084724";

/**
 * Brings the database to the state the code expects, one transaction a migration. Runners that race wait for each
 * other at the lock; a migration's own row goes in first, so that the later runner sees it and skips. A migration that
 * fails leaves nothing. A database with newer migrations is left alone: it is usable as long as none of them is marked
 * breaking, and refused otherwise.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const known = await readMigrations(options.folder);
  // Not of a pool: a pool's limits are for requests, and a migration, or the wait for another runner's, may take long.
  const connection = new pg.Client({
    connectionString: options.url,
    application_name: "earnest migrate",
    connectionTimeoutMillis: 10_000,
  });
  connection.on("error", () => undefined);
  try {
    await connection.connect();
    await checkServerVersion(connection);
    return await bringUp(connection, known, options.log);
  } catch (error) {
    throw mapDatabaseError(error);
  } finally {
    await connection.end().catch(() => undefined);
  }
}

async function bringUp(
  connection: Connection,
  known: readonly Migration[],
  log: MigrateOptions["log"],
): Promise<Migrated> {
  const before = (await hasTable(connection)) ? await readApplied(connection) : await createTable(connection);
  compare(known, before);
  const from = before.at(-1)?.id ?? 0;
  const applied: number[] = [];
  for (const migration of known.filter(({ id }) => id > from)) {
    if (!(await apply(connection, migration))) continue;
    applied.push(migration.id);
    log(`migrated the database to ${migration.name}`);
  }
  return { from, to: Math.max(from, known.at(-1)?.id ?? 0), applied };
}

async function checkServerVersion(connection: Connection): Promise<void> {
  const { rows } = await connection.query<{ number: string; text: string }>(
    "select current_setting('server_version_num') as number, current_setting('server_version') as text",
  );
  const row = rows[0] as { number: string; text: string };
  const major = Math.floor(Number(row.number) / 10_000);
  const { first, last } = supportedMajors;
  if (major >= first && major <= last) return;
  throw earnestError("DATABASE_VERSION_MISMATCH", { found: row.text, supported: `${first} to ${last}` });
}

async function hasTable(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query<{ found: boolean }>("select to_regclass('migrations') is not null as found");
  return rows[0]?.found === true;
}

async function createTable(connection: Connection): Promise<Applied[]> {
  return inTransaction(connection, async () => {
    await connection.query(`create table if not exists migrations (
      id int primary key,
      name text not null,
      breaking boolean not null,
      sha256 text not null,
      applied_at timestamptz not null default now()
    )`);
    return readApplied(connection);
  });
}

async function readApplied(connection: Connection): Promise<Applied[]> {
  const { rows } = await connection.query<Applied>("select id, name, breaking, sha256 from migrations order by id");
  return rows;
}

/** @throws MIGRATION_MISMATCH where the database was written by code that this code cannot stand in for */
function compare(known: readonly Migration[], applied: readonly Applied[]): void {
  const byId = new Map(known.map((migration) => [migration.id, migration]));
  const last = known.at(-1)?.id ?? 0;
  for (const { id, name, breaking, sha256 } of applied) {
    if (id > last && breaking) {
      throw earnestError("MIGRATION_MISMATCH", { problem: `it is newer than this program (${name}, breaking)` });
    }
    if (id <= last && byId.get(id)?.sha256 !== sha256) {
      throw earnestError("MIGRATION_MISMATCH", { problem: `${name} was applied with another text than it has now` });
    }
  }
}

/** @returns false where another runner was faster */
async function apply(connection: Connection, migration: Migration): Promise<boolean> {
  const { id, name, breaking, sha256, text } = migration;
  try {
    return await inTransaction(connection, async () => {
      const row = await connection.query(
        "insert into migrations (id, name, breaking, sha256) values ($1, $2, $3, $4) on conflict do nothing",
        [id, name, breaking, sha256],
      );
      if (row.rowCount === 0) return false;
      await connection.query(text);
      return true;
    });
  } catch (cause) {
    const error = mapDatabaseError(cause);
    if (isEarnestError(error)) throw error;
    const problem = `${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw earnestError("MIGRATION_MISMATCH", { problem }, { cause });
  }
}

async function inTransaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await connection.query("begin");
  try {
    await connection.query(`select pg_advisory_xact_lock(${lockKey})`);
    const result = await work();
    await connection.query("commit");
    return result;
  } catch (error) {
    await connection.query("rollback").catch(() => undefined);
    throw error;
  }
}
