import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { processesIn } from "./embedded/processes.ts";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { createPool, type Pool, withConnection } from "./pool.ts";
import { mapDatabaseError } from "./pool-errors.ts";
import { runStatement, statement } from "./pool-statement.ts";
import { waitForDatabase } from "./pool-wait.ts";
import { useTestDatabase } from "./testing.ts";
import { useTempFolders } from "./testing-folder.ts";

const database = useTestDatabase();
const tempFolder = useTempFolders();

describe("values", () => {
  it("int8 is bigint and bytea a plain Uint8Array, alone and in arrays, also beyond 2^53", async () => {
    const { rows } = await database().pool.query(`select 9223372036854775807::int8 as big, '\\x00ff'::bytea as bytes,
      '{1,null,-9223372036854775808}'::int8[] as bigs, array['\\x01'::bytea, null, '\\x'::bytea] as several,
      sum(n)::int8 as total, count(*) as count, null::int8 as none, 7::int4 as small
      from generate_series(1, 3) n`);
    expect(rows[0]).toEqual({
      big: 9_223_372_036_854_775_807n,
      bytes: new Uint8Array([0, 255]),
      bigs: [1n, null, -9_223_372_036_854_775_808n],
      several: [new Uint8Array([1]), null, new Uint8Array(0)],
      total: 6n,
      count: 3n,
      none: null,
      small: 7,
    });
    expect(Buffer.isBuffer(rows[0].bytes)).toBe(false);
  });

  it("bigint and Uint8Array go in as they come out, alone and in arrays", async () => {
    const bytes = [new Uint8Array([1, 2]), new Uint8Array(0)];
    const { rows } = await database().pool.query(
      "select $1::int8 as a, $2::bytea as b, $3::int8[] as c, $4::bytea[] as d",
      [2n ** 62n, new Uint8Array(new Uint8Array([9, 8, 7, 6]).buffer, 1, 2), [1n, 2n ** 62n], bytes],
    );
    expect(rows[0]).toEqual({ a: 2n ** 62n, b: new Uint8Array([8, 7]), c: [1n, 2n ** 62n], d: bytes });
  });
});

describe("statements", () => {
  const double = statement<[n: bigint], { twice: bigint }>("test.double", "select $1::int8 * 2 as twice");

  it("are prepared once a connection, and typed", async () => {
    await withConnection(database().pool, async (connection) => {
      for (const n of [1n, 2n, 3n]) {
        const rows = await runStatement(connection, double, [n]);
        expectTypeOf(rows).toEqualTypeOf<{ twice: bigint }[]>();
        expect(rows).toEqual([{ twice: n * 2n }]);
      }
      const prepared = await connection.query("select name from pg_prepared_statements");
      expect(prepared.rows).toEqual([{ name: "test.double" }]);
    });
  });

  it("have one text a name, and a name PostgreSQL does not cut", () => {
    expect(statement("test.double", double.text).name).toBe("test.double");
    expect(() => statement("test.double", "select 1")).toThrow(/used twice/);
    expect(() => statement("x".repeat(64), "select 1")).toThrow(/longer/);
  });

  it("throw PostgreSQL's own error unchanged", async () => {
    const broken = statement<[], Record<string, never>>("test.broken", "select from nowhere");
    await expect(runStatement(database().pool, broken, [])).rejects.toMatchObject({ code: "42P01" });
  });
});

describe("errors", () => {
  const withCode = (code: string, more: object = {}): Error => Object.assign(new Error("oh"), { code, ...more });

  it.each([
    withCode("ECONNREFUSED"),
    withCode("ECONNRESET"),
    withCode("ENOENT", { syscall: "connect" }),
    withCode("57P01"),
    withCode("57P03"),
    withCode("08006"),
    withCode("53300"),
    new Error("Connection terminated unexpectedly"),
    new Error("timeout exceeded when trying to connect"),
    new AggregateError([withCode("ECONNREFUSED"), withCode("ECONNREFUSED")], "both addresses"),
  ])("%s is DATABASE_UNAVAILABLE, with its cause", (error) => {
    const mapped = mapDatabaseError(error);
    expect(mapped).toMatchObject({ code: "DATABASE_UNAVAILABLE", kind: "unavailable", cause: error });
  });

  it.each([withCode("53100"), withCode("58030", { message: "could not write: No space left on device" })])(
    "%s is DISK_FULL_EXCEEDED",
    (error) => {
      expect(mapDatabaseError(error)).toMatchObject({ code: "DISK_FULL_EXCEEDED", cause: error });
    },
  );

  it.each([
    withCode("23505"),
    withCode("57014"),
    withCode("ENOENT", { syscall: "open" }),
    new TypeError("a bug"),
    earnestError("INTERNAL", { requestId: "1" }),
    "a string",
    undefined,
  ])("%s stays what it is", (error) => {
    expect(mapDatabaseError(error)).toBe(error);
  });
});

