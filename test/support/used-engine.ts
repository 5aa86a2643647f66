import { afterAll, beforeAll } from "vitest";
import type { EngineContext } from "../../src/engine/context.ts";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Pool } from "../../src/store/pool.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import { testContext } from "./engine.ts";
import { offlineRail } from "./engine-world.ts";

export interface UsedEngine {
  readonly pool: () => Pool;
  readonly time: { now: number };
  readonly clock: () => number;
  /** That of the engine; for a further process on the same database. */
  readonly context: () => EngineContext;
  readonly engine: () => Engine;
}

/** One engine for the tests of a file, on a database of its own, with a clock that they set and the offline rail. */
export function useTestEngine(): UsedEngine {
  const database = useTestDatabase();
  const pool = (): Pool => database().pool;
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const context = (): EngineContext => testContext(pool(), offlineRail, { clock });
  let engine: Engine | undefined;
  beforeAll(async () => {
    engine = await createEngine(context());
  });
  afterAll(async () => {
    await engine?.close();
  });
  return {
    pool,
    time,
    clock,
    context,
    engine: () => {
      if (engine === undefined) throw new Error("the engine exists only while tests run");
      return engine;
    },
  };
}
