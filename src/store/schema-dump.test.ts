import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { migrate } from "./migrate.ts";
import { readMigrations } from "./migrate-files.ts";
import { createPool, withConnection } from "./pool.ts";
import { dumpSchema } from "./schema-dump.ts";
import { createEmptyDatabase, sqlFolder, useTestDatabase } from "./testing.ts";
import { useTempFolders } from "./testing-folder.ts";

const tempFolder = useTempFolders();
const drops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const drop of drops.splice(0)) await drop();
});

async function dumpOf(sql: string): Promise<string> {
  const { url, drop } = await createEmptyDatabase();
  drops.push(drop);
  const pool = createPool({ url, log: () => undefined });
  try {
    if (sql !== "") await pool.query(sql);
    return await withConnection(pool, (connection) => dumpSchema(connection));
  } finally {
    await pool.end();
  }
}

describe("a dump", () => {
  it("of nothing is nothing", async () => {
    expect(await dumpOf("")).toBe("");
  });

  it("shows tables with types, defaults, identities, constraints, indexes and storage options", async () => {
    const dump = await dumpOf(`
      create table "Odd name" (id int8 generated always as identity primary key);
      create table lane (
        market bytea not null, lane int not null default 0, head int8 not null default 0 check (head >= 0),
        made timestamptz not null default now(), twice int8 generated always as (head * 2) stored,
        tags text[] default '{}', price numeric(20, 6), odd int8 references "Odd name" (id) on delete cascade,
        primary key (market, lane)
      ) with (fillfactor = 80);
      create index lane_made on lane (made desc) where head > 0;
      create unlogged table scratch (key text collate "C" unique);
      comment on table lane is 'a lane''s head';
      comment on column lane.head is 'its last entry';`);
    expect(dump).toBe(`create table "Odd name" (
  id bigint not null generated always as identity
);

create table lane (
  market bytea not null,
  lane integer not null default 0,
  head bigint not null default 0,
  made timestamp with time zone not null default now(),
  twice bigint generated always as ((head * 2)) stored,
  tags text[] default '{}'::text[],
  price numeric(20,6),
  odd bigint
) with (fillfactor=80);

create unlogged table scratch (
  key text collate "C"
);

alter table "Odd name" add constraint "Odd name_pkey" PRIMARY KEY (id);
alter table lane add constraint lane_pkey PRIMARY KEY (market, lane);
alter table lane add constraint lane_head_check CHECK ((head >= 0));
alter table scratch add constraint scratch_key_key UNIQUE (key);
alter table lane add constraint lane_odd_fkey FOREIGN KEY (odd) REFERENCES "Odd name"(id) ON DELETE CASCADE;

CREATE INDEX lane_made ON public.lane USING btree (made DESC) WHERE (head > 0);

comment on table lane is 'a lane''s head';
comment on column lane.head is 'its last entry';
`);
  });

  it("shows types, sequences, views, functions and triggers", async () => {
    const dump = await dumpOf(`
      create type status as enum ('open', 'closed');
      create type pair as (a int, b text);
      create domain positive as int8 not null default 1 constraint above check (value > 0);
      create sequence ticket start 5 increment 2;
      create table thing (n positive, s status);
      create view open_things as select 1 as n from thing;
      create function double(n int8) returns int8 language sql immutable as 'select n * 2';
      create function keep() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger keep_thing before delete on thing for each row execute function keep();`);
    for (const part of [
      "create type pair as (a integer, b text);",
      "create domain positive as bigint default 1 not null constraint above CHECK ((VALUE > 0));",
      "create type status as enum ('open', 'closed');",
      "create sequence ticket as bigint start 5 increment 2 minvalue 1",
      "create view open_things as\n SELECT 1 AS n\n   FROM thing;",
      "CREATE OR REPLACE FUNCTION public.double(n bigint)",
      "CREATE TRIGGER keep_thing BEFORE DELETE ON public.thing FOR EACH ROW EXECUTE FUNCTION keep();",
    ]) {
      expect(dump).toContain(part);
    }
    expect(dump.indexOf("FUNCTION public.double")).toBeLessThan(dump.indexOf("FUNCTION public.keep"));
  });

  it("shows partitions with their bounds, and their indexes once", async () => {
    const dump = await dumpOf(`
      create table entry (market int, seq int8, primary key (market, seq)) partition by range (market);
      create table entry_1 partition of entry for values from (0) to (100);
      create index entry_seq on entry (seq);`);
    expect(dump).toContain(") partition by RANGE (market);");
    expect(dump).toContain(") partition of entry FOR VALUES FROM (0) TO (100);");
    expect(dump.match(/add constraint/g)).toHaveLength(1);
    expect(dump.match(/CREATE INDEX/g)).toHaveLength(1);
  });

  it("is the same whatever order things were made in", async () => {
    const a = await dumpOf(`create table a (x int, y int); create table b (z int); create index a_x on a (x);
      create index a_y on a (y); alter table b add constraint p check (z > 1); alter table b add constraint q check (z < 9);`);
    const b = await dumpOf(`create table b (z int); alter table b add constraint q check (z < 9);
      alter table b add constraint p check (z > 1); create table a (gone int, x int, y int);
      alter table a drop column gone; create index a_y on a (y); create index a_x on a (x);`);
    expect(b).toBe(a);
  });

  it("leaves other schemas and the session's search path alone", async () => {
    const { url, drop } = await createEmptyDatabase();
    drops.push(drop);
    const pool = createPool({ url, log: () => undefined, connectionsMax: 1 });
    await pool.query("create schema other; create table other.t (a int); create table here (b int)");
    await withConnection(pool, async (connection) => {
      await connection.query("set search_path = other, public");
      expect(await dumpSchema(connection)).toBe("create table here (\n  b integer\n);\n");
      expect(await dumpSchema(connection, "other")).toBe("create table t (\n  a integer\n);\n");
      expect((await connection.query("show search_path")).rows).toEqual([{ search_path: "other, public" }]);
    });
    await pool.end();
  });

  it("can be run: what it made dumps the same", async () => {
    const sql = `create table lane (market bytea, lane int default 0, primary key (market, lane), check (lane >= 0));
      create table entry (market bytea, lane int, seq int8, body bytea storage main not null, primary key (market, lane, seq),
        foreign key (market, lane) references lane);
      create index entry_seq on entry using brin (seq);`;
    const dump = await dumpOf(sql);
    expect(await dumpOf(dump)).toBe(dump);
  });
});

describe("the repository's migrations", () => {
  const database = useTestDatabase();

  it("give one schema, in one go or one by one", async () => {
    const whole = await withConnection(database().pool, (connection) => dumpSchema(connection));
    const folder = await tempFolder();
    const { url, drop } = await createEmptyDatabase();
    drops.push(drop);
    for (const { name } of await readMigrations(sqlFolder)) {
      await writeFile(join(folder, `${name}.sql`), await readFile(join(sqlFolder, `${name}.sql`)));
      await migrate({ url, folder, log: () => undefined });
    }
    if ((await readMigrations(sqlFolder)).length === 0) return;
    const pool = createPool({ url, log: () => undefined });
    const stepwise = await withConnection(pool, (connection) => dumpSchema(connection));
    await pool.end();
    expect(stepwise).toBe(whole);
  });
});