describe("limits", () => {
  it("a statement that takes too long is ended by the server", async () => {
    const pool = createPool({ url: database().url, log: () => undefined, statementMsMax: 100 });
    await expect(pool.query("select pg_sleep(5)")).rejects.toMatchObject({ code: "57014" });
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it("a pool with no free connection gives up after its time", async () => {
    const pool = createPool({ url: database().url, log: () => undefined, connectionsMax: 1, connectMsMax: 100 });
    const held = await pool.connect();
    await expect(withConnection(pool, async () => 1)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    held.release();
    expect(await withConnection(pool, async () => 1)).toBe(1);
    await pool.end();
  });

  it("a connection whose work failed is not used again", async () => {
    const pool = createPool({ url: database().url, log: () => undefined, connectionsMax: 1 });
    const pid = async (): Promise<number | undefined> => {
      const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
      return rows[0]?.pid;
    };
    const before = await pid();
    const failed = withConnection(pool, async (connection) => {
      await connection.query("begin");
      throw new Error("in the middle");
    });
    await expect(failed).rejects.toThrow("in the middle");
    expect(await pid()).not.toBe(before);
    await pool.end();
  });
});

describe("waiting", () => {
  it("returns at once where the database answers", async () => {
    await waitForDatabase(database().pool, { msMax: 0 });
  });

  it("gives up after its time where nothing answers", async () => {
    const url = `postgresql://x:y@localhost/x?host=${encodeURIComponent(await tempFolder())}`;
    const pool = createPool({ url, log: () => undefined });
    const lines: string[] = [];
    const wait = waitForDatabase(pool, { msMax: 300, log: (line) => lines.push(line) });
    await expect(wait).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(lines).toEqual(["waiting for the database"]);
    await pool.end();
  });

  it("does not wait for a wrong password or name to become right", async () => {
    const url = new URL(database().url);
    url.pathname = "/nowhere";
    const pool = createPool({ url: url.href, log: () => undefined });
    const began = performance.now();
    await expect(waitForDatabase(pool, { msMax: 5_000 })).rejects.toMatchObject({ code: "3D000" });
    expect(performance.now() - began).toBeLessThan(2_000);
    await pool.end();
  });
});

describe("a server killed under load", () => {
  const temporary = useTempFolders(afterAll);
  let server: Embedded;
  let folder = "";
  let pool: Pool;
  const lines: string[] = [];

  beforeAll(async () => {
    folder = await temporary();
    server = await startEmbedded({ folder, log: () => undefined });
    pool = createPool({ url: server.url, log: (line) => lines.push(line), connectionsMax: 8 });
    await pool.query("create table counted (n int8)");
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  it("costs errors with the right code, no acknowledged row, and the pool recovers by itself", async () => {
    let acknowledged = 0;
    const wrong: unknown[] = [];
    let stopping = false;
    const insert = statement<[n: bigint], never>("test.count", "insert into counted values ($1)");
    const load = Array.from({ length: 8 }, async () => {
      while (!stopping) {
        try {
          await runStatement(pool, insert, [BigInt(acknowledged)]);
          acknowledged++;
        } catch (error) {
          if (!isEarnestError(error, "DATABASE_UNAVAILABLE")) wrong.push(error);
          await sleep(5);
        }
      }
    });
    for (let kills = 0; kills < 3; kills++) {
      const before = acknowledged;
      await expect.poll(() => acknowledged - before, { timeout: 10_000 }).toBeGreaterThan(40);
      const { pid } = server;
      const everything = processesIn(join(folder, "postgres", "data"));
      for (const each of kills === 1 ? [pid] : everything) process.kill(each, "SIGKILL");
      for (const deadline = Date.now() + 15_000; server.pid === pid && Date.now() < deadline; ) await sleep(20);
      await waitForDatabase(pool, { msMax: 10_000 });
    }
    stopping = true;
    await Promise.all(load);
    expect(wrong).toEqual([]);
    const { rows } = await pool.query<{ n: bigint }>("select count(*) as n from counted");
    expect(Number(rows[0]?.n)).toBeGreaterThanOrEqual(acknowledged);
  });

  it("does not crash the process through idle connections, or ones in use between two statements", async () => {
    const idle = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
    for (const client of idle.slice(1)) client.release();
    lines.length = 0;
    const { pid } = server;
    for (const each of processesIn(join(folder, "postgres", "data"))) process.kill(each, "SIGKILL");
    for (const deadline = Date.now() + 15_000; server.pid === pid && Date.now() < deadline; ) await sleep(20);
    expect(lines.some((line) => line.startsWith("a database connection was lost"))).toBe(true);
    const held = idle[0];
    await expect(held?.query("select 1")).rejects.toThrow();
    held?.release(true);
    await waitForDatabase(pool, { msMax: 10_000 });
  });
});
