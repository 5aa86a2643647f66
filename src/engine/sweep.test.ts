import { describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import {
  countHeads,
  dueAtMs,
  entriesOfKind,
  manyTasks,
  offlineRail,
  openMarket,
  replayed,
  signInMany,
  single,
} from "../../test/support/engine-world.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import { dayMs, hourMs, minuteMs } from "../market/spec.ts";
import { findDueLanes } from "../store/lanes/find-due-lanes.ts";
import { useTestDatabase } from "../store/testing.ts";
import type { EngineContext } from "./context.ts";
import { createEngine } from "./create-engine.ts";
import { Lanes } from "./lanes.ts";
import { sweepOnce } from "./sweep.ts";

const database = useTestDatabase();
const pool = () => database().pool;
const startMs = 1_800_000_000_000;

/** An engine of its own clock, and the lanes of a process that only sweeps. */
async function world() {
  const time = { now: startMs };
  const logged: string[] = [];
  const context: EngineContext = testContext(pool(), offlineRail, {
    clock: () => time.now,
    log: (message) => logged.push(message),
  });
  // What other tests left behind is none of this one's business.
  await pool().query("update lanes set due_at_ms = null");
  const engine = await createEngine(context);
  const lanes = new Lanes(context);
  const clock = (): number => time.now;
  const join = (): Promise<TestContributor> => TestContributor.signIn(engine, undefined, clock);
  return { time, logged, context, engine, lanes, clock, join, sweep: () => sweepOnce(context, lanes) };
}

const slotOf = (offers: readonly { readonly slot: Slot }[]): Slot => (offers[0] as { slot: Slot }).slot;

const state = async (market: MarketId, { task, ordinal }: Slot): Promise<string | undefined> =>
  (await replayed(pool(), market)).tasks.get(task)?.slots[ordinal]?.state;

describe("what falls due without a request", () => {
  it("expires a lease in the first sweep after it", async () => {
    const { engine, time, join, sweep } = await world();
    const { market } = await openMarket(engine);
    const slot = slotOf(await (await join()).assign(market));
    expect(await dueAtMs(pool(), market)).toBe(startMs + 10 * minuteMs + 1_000);
    time.now += 10 * minuteMs;
    await sweep();
    expect(await state(market, slot)).toBe("assigned");
    time.now += 1_000;
    await sweep();
    expect(await state(market, slot)).toBe("expired");
    expect(await dueAtMs(pool(), market)).toBeNull();
    expect((await engine.market(market)).books.assigned).toBe(0n);
  });

  it("brings a lane that was idle for days to the present in one step", async () => {
    const { engine, time, clock, join, sweep } = await world();
    const { market } = await openMarket(engine, { tasks: manyTasks(2) });
    const people = await signInMany(engine, 4, clock);
    for (const [i, person] of people.slice(0, 3).entries()) {
      await person.submit(market, slotOf(await person.assign(market, 0)), i === 2 ? "b" : "a");
    }
    await (people[3] as TestContributor).assign(market, 1);
    expect((await engine.market(market)).books.appealable).toBe(20_400n);
    time.now += 9 * dayMs;
    await sweep();
    const { books } = await engine.market(market);
    expect(books).toMatchObject({ appealable: 0n, assigned: 0n, earned: 40_000n });
    expect(await entriesOfKind(pool(), market, "released")).toHaveLength(1);
    expect(await entriesOfKind(pool(), market, "expired")).toHaveLength(1);
    expect(await dueAtMs(pool(), market)).toBeNull();
    // Whoever comes after that finds the lane at work.
    await (await join()).assign(market);
    expect(await dueAtMs(pool(), market)).toBe(time.now + 10 * minuteMs + 1_000);
  });

  it("settles a task at its deadline on the answers that there are", async () => {
    const { engine, time, join, sweep } = await world();
    const { market } = await openMarket(engine, { spec: { terms: { deadlineMs: startMs + hourMs } } });
    const person = await join();
    const slot = slotOf(await person.assign(market));
    await person.submit(market, slot, "b");
    time.now += hourMs + 1_000;
    await sweep();
    expect(await entriesOfKind(pool(), market, "settled")).toMatchObject([{ task: slot.task, label: 1 }]);
  });

  it("accepts for a requester who does not review in time", async () => {
    const { engine, time, join, sweep } = await world();
    const { owner, market } = await openMarket(engine, {
      spec: { review: { windowMs: hourMs }, terms: { overlap: { min: 2, max: 2, targetPpm: 999_999 } } },
      tasks: manyTasks(1),
    });
    for (const answer of ["a", "b"]) {
      const person = await join();
      await person.submit(market, slotOf(await person.assign(market)), answer);
    }
    expect(await engine.reviews(owner, market)).toHaveLength(2);
    time.now += hourMs + 1_000;
    await sweep();
    expect(await engine.reviews(owner, market)).toEqual([]);
    expect((await engine.market(market)).books.earned).toBe(40_000n);
  });

  it("closes a market when its refund delay is over", async () => {
    const { engine, time, sweep } = await world();
    const { owner, market } = await openMarket(engine);
    await engine.changeStatus(owner, market, "close");
    const { closesAtMs } = await engine.market(market);
    expect(await dueAtMs(pool(), market)).toBe(closesAtMs);
    time.now = (closesAtMs as number) - 1;
    await sweep();
    expect((await engine.market(market)).status).toBe("closing");
    time.now += 1;
    await sweep();
    expect(await engine.market(market)).toMatchObject({ status: "closed", books: { refunded: 1_000_000n } });
    expect(await dueAtMs(pool(), market)).toBeNull();
  });
});

describe("a due time that brings nothing", () => {
  it("is put off: the sweeper does not come again for a lease that was kept", async () => {
    const { engine, time, context, join, sweep } = await world();
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(2) });
    const person = await join();
    await person.submit(market, slotOf(await person.assign(market)), "a");
    time.now += 20 * minuteMs;
    expect(await findDueLanes(context.pool, time.now, null)).toHaveLength(1);
    const heads = await countHeads(pool(), market);
    await sweep();
    expect(await countHeads(pool(), market)).toBe(heads);
    expect(await findDueLanes(context.pool, time.now, null)).toEqual([]);
    expect(await dueAtMs(pool(), market)).toBeNull();
  });

  it("does not hide the next one", async () => {
    const { engine, time, join, sweep } = await world();
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(2) });
    const person = await join();
    await person.submit(market, slotOf(await person.assign(market)), "a");
    time.now += 5 * minuteMs;
    const late = slotOf(await (await join()).assign(market));
    time.now = startMs + 10 * minuteMs + 1_000;
    await sweep();
    expect(await dueAtMs(pool(), market)).toBe(startMs + 15 * minuteMs + 1_000);
    time.now = startMs + 15 * minuteMs + 1_000;
    await sweep();
    expect(await state(market, late)).toBe("expired");
  });

  it("is looked at again while a closing market waits for a slot", async () => {
    const { engine, time, join, sweep } = await world();
    const { owner, market } = await openMarket(engine);
    await (await join()).assign(market);
    await engine.changeStatus(owner, market, "close");
    // As if a window were longer than the delay: the state machine does not let that happen.
    await pool().query("update lanes set due_at_ms = $1 where market = $2", [startMs, marketIdToBytes(market)]);
    await sweep();
    expect(await dueAtMs(pool(), market)).toBe(startMs + 10 * minuteMs + 1_000);
    time.now += 3 * dayMs;
    await sweep();
    expect((await engine.market(market)).status).toBe("closed");
  });
});

