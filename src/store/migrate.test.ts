import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, inject, it } from "vitest";
import { type Migrated, type MigrateOptions, migrate } from "./migrate.ts";
import { createEmptyDatabase } from "./testing.ts";
import { useTempFolders } from "./testing-folder.ts";
import { queryOnce } from "./testing-query.ts";

const tempFolder = useTempFolders();
const drops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const drop of drops.splice(0)) await drop();
});

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await createEmptyDatabase();
  drops.push(drop);
  return url;
}

type Files = Readonly<Record<string, string>>;

const two: Files = {
  "000001_first.sql": "create table fruit (name text primary key); insert into fruit values ('apple');",
  "000002_second.sql": "alter table fruit add column colour text; insert into fruit values ('pear', 'green');",
};

async function folderWith(files: Files): Promise<string> {
  const folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const run = async (url: string, files: Files, log: MigrateOptions["log"] = () => undefined): Promise<Migrated> =>
  migrate({ url, folder: await folderWith(files), log });

describe("applying", () => {
  it("brings an empty database up, and a migrated one no further", async () => {
    const url = await emptyDatabase();
    const lines: string[] = [];
    const log = (line: string): void => {
      lines.push(line);
    };
    expect(await run(url, two, log)).toEqual({ from: 0, to: 2, applied: [1, 2] });
    expect(lines).toEqual(["migrated the database to 000001_first", "migrated the database to 000002_second"]);
    expect(await run(url, two, log)).toEqual({ from: 2, to: 2, applied: [] });
    expect(lines).toHaveLength(2);
    expect(await queryOnce(url, "select name from fruit order by name")).toEqual([{ name: "apple" }, { name: "pear" }]);
  });

  it("applies only what is new", async () => {
    const url = await emptyDatabase();
    await run(url, { "000001_first.sql": two["000001_first.sql"] as string });
    expect(await run(url, two)).toEqual({ from: 1, to: 2, applied: [2] });
    expect(await queryOnce(url, "select id, name, breaking from migrations order by id")).toEqual([
      { id: 1, name: "000001_first", breaking: false },
      { id: 2, name: "000002_second", breaking: false },
    ]);
  });

  it("is content with a folder without migrations, and ignores files that are none", async () => {
    const url = await emptyDatabase();
    expect(await run(url, { "schema.sql": "nonsense", "README.md": "words" })).toEqual({ from: 0, to: 0, applied: [] });
  });

  it("lets five runners race: each migration is applied once", async () => {
    const url = await emptyDatabase();
    const slow = { ...two, "000003_slow.sql": "select pg_sleep(0.2); insert into fruit values ('plum', 'blue');" };
    const folder = await folderWith(slow);
    const runners = await Promise.all(Array.from({ length: 5 }, () => migrate({ url, folder, log: () => undefined })));
    expect(runners.flatMap(({ applied }) => applied).sort((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(runners.map(({ to }) => to)).toEqual([3, 3, 3, 3, 3]);
    expect(await queryOnce(url, "select count(*)::int as n from fruit")).toEqual([{ n: 3 }]);
  });

  it("serves several databases of one server at once", async () => {
    const urls = await Promise.all([emptyDatabase(), emptyDatabase()]);
    const done = await Promise.all(urls.map((url) => run(url, two)));
    expect(done.map(({ applied }) => applied)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

describe("failing", () => {
  it("leaves nothing of the migration that failed, and keeps those before it", async () => {
    const url = await emptyDatabase();
    const broken = { ...two, "000003_broken.sql": "create table half (); insert into nowhere values (1);" };
    await expect(run(url, broken)).rejects.toMatchObject({
      code: "MIGRATION_MISMATCH",
      message: expect.stringContaining('000003_broken failed: relation "nowhere" does not exist'),
    });
    expect(await queryOnce(url, "select max(id) as id, to_regclass('half') as half from migrations")).toEqual([
      { id: 2, half: null },
    ]);
    const mended = { ...two, "000003_broken.sql": "create table half ();" };
    expect(await run(url, mended)).toEqual({ from: 2, to: 3, applied: [3] });
  });

  it("lets a runner that waited apply what the one before it could not", async () => {
    const url = await emptyDatabase();
    const once = `do $$ begin
      if (select count(*) from pg_stat_activity where application_name = 'earnest migrate'
          and wait_event_type = 'Lock') > 0 then raise exception 'first'; end if; end $$;`;
    const files = { "000001_once.sql": `select pg_sleep(0.5); ${once}` };
    const folder = await folderWith(files);
    const both = await Promise.allSettled([1, 2].map(() => migrate({ url, folder, log: () => undefined })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await queryOnce(url, "select count(*)::int as n from migrations")).toEqual([{ n: 1 }]);
  });

  it("says DATABASE_UNAVAILABLE where no database answers", async () => {
    const url = `postgresql://x:y@localhost/x?host=${encodeURIComponent(await tempFolder())}`;
    await expect(run(url, two)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  });

  it.each([
    ["000002_gap.sql", "000001_some_name.sql"],
    ["1_short.sql", "000001_some_name.sql"],
    ["000001_Capital.sql", "000001_some_name.sql"],
  ])("refuses a file named %s", async (name, proposal) => {
    const folder = await tempFolder();
    await writeFile(join(folder, name), "select 1");
    await expect(migrate({ url: "", folder, log: () => undefined })).rejects.toMatchObject({
      code: "MIGRATION_MISMATCH",
      message: expect.stringContaining(proposal),
    });
  });

  it("refuses two files with one number, and a folder that is not there", async () => {
    const twice = { "000001_a.sql": "select 1", "000001_b.sql": "select 1" };
    await expect(run("", twice)).rejects.toMatchObject({ code: "MIGRATION_MISMATCH" });
    const folder = await tempFolder();
    await rm(folder, { recursive: true });
    await expect(migrate({ url: "", folder, log: () => undefined })).rejects.toMatchObject({ code: "ENOENT" });
    await mkdir(folder);
  });
});

describe("a database of other code", () => {
  const first = { "000001_first.sql": two["000001_first.sql"] as string };

  it("that is newer but not breaking is used as it is", async () => {
    const url = await emptyDatabase();
    await run(url, two);
    expect(await run(url, first)).toEqual({ from: 2, to: 2, applied: [] });
  });

  it("that is newer and breaking is refused, untouched", async () => {
    const url = await emptyDatabase();
    await run(url, { ...two, "000003_new.sql": "--! breaking\ndrop table fruit;" });
    await expect(run(url, two)).rejects.toMatchObject({
      code: "MIGRATION_MISMATCH",
      message: expect.stringContaining("newer than this program (000003_new, breaking)"),
    });
    expect(await queryOnce(url, "select count(*)::int as n from migrations")).toEqual([{ n: 3 }]);
  });

  it("whose migration had another text is refused", async () => {
    const url = await emptyDatabase();
    await run(url, first);
    await expect(run(url, { "000001_first.sql": "create table vegetable ();" })).rejects.toMatchObject({
      code: "MIGRATION_MISMATCH",
      message: expect.stringContaining("000001_first was applied with another text"),
    });
  });

  it("marks as breaking only what says so in its first line", async () => {
    const url = await emptyDatabase();
    await run(url, { "000001_a.sql": "--! breaking\nselect 1;", "000002_b.sql": "select 1;\n--! breaking\n" });
    expect(await queryOnce(url, "select breaking from migrations order by id")).toEqual([
      { breaking: true },
      { breaking: false },
    ]);
  });
});

it("this run's server is one of the supported versions", async () => {
  const [row] = await queryOnce<{ major: number }>(
    inject("postgresUrl"),
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  expect(row?.major).toBeGreaterThanOrEqual(15);
  expect(row?.major).toBeLessThanOrEqual(18);
});
