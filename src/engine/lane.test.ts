import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestContributor, testContext } from "../../test/support/engine.ts";
import {
  countHeads,
  entriesOfKind,
  manyTasks,
  offlineRail,
  openMarket,
  replayed,
  signInMany,
  single,
  workThrough,
} from "../../test/support/engine-world.ts";
import { Gate, type Intercept, wrapPool } from "../../test/support/pool-wrapper.ts";
import { amount } from "../core/amount.ts";
import { equalBytes } from "../core/bytes.ts";
import { logLeaf, logRoot, verifyPath } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import { sha256 } from "../main/crypto.ts";
import type { Command } from "../market/decide.ts";
import type { Input } from "../market/entries.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { Lanes } from "./lanes.ts";

const database = useTestDatabase();
const gate = new Gate();
/** What the next commit meets; the gate stands before all of them. */
let onCommit: ((run: () => Promise<unknown>) => Promise<unknown>) | null = null;
let begins = 0;
let statements: string[] = [];
let engine: Engine;
let lanes: Lanes;

const interrupt: Intercept = async (text, run) => {
  if (text !== "commit") return await run();
  await gate.pass();
  const once = onCommit;
  onCommit = null;
  return once === null ? await run() : await once(run);
};

/** What it lets by is counted too. */
const intercept: Intercept = async (text, run) => {
  if (text === "begin") begins++;
  statements.push(text.trim().split(/\s/)[0] ?? "");
  return await interrupt(text, run);
};

beforeAll(async () => {
  const settings = { commandsPerBatchMax: 16 };
  // It keeps house meanwhile, and nobody counts what it asks for then.
  engine = await createEngine(testContext(wrapPool(database().pool, interrupt), offlineRail, { settings }));
  lanes = new Lanes(testContext(wrapPool(database().pool, intercept), offlineRail, { settings }));
});

afterAll(async () => {
  await engine.close();
});

const pool = () => database().pool;

/** Lanes for which no time goes by, whatever the machine is busy with: their statements are counted. */
const timeless = (): Lanes => {
  const nowMs = Date.now();
  return new Lanes({
    ...testContext(wrapPool(pool(), intercept), offlineRail, { settings: { commandsPerBatchMax: 16 } }),
    clock: () => nowMs,
  });
};

const input = (entry: Input): Command => ({ type: "input", record: { entry, attachment: null } });
const reserve = (person: TestContributor, target: bigint): Command =>
  input({ kind: "reserveSet", contributor: person.session.contributor, target: amount(target) });
const bonus = (person: TestContributor, value: bigint): Command =>
  input({ kind: "bonusPaid", contributor: person.session.contributor, amount: amount(value), note: "" });
/** More than an integer of PostgreSQL, less than what the log can number. */
const unstorable = input({
  kind: "joined",
  contributor: 3_000_000_000,
  key: new Uint8Array(32) as never,
  owner: new Uint8Array(32) as never,
  automated: false,
  facts: "",
});

async function marketWith(count: number): Promise<{ market: MarketId; people: TestContributor[] }> {
  const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(count) });
  const people = await signInMany(engine, count);
  await Promise.all(people.map((person) => person.assign(market)));
  return { market, people };
}

/** The database, this process and a replay of the log agree. */
async function expectConsistent(market: MarketId): Promise<void> {
  const state = await replayed(pool(), market);
  const { rows } = await pool().query<{ head: Uint8Array; sequence: bigint }>(
    "select head, sequence from lanes where market = $1",
    [marketIdToBytes(market)],
  );
  expect(Number(rows[0]?.sequence)).toBe(state.tree.size);
  expect(equalBytes(rows[0]?.head as Uint8Array, logRoot(sha256, state.tree))).toBe(true);
  const seen = await lanes.get(market).read((live) => ({ size: live.tree.size, books: { ...live.books } }));
  expect(seen).toEqual({ size: state.tree.size, books: state.books });
}

