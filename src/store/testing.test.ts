import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { createPool } from "./pool.ts";
import { createEmptyDatabase, createTestDatabase, useTestDatabase } from "./testing.ts";
import { useTempFolders } from "./testing-folder.ts";
import { startTestServer } from "./testing-server.ts";

const tempFolder = useTempFolders();

async function names(pattern: string): Promise<string[]> {
  const pool = createPool({ url: inject("postgresUrl"), log: () => undefined });
  const { rows } = await pool.query<{ datname: string }>("select datname from pg_database where datname like $1", [
    pattern,
  ]);
  await pool.end();
  return rows.map(({ datname }) => datname);
}

describe("test databases", () => {
  const shared = useTestDatabase();

  it("are migrated, and separate from each other", async () => {
    const other = await createTestDatabase();
    expect((await shared().pool.query("select to_regclass('migrations')::text as found")).rows).toEqual([
      { found: "migrations" },
    ]);
    await other.pool.query("create table only_here ()");
    const found = await shared().pool.query("select to_regclass('only_here') as found");
    expect(found.rows).toEqual([{ found: null }]);
    await other.drop();
  });

  it("are gone after drop, also with connections open, and twice does no harm", async () => {
    const database = await createTestDatabase();
    const stray = createPool({ url: database.url, log: () => undefined });
    await stray.query("select 1");
    await database.drop();
    await database.drop();
    expect(await names(new URL(database.url).pathname.slice(1))).toEqual([]);
    await stray.end();
  });

  it("come from a template that several can clone at once, built once", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "000001_only.sql"), `create table "of ${process.pid} at ${Date.now()}" ();`);
    const before = await names("earnest\\_template\\_%");
    const clones = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase({ sqlFolder: folder })));
    const after = (await names("earnest\\_template\\_%")).filter((name) => !before.includes(name));
    expect(after).toHaveLength(1);
    await Promise.all(clones.map((clone) => clone.drop()));
    const pool = createPool({ url: inject("postgresUrl"), log: () => undefined });
    await pool.query(`drop database ${after[0]}`);
    await pool.end();
  });

  it("can be empty", async () => {
    const { url, drop } = await createEmptyDatabase();
    const pool = createPool({ url, log: () => undefined });
    const tables = await pool.query("select from pg_tables where schemaname = 'public'");
    expect(tables.rowCount).toBe(0);
    await pool.end();
    await drop();
  });

  it("take little time", async () => {
    const began = performance.now();
    const database = await createTestDatabase();
    const ms = performance.now() - began;
    await database.drop();
    expect(ms).toBeLessThan(2_000);
  });
});

describe("the test server", () => {
  it("is the external one where the runner names one", async () => {
    const server = await startTestServer({ databaseUrl: "postgresql://elsewhere/x", log: () => undefined });
    expect(server.url).toBe("postgresql://elsewhere/x");
    await server.stop();
  });

  it.skipIf(process.env["DATABASE_URL"] !== undefined)("is shared, and clears away what dead runs left", async () => {
    const pool = createPool({ url: inject("postgresUrl"), log: () => undefined });
    // No process has a number this high.
    await pool.query("create database earnest_test_99999999_left");
    await pool.end();
    const server = await startTestServer({ databaseUrl: undefined, log: () => undefined });
    expect(server.url).toBe(inject("postgresUrl"));
    expect(await names("earnest\\_test\\_99999999\\_left")).toEqual([]);
    await server.stop();
    expect(await names("earnest")).toEqual(["earnest"]);
  });
});
