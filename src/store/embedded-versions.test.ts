import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { createPool, withConnection } from "./pool.ts";
import { dumpSchema } from "./schema-dump.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";
import { useTempFolders } from "./testing-folder.ts";

/** Where Debian and its kin put the programs of each version. */
const programsOf = (major: number): string => `/usr/lib/postgresql/${major}`;
const tempFolder = useTempFolders(afterAll);

// What is absent on this machine is listed as skipped, with its name.
describe.each([15, 16, 17])("PostgreSQL %i from /usr/lib/postgresql", (major) => {
  const absent = !existsSync(join(programsOf(major), "bin", "initdb"));
  let server: Embedded | undefined;
  let database: TestDatabase | undefined;

  beforeAll(async () => {
    if (absent) return;
    server = await startEmbedded({ folder: await tempFolder(), log: () => undefined, programs: programsOf(major) });
    database = await createTestDatabase({ serverUrl: server.url });
  });
  afterAll(async () => {
    await database?.drop();
    await server?.stop();
  });

  it.skipIf(absent)("takes the migrations and gives the same schema as the embedded one", async () => {
    const mine = database as TestDatabase;
    const shown = await mine.pool.query("select current_setting('server_version_num')::int / 10000 as major");
    expect(shown.rows).toEqual([{ major }]);
    const reference = await createTestDatabase();
    const dumps = await Promise.all(
      [mine, reference].map(({ pool }) => withConnection(pool, (connection) => dumpSchema(connection))),
    );
    await reference.drop();
    expect(dumps[0]).toBe(dumps[1]);
  });

  it.skipIf(absent)("parses values alike", async () => {
    const pool = createPool({ url: (database as TestDatabase).url, log: () => undefined });
    const { rows } = await pool.query("select 5::int8 as n, '\\x0102'::bytea as b, array[1::int8] as a");
    expect(rows).toEqual([{ n: 5n, b: new Uint8Array([1, 2]), a: [1n] }]);
    await pool.end();
  });

  it.skipIf(absent)("is refused for data of another version", async () => {
    const folder = await tempFolder();
    await (await startEmbedded({ folder, log: () => undefined })).stop();
    await expect(startEmbedded({ folder, log: () => undefined, programs: programsOf(major) })).rejects.toMatchObject({
      code: "DATABASE_VERSION_MISMATCH",
    });
  });
});