async function entryCount(market: MarketId): Promise<number> {
  return (await replayed(pool(), market)).tree.size;
}

describe("a batch", () => {
  it("holds what arrived in the same turn", async () => {
    const { market, people } = await marketWith(8);
    const before = await countHeads(pool(), market);
    const done = await Promise.all(people.map((person, i) => lanes.get(market).run(reserve(person, BigInt(i)))));
    expect((await countHeads(pool(), market)) - before).toBe(1);
    expect(new Set(done.map(({ head }) => head?.sequence)).size).toBe(1);
    await expectConsistent(market);
  });

  it("holds what arrived while the last one was in flight", async () => {
    const { market, people } = await marketWith(8);
    const before = await countHeads(pool(), market);
    gate.close();
    const [first, ...others] = people as [TestContributor, ...TestContributor[]];
    const running = [lanes.get(market).run(reserve(first, 1n))];
    for (const person of others) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      running.push(lanes.get(market).run(reserve(person, 1n)));
    }
    gate.open();
    await Promise.all(running);
    expect((await countHeads(pool(), market)) - before).toBe(2);
  });

  it("is never larger than its limit, and keeps the order", async () => {
    const { market, people } = await marketWith(1);
    const [person] = people as [TestContributor];
    const before = await countHeads(pool(), market);
    await Promise.all(Array.from({ length: 40 }, (_, i) => lanes.get(market).run(reserve(person, BigInt(i)))));
    expect((await countHeads(pool(), market)) - before).toBe(3);
    const targets = (await entriesOfKind(pool(), market, "reserveSet")).map(({ target }) => target);
    expect(targets).toEqual(Array.from({ length: 40 }, (_, i) => BigInt(i)));
  });

  it("leaves out who waited too long for it, and has nothing of them in the log", async () => {
    const { market, people } = await marketWith(4);
    const before = await countHeads(pool(), market);
    gate.close();
    statements = [];
    let isLate = false;
    const [first, ...others] = people as [TestContributor, ...TestContributor[]];
    const running = [lanes.get(market).run(reserve(first, 1n), () => isLate)];
    await expect.poll(() => statements).toContain("commit");
    running.push(...others.map((person, i) => lanes.get(market).run(reserve(person, 1n), () => i > 0 && isLate)));
    isLate = true;
    gate.open();
    const ended = await Promise.allSettled(running);
    // What is in flight is not taken back.
    expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    expect(ended[2]).toMatchObject({ reason: { code: "RATE_EXCEEDED", context: { retryAfterSeconds: 1 } } });
    expect((await countHeads(pool(), market)) - before).toBe(2);
    expect(await entriesOfKind(pool(), market, "reserveSet")).toHaveLength(2);
    await expectConsistent(market);
  });

  it("is one statement where the lane is known, and a question more where another process wrote", async () => {
    const own = timeless();
    const { market, people } = await marketWith(3);
    const [person] = people as [TestContributor];
    await own.get(market).run(reserve(person, 1n));
    statements = [];
    await own.get(market).run(reserve(person, 2n));
    expect(statements).toEqual(["begin", "with", "commit"]);
    await new Lanes(testContext(pool(), offlineRail)).get(market).run(reserve(person, 3n));
    statements = [];
    await own.get(market).run(reserve(person, 4n));
    // The first attempt writes nothing; the second locks the lane and reads what it missed.
    expect(statements).toEqual(["begin", "with", "commit", "begin", "select", "select", "with", "commit"]);
    expect((await entriesOfKind(pool(), market, "reserveSet")).map(({ target }) => target)).toEqual([1n, 2n, 3n, 4n]);
    await expectConsistent(market);
  });

  it("is not parted by reads, which look together and see what was committed before they were asked", async () => {
    const { market, people } = await marketWith(8);
    const lane = lanes.get(market);
    const before = await entryCount(market);
    const readSize = () => lane.read(({ tree }) => tree.size);
    statements = [];
    const mixed = people.map(async (person, i) => {
      const reading = readSize();
      const broken = lane.read(() => {
        throw new Error(`read ${i} failed`);
      });
      const { head } = await lane.run(reserve(person, 1n));
      expect(await reading).toBeGreaterThanOrEqual(before);
      await expect(broken).rejects.toThrow(`read ${i} failed`);
      return [await readSize(), head?.sequence] as const;
    });
    for (const [seen, written] of await Promise.all(mixed)) expect(seen).toBeGreaterThanOrEqual(written ?? Infinity);
    expect(statements.filter((verb) => verb === "commit")).toHaveLength(1);
    expect(await entryCount(market)).toBe(before + 9);
    await expectConsistent(market);
  });

  it("gives each command the entries that are its own, with paths to one signed head", async () => {
    const { market, people } = await marketWith(5);
    const done = await Promise.all(people.map((person) => lanes.get(market).run(reserve(person, 7n))));
    const seen = new Set<number>();
    for (const [i, { head, entries }] of done.entries()) {
      for (const { appended, path } of entries) {
        expect(verifyPath(sha256, logLeaf(sha256, appended.encoded), path, head?.root as never)).toBe(true);
        expect(appended.entry).toMatchObject({ contributor: people[i]?.session.contributor });
        seen.add(appended.sequence);
      }
    }
    expect(seen.size).toBe(5);
  });

  it("is not disturbed by a command that is refused", async () => {
    const { market, people } = await marketWith(6);
    const before = await entryCount(market);
    const results = await Promise.allSettled(
      people.flatMap((person, i) => [
        lanes.get(market).run(reserve(person, 1n)),
        ...(i % 2 === 0 ? [lanes.get(market).run(bonus(person, 10_000_000n))] : []),
      ]),
    );
    expect(
      results.filter(({ status }) => status === "rejected").map((each) => (each as PromiseRejectedResult).reason.code),
    ).toEqual(["ESCROW_INSUFFICIENT", "ESCROW_INSUFFICIENT", "ESCROW_INSUFFICIENT"]);
    // The time, and a reserve each.
    expect((await entryCount(market)) - before).toBe(7);
    await expectConsistent(market);
  });

  it("that changes nothing writes nothing", async () => {
    const { market } = await marketWith(1);
    const before = await countHeads(pool(), market);
    await lanes.get(market).sweep();
    await expect(lanes.get(market).run(input({ kind: "opened" }))).rejects.toMatchObject({ code: "MARKET_STATE" });
    expect(await countHeads(pool(), market)).toBe(before);
  });
});

