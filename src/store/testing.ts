import { createHash, randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { migrate } from "./migrate.ts";
import { readMigrations } from "./migrate-files.ts";
import { createPool, type Pool } from "./pool.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The server of this test run; test/setup/postgres.ts provides it. */
    postgresUrl: string;
  }
}

export interface TestDatabase {
  readonly url: string;
  readonly pool: Pool;
  drop(): Promise<void>;
}

interface TestDatabaseOptions {
  /** Whose migrations the database starts with: by default the repository's. */
  readonly sqlFolder?: string;
  readonly connectionsMax?: number;
  readonly serverUrl?: string;
}

export const sqlFolder = fileURLToPath(new URL("../../sql", import.meta.url));

/**
 * A migrated database of one's own, cloned from a template in a tenth of a second. The template is built by whoever needs it
 * first and named by the migrations' hash, so it serves all test files and later runs until a migration changes.
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const serverUrl = options.serverUrl ?? inject("postgresUrl");
  const name = `earnest_test_${process.pid}_${randomBytes(6).toString("hex")}`;
  await asAdministrator(serverUrl, async (client) => {
    const template = await ensureTemplate(client, serverUrl, options.sqlFolder ?? sqlFolder);
    await client.query(`create database ${name} template ${template}`);
  });
  const url = urlOfDatabase(serverUrl, name);
  const pool = createPool({ url, log: () => undefined, connectionsMax: options.connectionsMax ?? 10, name });
  const drop = async (): Promise<void> => {
    if (!pool.ended) await pool.end();
    await asAdministrator(serverUrl, (client) => dropDatabase(client, name));
  };
  return { url, pool, drop };
}

/** One database for the tests of a file: `const database = useTestDatabase();` and then `database().pool`. */
export function useTestDatabase(options: TestDatabaseOptions = {}): () => TestDatabase {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await createTestDatabase(options);
  });
  afterAll(async () => {
    await database?.drop();
  });
  return () => {
    if (database === undefined) throw new Error("the test database exists only while tests run");
    return database;
  };
}

/** An empty database, not migrated. */
export async function createEmptyDatabase(serverUrl = inject("postgresUrl")): Promise<Omit<TestDatabase, "pool">> {
  const name = `earnest_test_${process.pid}_${randomBytes(6).toString("hex")}`;
  await asAdministrator(serverUrl, (client) => client.query(`create database ${name} template template0`));
  const drop = async (): Promise<void> => {
    await asAdministrator(serverUrl, (client) => dropDatabase(client, name));
  };
  return { url: urlOfDatabase(serverUrl, name), drop };
}

function urlOfDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdministrator<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Any constant of our own: building templates one at a time is plenty. */
const templateLock = 7_305_219;

async function ensureTemplate(client: pg.Client, serverUrl: string, folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const { name, sha256 } of await readMigrations(folder)) hash.update(`${name} ${sha256}\n`);
  const template = `earnest_template_${hash.digest("hex").slice(0, 16)}`;
  if (await exists(client, template)) return template;
  await client.query("select pg_advisory_lock($1)", [templateLock]);
  try {
    if (!(await exists(client, template))) await buildTemplate(client, serverUrl, folder, template);
  } finally {
    await client.query("select pg_advisory_unlock($1)", [templateLock]);
  }
  return template;
}

async function exists(client: pg.Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query("select from pg_database where datname = $1", [database]);
  return rowCount === 1;
}

/** Under another name until it is complete; nobody may connect afterwards, since a clone needs its model unused. */
async function buildTemplate(client: pg.Client, serverUrl: string, folder: string, template: string): Promise<void> {
  await dropOldTemplates(client);
  const draft = `${template}_draft`;
  await dropDatabase(client, draft);
  await client.query(`create database ${draft} template template0`);
  await migrate({ url: urlOfDatabase(serverUrl, draft), folder, log: () => undefined });
  await client.query(`comment on database ${draft} is '${new Date().toISOString()}'`);
  await client.query(`alter database ${draft} with allow_connections false`);
  await client.query(`alter database ${draft} rename to ${template}`);
}

async function dropOldTemplates(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(`
    select datname from pg_database
    where datname like 'earnest\\_template\\_%' and datname not like '%\\_draft'
      and coalesce(shobj_description(oid, 'pg_database')::timestamptz, '-infinity') < now() - interval '1 day'`);
  for (const { datname } of rows) await dropDatabase(client, datname);
}

const insufficientPrivilege = "42501";

/** Whoever is still connected is thrown out. Only a superuser may do so with autovacuum, which is in a database for a moment. */
async function dropDatabase(client: pg.Client, name: string, attempts = 100): Promise<void> {
  try {
    await client.query(`drop database if exists ${name} with (force)`);
  } catch (cause) {
    if (attempts === 1 || !(cause instanceof pg.DatabaseError) || cause.code !== insufficientPrivilege) throw cause;
    await setTimeout(100);
    await dropDatabase(client, name, attempts - 1);
  }
}
