import { describe, expect, it } from "vitest";
import { barePostgres, commitsInSequence } from "../../bench/turn/bare-postgres.ts";
import { useTestDatabase } from "../../src/store/testing.ts";

const database = useTestDatabase();

describe("PostgreSQL alone", () => {
  it("writes rows into tables like ours, and leaves nothing", async () => {
    let spent = 0;
    const { rows, ms, processorSeconds } = await barePostgres(database().url, () => spent++);
    expect(rows).toBeGreaterThan(0);
    expect(rows % 64).toBe(0);
    expect(ms).toBeGreaterThan(0);
    expect(processorSeconds).toBe(1);
    const schemas = await database().pool.query("select 1 from pg_namespace where nspname = 'bare'");
    expect(schemas.rows).toEqual([]);
  });

  it("commits one change of a row after the other", async () => {
    expect(await commitsInSequence(database().url)).toBeGreaterThan(0);
  });
});