describe("a refusal of the database", () => {
  it("concerns the one command that met it, found by halving", async () => {
    const { market, people } = await marketWith(15);
    begins = 0;
    const commands = people.map((person) => reserve(person, 3n));
    commands.splice(4, 0, unstorable);
    const results = await Promise.allSettled(commands.map((command) => lanes.get(market).run(command)));
    const refused = results.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(["22003"]);
    expect(await entriesOfKind(pool(), market, "reserveSet")).toHaveLength(15);
    // 16, then 8 + 8, then one half each time: not one transaction a command.
    expect(begins).toBeLessThanOrEqual(9);
    await expectConsistent(market);
  });

  it("undoes the whole of a batch that somebody works along with", async () => {
    const { market, people } = await marketWith(1);
    const [person] = people as [TestContributor];
    const before = await entryCount(market);
    const along = lanes.get(market).runAlong({
      commands: () => Promise.resolve([reserve(person, 9n)]),
      after: async (dbTx) => {
        await dbTx.query("select 1 / 0");
      },
    });
    await expect(along).rejects.toMatchObject({ code: "22012" });
    expect(await entryCount(market)).toBe(before);
    await lanes.get(market).run(reserve(person, 10n));
    await expectConsistent(market);
  });

  it("of an along's own making leaves the state as it was", async () => {
    const { market, people } = await marketWith(1);
    const [person] = people as [TestContributor];
    const along = lanes.get(market).runAlong({
      commands: () => Promise.resolve([reserve(person, 9n), input({ kind: "opened" })]),
    });
    await expect(along).rejects.toMatchObject({ code: "MARKET_STATE" });
    expect(await entriesOfKind(pool(), market, "reserveSet")).toEqual([]);
    await expectConsistent(market);
  });
});

