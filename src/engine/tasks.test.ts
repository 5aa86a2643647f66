import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testContext } from "../../test/support/engine.ts";
import { entriesOfKind, manyTasks, offlineRail, openMarket } from "../../test/support/engine-world.ts";
import { isEarnestError } from "../core/errors.ts";
import { logRoot, logTreeOf } from "../core/log-tree.ts";
import { marketIdToBytes } from "../core/market-id.ts";
import { sha256 } from "../main/crypto.ts";
import { readTaskHashes } from "../store/tasks/read-tasks.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { NewTask } from "./types.ts";

const database = useTestDatabase();
let engine: Engine;

beforeAll(async () => {
  engine = await createEngine(testContext(database().pool, offlineRail));
});

afterAll(async () => {
  await engine.close();
});

describe("imports", () => {
  async function* stream(given: readonly NewTask[]): AsyncGenerator<readonly NewTask[]> {
    for (let i = 0; i < given.length; i += 7) yield await Promise.resolve(given.slice(i, i + 7));
  }

  it("moves a stream of tasks in, in order, with awkward contents, terms and controls", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(1) });
    const awkward = 'tab\t newline\n backslash \\ quote " \\N null {} \u2028 é 😀';
    const given = Array.from(
      { length: 300 },
      (_, i): NewTask => ({
        externalId: `import-${i}`,
        content: { text: i === 7 ? awkward : `${i}` },
        terms: i % 100 < 50 ? null : { reward: "30000" },
        control: i === 3 ? "b" : null,
      }),
    );
    expect(await engine.importTasks(owner, market, stream(given))).toEqual({ first: 1, count: 300 });
    expect((await engine.task(market, 8)).content).toEqual({ text: awkward });
    expect((await engine.task(market, 60)).terms.reward).toBe(30_000n);
    expect((await engine.task(market, 120)).terms.reward).toBe(20_000n);
    expect(await engine.findTask(market, "import-299")).toBe(300);
  });

  it("enters batches whose roots are over the tasks' hashes, however the tasks came", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(5) });
    const more = manyTasks(40).map((task, i) => ({
      ...task,
      externalId: `more-${i}`,
      terms: i < 20 ? null : { reward: "30000" },
    }));
    await engine.importTasks(owner, market, stream(more));
    const batches = await entriesOfKind(database().pool, market, "batchAdded");
    expect(batches.map(({ first, count }) => [first, count])).toEqual([
      [0, 5],
      [5, 20],
      [25, 20],
    ]);
    for (const { first, count, root } of batches) {
      const hashes = await readTaskHashes(database().pool, marketIdToBytes(market), 0, first, first + count - 1);
      expect(root).toEqual(logRoot(sha256, logTreeOf(sha256, hashes)));
    }
  });

  it("imports nothing where one task is wrong, an id is taken, or the stream breaks", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(2) });
    const good = { externalId: "new", content: 1, terms: null, control: null };
    const broken = async function* (): AsyncGenerator<readonly NewTask[]> {
      yield await Promise.resolve([good]);
      throw new Error("the connection broke");
    };
    for (const bad of [
      [good, { ...good, externalId: "" }],
      [good, good],
      [good, { ...good, externalId: "t1" }],
      [good, { ...good, externalId: "c", control: "z" }],
      [good, { ...good, externalId: "r", terms: { reward: "99999999999" } }],
    ]) {
      await expect(engine.importTasks(owner, market, stream(bad))).rejects.toSatisfy((error) => isEarnestError(error));
    }
    await expect(engine.importTasks(owner, market, broken())).rejects.toThrow("the connection broke");
    expect((await engine.market(market)).taskCount).toBe(2);
    expect((await engine.listTasks(market, null, 100)).items.length).toBe(2);
    const left = "select count(*)::int as n from pg_class where relname like 'staged\\_tasks\\_%'";
    expect((await database().pool.query(left)).rows).toEqual([{ n: 0 }]);
  });
});
