import { getEventListeners } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import { entriesOf, manyTasks, offlineRail, openMarket, single, workThrough } from "../../test/support/engine-world.ts";
import { wrapPool } from "../../test/support/pool-wrapper.ts";
import { amount } from "../core/amount.ts";
import type { MarketId } from "../core/market-id.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { Events } from "./events.ts";
import { Lanes } from "./lanes.ts";
import type { EventView } from "./types.ts";
import { Watch } from "./watch.ts";

const database = useTestDatabase();
const pool = () => database().pool;
let engine: Engine;
let other: Engine;

beforeAll(async () => {
  [engine, other] = (await Promise.all([1, 2].map(() => createEngine(testContext(pool(), offlineRail))))) as [
    Engine,
    Engine,
  ];
});

afterAll(async () => {
  await Promise.all([engine.close(), other.close()]);
});

/** Takes so many events and ends the stream. */
async function take(market: MarketId, after: number, count: number, from: Engine = engine): Promise<EventView[]> {
  const abort = new AbortController();
  const taken: EventView[] = [];
  for await (const event of from.events(market, after, abort.signal)) {
    taken.push(event);
    if (taken.length === count) abort.abort();
  }
  return taken;
}

describe("a stream of events", () => {
  it("tells the whole log in order, without bodies", async () => {
    const { market } = await openMarket(engine, { spec: single });
    await workThrough(await TestContributor.signIn(engine), market, () => "a");
    const entries = await entriesOf(pool(), market);
    const events = await take(market, 0, entries.length);
    expect(events.map(({ sequence }) => sequence)).toEqual(entries.map((_, i) => i + 1));
    expect(events.map(({ kind }) => kind)).toEqual(entries.map(({ kind }) => kind));
    expect(JSON.stringify(events)).not.toContain('"answer":"a"');
    expect(events.find(({ kind }) => kind === "settled")).toMatchObject({ lane: 0, task: 0, data: { decided: true } });
    expect(events.find(({ kind }) => kind === "funded")).toMatchObject({ task: null, data: { amount: "1000000" } });
  });

  it("goes on after a sequence, with nothing lost or told twice", async () => {
    const { market } = await openMarket(engine, { spec: single });
    await workThrough(await TestContributor.signIn(engine), market, () => "a");
    const all = await take(market, 0, 20);
    const resumed = [...(await take(market, 0, 7)), ...(await take(market, 7, 6)), ...(await take(market, 13, 7))];
    expect(resumed).toEqual(all);
  });

  it("tells what comes later, also from another process", async () => {
    const { owner, market } = await openMarket(engine, { spec: single });
    const person = await TestContributor.signIn(engine);
    await workThrough(person, market, () => "a");
    const size = (await entriesOf(pool(), market)).length;
    const coming = take(market, size, 4);
    await engine.payBonus(owner, market, person.session.key, amount(1n), "here");
    await other.payBonus(owner, market, person.session.key, amount(2n), "there");
    const bonuses = (await coming).filter(({ kind }) => kind === "bonusPaid");
    expect(bonuses.map(({ data }) => (data as { note: string }).note)).toEqual(["here", "there"]);
  });

  it("misses nothing that is committed while it reads", async () => {
    const { owner, market } = await openMarket(engine, { spec: single });
    const person = await TestContributor.signIn(engine);
    await workThrough(person, market, () => "a");
    const size = (await entriesOf(pool(), market)).length;
    let isArmed = false;
    const context = testContext(
      wrapPool(pool(), async (text, run) => {
        const result = await run();
        // After the rows were read, and before the stream begins to wait.
        if (text.includes("from entries") && isArmed) {
          isArmed = false;
          await lanes.get(market).run({
            type: "input",
            record: {
              entry: { kind: "bonusPaid", contributor: person.session.contributor, amount: amount(1n), note: "" },
              attachment: null,
            },
          });
        }
        return result;
      }),
      offlineRail,
    );
    const lanes = new Lanes(context);
    await lanes.get(market).read(() => undefined);
    isArmed = true;
    const abort = new AbortController();
    const startMs = Date.now();
    const stream = new Events(context, lanes).follow(market, size, abort.signal);
    expect((await stream.next()).value).toMatchObject({ kind: "timed", sequence: size + 1 });
    expect(Date.now() - startMs).toBeLessThan(400);
    expect((await engine.market(market)).owner).toEqual(owner);
    abort.abort();
    await stream.return(undefined);
  });

  it("ends at once when it is aborted, before, between and while it waits", async () => {
    const { market } = await openMarket(engine);
    const before = AbortSignal.abort();
    for await (const _ of engine.events(market, 0, before)) throw new Error("nothing should come");
    const abort = new AbortController();
    const size = (await entriesOf(pool(), market)).length;
    const stream = engine.events(market, size, abort.signal)[Symbol.asyncIterator]();
    const next = stream.next();
    await new Promise((resolve) => setTimeout(resolve, 30));
    const startMs = Date.now();
    abort.abort();
    expect((await next).done).toBe(true);
    expect(Date.now() - startMs).toBeLessThan(200);
  });

  it("leaves nothing behind, however it ends", async () => {
    const context = testContext(pool(), offlineRail);
    const lanes = new Lanes(context);
    const streams = new Events(context, lanes);
    const { market } = await openMarket(engine);
    const abort = new AbortController();
    for (let i = 0; i < 20; i++) {
      for await (const event of streams.follow(market, 0, abort.signal)) {
        if (event.sequence === 3) break;
      }
    }
    expect(lanes.watched).toBe(0);
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
  });

  it("is told to a hundred listeners by few questions, and by none while nothing happens", async () => {
    let reads = 0;
    const counting = wrapPool(pool(), async (text, run) => {
      if (text.includes("from entries")) reads++;
      return await run();
    });
    const one = await createEngine(testContext(counting, offlineRail));
    const { market } = await openMarket(one, { spec: single, tasks: manyTasks(3) });
    const size = (await entriesOf(pool(), market)).length;
    reads = 0;
    const listeners = Array.from({ length: 100 }, () => take(market, size, 8, one));
    const wakes = 3;
    // Longer than looks for what other processes write are apart.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(reads).toBeLessThanOrEqual(wakes);
    await workThrough(await TestContributor.signIn(one), market, () => "a");
    const heard = await Promise.all(listeners);
    for (const events of heard) expect(events).toEqual(heard[0]);
    expect(reads).toBeLessThanOrEqual(60);
    await one.close();
  });
});

describe("a watch", () => {
  it("leaves no listener and no timer after 10,000 waits", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
    const before = timers();
    const watch = new Watch();
    const abort = new AbortController();
    for (let i = 0; i < 10_000; i++) {
      const waiting = watch.wait(60_000, abort.signal);
      watch.notify();
      await waiting;
    }
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
    const last = watch.wait(60_000, abort.signal);
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
    abort.abort();
    await last;
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
    expect(timers()).toBeLessThan(before + 20);
  });

  it("wakes by itself", async () => {
    const startMs = Date.now();
    await new Watch().wait(20, new AbortController().signal);
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(15);
  });
});