describe("a commit that fails", () => {
  it("leaves nothing, in the database or in memory", async () => {
    const { market, people } = await marketWith(4);
    const before = await entryCount(market);
    onCommit = async () => {
      const { rows } = await pool().query<{ n: number }>(
        `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
         where state = 'idle in transaction' and datname = current_database()`,
      );
      expect(rows[0]?.n).toBe(1);
      throw new Error("Connection terminated unexpectedly");
    };
    const results = await Promise.allSettled(people.map((person) => lanes.get(market).run(bonus(person, 1_000n))));
    expect(results.map((each) => (each as PromiseRejectedResult).reason.code)).toEqual(
      people.map(() => "DATABASE_UNAVAILABLE"),
    );
    expect(await entryCount(market)).toBe(before);
    await expectConsistent(market);
    await Promise.all(people.map((person) => lanes.get(market).run(bonus(person, 1_000n))));
    expect(await entriesOfKind(pool(), market, "bonusPaid")).toHaveLength(4);
    await expectConsistent(market);
  });

  it("is an error also where the server calls the rollback a success", async () => {
    const { market, people } = await marketWith(1);
    const [person] = people as [TestContributor];
    const along = lanes.get(market).runAlong({
      commands: () => Promise.resolve([bonus(person, 5n)]),
      after: async (dbTx) => {
        await dbTx.query("select 1 / 0").catch(() => undefined);
      },
    });
    await expect(along).rejects.toMatchObject({ code: "INVARIANT_MISMATCH" });
    expect(await entriesOfKind(pool(), market, "bonusPaid")).toEqual([]);
    await expectConsistent(market);
  });
});

describe("a commit whose answer is lost", () => {
  const lost = async (run: () => Promise<unknown>): Promise<never> => {
    await run();
    throw Object.assign(new Error("write after end"), { code: "ERR_STREAM_WRITE_AFTER_END" });
  };

  it("is not tried again by the server: a bonus is paid once", async () => {
    const { market, people } = await marketWith(3);
    onCommit = lost;
    const results = await Promise.allSettled(people.map((person) => lanes.get(market).run(bonus(person, 1_000n))));
    expect(results.map((each) => (each as PromiseRejectedResult).reason.code)).toEqual(
      people.map(() => "DATABASE_UNAVAILABLE"),
    );
    expect(await entriesOfKind(pool(), market, "bonusPaid")).toHaveLength(3);
    await expectConsistent(market);
  });

  it("gives a retry by its natural key the outcome and the next assignment that it had", async () => {
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(3) });
    const [person] = (await signInMany(engine, 1)) as [TestContributor];
    const [offer] = await person.assign(market);
    const slot = (offer as { slot: Slot }).slot;
    onCommit = lost;
    await expect(person.submit(market, slot, "a", 1)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    const retry = await person.submit(market, slot, "a", 1);
    expect(retry.submissions).toMatchObject([{ slot, state: "accepted", reward: 20_000n }]);
    const [submitted] = await entriesOfKind(pool(), market, "submitted");
    expect(retry.offers.map((each) => each.slot)).toEqual([{ task: submitted?.next?.task, ordinal: 0 }]);
    expect(await entriesOfKind(pool(), market, "submitted")).toHaveLength(1);
    expect((await engine.market(market)).books.earned).toBe(20_000n);
    const { head, entries } = retry.acknowledgement;
    for (const { encoded, path } of entries)
      expect(verifyPath(sha256, logLeaf(sha256, encoded), path, head.root)).toBe(true);
  });
});

