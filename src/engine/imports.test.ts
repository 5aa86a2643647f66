import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testContext } from "../../test/support/engine.ts";
import { entriesOfKind, manyTasks, offlineRail, openMarket } from "../../test/support/engine-world.ts";
import { logRoot, logTreeOf } from "../core/log-tree.ts";
import { marketIdToBytes } from "../core/market-id.ts";
import { sha256 } from "../main/crypto.ts";
import { readTaskHashes } from "../store/tasks/read-tasks.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { Continued, NewTask } from "./types.ts";

const database = useTestDatabase();
let engine: Engine;

beforeAll(async () => {
  engine = await createEngine(testContext(database().pool, offlineRail));
});
afterAll(async () => {
  await engine.close();
});

/** A little more than is staged at a time. */
const many = 20_500;
const perPortion = 1_000;

const taskAt = (i: number): NewTask => ({
  externalId: `many-${i}`,
  content: i,
  terms: i < 19_000 ? null : { reward: "30000" },
  control: i === 3 || i === 20_300 ? "b" : null,
});

/** Where a source stood, and where it goes on. */
class Place implements Continued {
  readonly key: string;
  from = 0;
  at = 0;
  goneOn: string | null = null;

  constructor(key: string) {
    this.key = key;
  }

  goOn(mark: string, count: number): void {
    this.goneOn = mark;
    this.from = count;
  }

  mark = (): string => `at ${this.at}`;

  async *source(until: number, end: () => Promise<void> = () => Promise.resolve()) {
    for (let i = this.from; i < until; i += perPortion) {
      this.at = Math.min(until, i + perPortion);
      yield Array.from({ length: this.at - i }, (_, k) => taskAt(i + k));
    }
    await end();
  }
}

const broken = (): Promise<never> => Promise.reject(new Error("the connection broke"));

async function leftTables(): Promise<number> {
  const left = "select count(*)::int as n from pg_class where relname like 'staged\\_tasks\\_%' and relkind = 'r'";
  return (await database().pool.query<{ n: number }>(left)).rows[0]?.n ?? 0;
}

const records = async (): Promise<number> =>
  (await database().pool.query<{ n: number }>("select count(*)::int as n from imports")).rows[0]?.n ?? 0;

describe("an import with a key that broke off", () => {
  it("goes on where it was, and comes to the same", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(1) });
    const first = new Place("file");
    await expect(engine.importTasks(owner, market, first.source(many - 100, broken), undefined, first)).rejects.toThrow(
      "the connection broke",
    );
    expect((await engine.market(market)).taskCount).toBe(1);
    const next = new Place("file");
    const added = await engine.importTasks(owner, market, next.source(many), undefined, next);
    expect([next.goneOn, next.from]).toEqual(["at 20000", 20_000]);
    expect(added).toEqual({ first: 1, count: many });
    const batches = await entriesOfKind(database().pool, market, "batchAdded");
    expect(batches.map(({ count, controls }) => [count, controls.map(({ task }) => task)])).toEqual([
      [1, []],
      [10_000, [4]],
      [9_000, []],
      [1_500, [20_301]],
    ]);
    for (const { first: from, count, root } of batches) {
      const hashes = await readTaskHashes(database().pool, marketIdToBytes(market), 0, from, from + count - 1);
      expect(root).toEqual(logRoot(sha256, logTreeOf(sha256, hashes)));
    }
    expect([await leftTables(), await records()]).toEqual([0, 0]);
  });

  it("is moved into the market piece by piece, each task to its place", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(1) });
    // Four to a page of the database: more pages than one statement moves.
    const large = Array.from({ length: 9_000 }, (_, i) => ({ ...taskAt(i), content: `${i}`.padEnd(1_600, "x") }));
    const source = async function* () {
      yield large;
    };
    expect(await engine.importTasks(owner, market, source())).toEqual({ first: 1, count: 9_000 });
    for (const { first, count, root } of (await entriesOfKind(database().pool, market, "batchAdded")).slice(1)) {
      const hashes = await readTaskHashes(database().pool, marketIdToBytes(market), 0, first, first + count - 1);
      expect(root).toEqual(logRoot(sha256, logTreeOf(sha256, hashes)));
    }
    expect(await engine.findTask(market, "many-8999")).toBe(9_000);
  });

  it("is one's alone: whoever was at it before adds nothing any more", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(1) });
    const [stale, next] = [new Place("twice"), new Place("twice")];
    let taken: () => void = () => undefined;
    let stalled: () => void = () => undefined;
    const isStalled = new Promise<void>((resolve) => (stalled = resolve));
    const isTaken = new Promise<void>((resolve) => (taken = resolve));
    const wait = (): Promise<void> => {
      stalled();
      return isTaken;
    };
    const first = engine.importTasks(owner, market, stale.source(2_000, wait), undefined, stale);
    await isStalled;
    const second = await engine.importTasks(owner, market, next.source(3_000), undefined, next);
    taken();
    await expect(first).rejects.toMatchObject({ code: "RATE_EXCEEDED" });
    expect(second).toEqual({ first: 1, count: 3_000 });
    expect((await engine.market(market)).taskCount).toBe(3_001);
    expect([await leftTables(), await records()]).toEqual([0, 0]);
  });

  it("leaves nothing where it was refused, and of what broke off no more than eight", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(1) });
    const bad = new Place("bad");
    const source = (async function* () {
      yield await Promise.resolve([{ ...taskAt(0), externalId: "" }]);
    })();
    await expect(engine.importTasks(owner, market, source, undefined, bad)).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
    expect([await leftTables(), await records()]).toEqual([0, 0]);
    for (let i = 0; i < 10; i++) {
      const place = new Place(`broken ${i}`);
      const given = place.source(5, broken);
      await expect(engine.importTasks(owner, market, given, undefined, place)).rejects.toThrow("the connection broke");
    }
    expect([await leftTables(), await records()]).toEqual([8, 8]);
  });
});