describe("one lane that cannot be swept", () => {
  it("does not hold up the others, and is named", async () => {
    const { engine, time, logged, join, sweep } = await world();
    const markets = await Promise.all(Array.from({ length: 3 }, () => openMarket(engine)));
    for (const { market } of markets) await (await join()).assign(market);
    const [broken, ...sound] = markets.map(({ market }) => market).sort() as [MarketId, MarketId, MarketId];
    await pool().query("delete from entries where market = $1 and 3 between last - cardinality(encoded) + 1 and last", [
      marketIdToBytes(broken),
    ]);
    await pool().query("delete from checkpoints where market = $1", [marketIdToBytes(broken)]);
    time.now += hourMs;
    await expect(sweep()).rejects.toMatchObject({ code: "REPLAY_MISMATCH" });
    expect(logged).toContain("a lane cannot be worked on");
    for (const market of sound) expect(await entriesOfKind(pool(), market, "expired")).toHaveLength(1);
  });

  it("or a hundred of them", async () => {
    const { engine, time, join, sweep } = await world();
    const { market } = await openMarket(engine);
    await (await join()).assign(market);
    const [row] = (await pool().query<{ owner: Uint8Array }>("select owner from markets limit 1")).rows;
    for (let i = 0; i < 130; i++) {
      const key = new Uint8Array(16).fill(i);
      await pool().query(
        `insert into markets (market, owner, title, kind, spec, spec_hash, refund_to, standing, created_at_ms)
         select $1, $2, title, kind, spec, spec_hash, refund_to, false, 0 from markets limit 1`,
        [key, row?.owner],
      );
      await pool().query(
        `insert into lanes select $1, lane, 7, head, time_ms, 1, status, epoch, checkpoint, 0, 0, 0, 0, 0, 0, 0, 0, 0,
           0, 0, 0, 0, 0 from lanes limit 1`,
        [key],
      );
    }
    time.now += hourMs;
    await expect(sweep()).rejects.toMatchObject({ code: "REPLAY_MISMATCH" });
    expect(await entriesOfKind(pool(), market, "expired")).toHaveLength(1);
  });
});