describe("an error after the commit", () => {
  it("of a checkpoint is logged, and reaches nobody", async () => {
    const logged: string[] = [];
    const failing: Intercept = async (text, run) => {
      if (text.includes("into checkpoints")) throw new Error("no");
      return await run();
    };
    const context = testContext(wrapPool(pool(), failing), offlineRail, {
      settings: { entriesPerCheckpoint: 1 },
      log: (message) => logged.push(message),
    });
    const { market, people } = await marketWith(2);
    const other = new Lanes(context);
    await Promise.all(people.map((person) => other.get(market).run(reserve(person, 1n))));
    await other.leave();
    expect(logged).toEqual(["a checkpoint was not written"]);
    expect(await entriesOfKind(pool(), market, "reserveSet")).toHaveLength(2);
  });
});

describe("a checkpoint", () => {
  it("comes the more seldom the more members it has to write", async () => {
    let written = 0;
    const counting: Intercept = async (text, run) => {
      if (text.includes("into checkpoints")) written++;
      return await run();
    };
    const settings = { entriesPerCheckpoint: 1, entriesPerCheckpointMember: 2 };
    const { market, people } = await marketWith(8);
    const own = new Lanes(testContext(wrapPool(pool(), counting), offlineRail, { settings }));
    /** Two entries each: the time, and what is set. */
    const bring = async (commands: number): Promise<number> => {
      written = 0;
      for (let i = 1; i <= commands; i++) await own.get(market).run(reserve(people[0] as TestContributor, BigInt(i)));
      return written;
    };
    await bring(8);
    expect([await bring(8), await bring(16)]).toEqual([1, 2]);
  });
});

describe("two processes", () => {
  it("read what the other wrote before they write", async () => {
    const other = new Lanes(testContext(pool(), offlineRail));
    const { market, people } = await marketWith(6);
    await Promise.all(
      people.flatMap((person, i) =>
        Array.from({ length: 5 }, (_, k) => (i % 2 === 0 ? lanes : other).get(market).run(reserve(person, BigInt(k)))),
      ),
    );
    expect(await entriesOfKind(pool(), market, "reserveSet")).toHaveLength(30);
    await expectConsistent(market);
    const sizes = await Promise.all([lanes, other].map((each) => each.get(market).read(({ tree }) => tree.size)));
    expect(sizes[0]).toBe(sizes[1]);
  });

  it("decide a batch once where they take turns, and ask nothing first where nobody else writes", async () => {
    const other = new Lanes(testContext(pool(), offlineRail));
    const own = timeless();
    const { market, people } = await marketWith(1);
    const [person] = people as [TestContributor];
    const run = async (target: bigint): Promise<string[]> => {
      statements = [];
      await own.get(market).run(reserve(person, target));
      return statements;
    };
    await run(1n);
    await other.get(market).run(reserve(person, 2n));
    const [atOnce, locked] = [
      ["begin", "with", "commit"],
      ["begin", "select", "select", "with", "commit"],
    ] as const;
    expect(await run(3n)).toEqual([...atOnce, ...locked]);
    await other.get(market).run(reserve(person, 4n));
    expect(await run(5n)).toEqual(locked);
    expect(await run(6n)).toEqual(locked.filter((_, i) => i !== 1));
    expect(await run(7n)).toEqual(atOnce);
    await expectConsistent(market);
  });

  it("read before the lock what the other wrote for long, and do not make it wait", async () => {
    let nowMs = Date.now();
    const other = new Lanes(testContext(pool(), offlineRail));
    const late = new Lanes({ ...testContext(wrapPool(pool(), intercept), offlineRail), clock: () => nowMs });
    const { market, people } = await marketWith(1);
    const [person] = people as [TestContributor];
    await late.get(market).run(reserve(person, 1n));
    await other.get(market).run(reserve(person, 2n));
    nowMs += 6_000;
    statements = [];
    await late.get(market).sweep();
    // The row of the lane and its new entries first; then the lock, under which nothing is left to read.
    expect(statements).toEqual(["select", "select", "begin", "select", "commit"]);
    await expectConsistent(market);
  });

  it("take along what came while they waited for each other", async () => {
    const other = new Lanes(testContext(pool(), offlineRail));
    const own = timeless();
    const { market, people } = await marketWith(20);
    const [first, ...rest] = people as [TestContributor, ...TestContributor[]];
    await own.get(market).run(reserve(first, 1n));
    await other.get(market).run(reserve(first, 2n));
    await own.get(market).run(reserve(first, 3n));
    const before = await countHeads(pool(), market);
    const holder = await pool().connect();
    await holder.query("begin");
    await holder.query("select from lanes where market = $1 for update", [marketIdToBytes(market)]);
    statements = [];
    const running = [own.get(market).run(reserve(first, 4n))];
    await expect.poll(() => statements).toEqual(["begin", "select"]);
    running.push(...rest.map((person) => own.get(market).run(reserve(person, 5n))));
    await holder.query("rollback");
    holder.release();
    const done = await Promise.all(running);
    // A batch has at most 16 commands here: the rest go in the next.
    expect((await countHeads(pool(), market)) - before).toBe(2);
    expect(done.slice(0, 16).every(({ head }) => head?.sequence === done[0]?.head?.sequence)).toBe(true);
    await expectConsistent(market);
  });

  it("take the database's word where it was restored from a copy", async () => {
    const { market, people } = await marketWith(3);
    const key = marketIdToBytes(market);
    const { rows } = await pool().query<{ sequence: bigint; head: Uint8Array }>(
      "select sequence, head from lanes where market = $1",
      [key],
    );
    const copy = rows[0] as { sequence: bigint; head: Uint8Array };
    const [person] = people as [TestContributor];
    await lanes.get(market).run(reserve(person, 1n));
    for (const [table, sequence] of [
      ["entries", "last"],
      ["heads", "sequence"],
      ["checkpoints", "sequence"],
    ]) {
      await pool().query(`delete from ${table} where market = $1 and ${sequence} > $2`, [key, copy.sequence]);
    }
    await pool().query("update lanes set sequence = $2, head = $3 where market = $1", [key, copy.sequence, copy.head]);
    await lanes.get(market).run(reserve(person, 2n));
    expect((await entriesOfKind(pool(), market, "reserveSet")).map(({ target }) => target)).toEqual([2n]);
    await expectConsistent(market);
  });
});

describe("many lanes in a small cache", () => {
  it("are dropped when they are idle, and lose nothing", async () => {
    const small = await createEngine(testContext(pool(), offlineRail, { settings: { lanesCachedMax: 2 } }));
    const markets = await Promise.all(
      Array.from({ length: 6 }, () => openMarket(small, { spec: single, tasks: manyTasks(5) })),
    );
    const [person] = (await signInMany(small, 1)) as [TestContributor];
    const done = await Promise.all(markets.map(({ market }) => workThrough(person, market, () => "a")));
    expect(done).toEqual([5, 5, 5, 5, 5, 5]);
    for (const { market } of markets) {
      expect((await small.market(market)).books.earned).toBe(100_000n);
      await expectConsistent(market);
    }
    await small.close();
  });

  it("stay while they have work", async () => {
    const context = testContext(wrapPool(pool(), intercept), offlineRail, { settings: { lanesCachedMax: 2 } });
    const few = new Lanes(context);
    const worlds = await Promise.all(Array.from({ length: 4 }, () => marketWith(1)));
    gate.close();
    const running = worlds.map(({ market, people }) => few.get(market).run(reserve(people[0] as TestContributor, 1n)));
    const busy = worlds.map(({ market }) => few.get(market));
    for (const [i, { market }] of worlds.entries()) expect(few.get(market)).toBe(busy[i]);
    gate.open();
    await Promise.all(running);
    await few.leave();
    for (const { market } of worlds) await expectConsistent(market);
  });
});
