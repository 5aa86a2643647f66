import { afterEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../api/testing.ts";
import { apiKeyOfOwner, eventOf, fakeEngine, resultViewOf, testMarket } from "../api/testing-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { Earnest } from "./earnest.ts";

const apis: TestApi[] = [];
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

async function start(changes: Partial<Engine>): Promise<Earnest> {
  const api = await startTestApi(fakeEngine(changes));
  apis.push(api);
  return new Earnest({ server: api.url, apiKey: apiKeyOfOwner });
}

describe("a market's events", () => {
  it("go on where a broken stream ended: nothing twice, nothing missed", async () => {
    const asked: number[] = [];
    const client = await start({
      events: async function* (_market, after) {
        asked.push(after);
        yield eventOf(after + 1);
        yield eventOf(after + 2);
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (asked.length === 1) throw new Error("the database is gone");
      },
    });
    const seen: number[] = [];
    for await (const { sequence } of client.markets.events(testMarket)) {
      seen.push(sequence);
      if (seen.length === 6) break;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(asked).toEqual([0, 2, 4]);
  });

  it("end with the caller's signal, and with the loop", async () => {
    let ended = 0;
    const client = await start({
      events: async function* (_market, after, signal) {
        yield eventOf(after + 1);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        ended++;
      },
    });
    for await (const _ of client.markets.events(testMarket)) break;
    const controller = new AbortController();
    const watching = (async () => {
      for await (const _ of client.markets.events(testMarket, { signal: controller.signal })) controller.abort();
    })();
    await expect(watching).rejects.toThrow();
    for (let i = 0; i < 100 && ended < 2; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(ended).toBe(2);
  });

  it("of a market that does not exist are refused", async () => {
    const client = await start({});
    const first = client.markets.events("0".repeat(32)).next();
    await expect(first).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
  });
});

describe("asking", () => {
  it("survives a broken stream: the question is posted once and everything is told once", async () => {
    let posts = 0;
    let streams = 0;
    const client = await start({
      ask: async () => {
        posts++;
        return { market: testMarket, task: 3 };
      },
      events: async function* () {
        streams++;
        yield eventOf(6, { kind: "assigned", task: 3, data: { task: 3, ordinal: 0 } });
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (streams === 1) throw new Error("the database is gone");
        yield eventOf(7, { kind: "settled", task: 3, data: {} });
      },
      results: async function* () {
        yield resultViewOf(3);
      },
    });
    const events: string[] = [];
    for await (const { event } of client.ask({ question: "Is it?", reward: "0.05" })) events.push(event);
    expect(events).toEqual(["posted", "assigned", "settled", "answer"]);
    expect([posts, streams]).toEqual([1, 2]);
  });

  it("gives just the answer to who only wants that", async () => {
    const client = await start({
      events: async function* () {
        yield eventOf(7, { kind: "settled", task: 3, data: {} });
      },
      results: async function* () {
        yield resultViewOf(3);
      },
    });
    const { answer, confidence, votes } = await client.ask({ question: "Is it?", reward: "0.05" }).answer();
    expect([answer, confidence, votes]).toEqual(["a", 0.97, { a: 2 }]);
  });
});

describe("lists and rows", () => {
  it("are read page after page", async () => {
    const asked: (string | null)[] = [];
    const client = await start({
      listMarkets: async ({ after }) => {
        asked.push(after);
        const { items } = await fakeEngine().listMarkets({ owner: null, after: null, limit: 1 });
        return { items, next: asked.length < 3 ? `${asked.length}` : null };
      },
    });
    const all = [];
    for await (const market of client.markets.list()) all.push(market.id);
    expect(all).toHaveLength(3);
    expect(asked).toEqual([null, "1", "2"]);
    expect((await client.markets.list().page("7")).next).toBeNull();
    expect(asked.at(-1)).toBe("7");
  });

  it("break off loudly where an export was cut", async () => {
    const client = await start({
      results: async function* () {
        for (let i = 0; i < 500; i++) yield resultViewOf(i);
        await new Promise((resolve) => setTimeout(resolve, 50));
        throw new Error("the database is gone");
      },
    });
    const read = async () => {
      for await (const _ of client.markets.results(testMarket));
    };
    await expect(read()).rejects.toThrow(/does not answer/);
  });

  it("of more than a thousand tasks go in several requests, each under a key of its own", async () => {
    const sizes: number[] = [];
    const client = await start({
      addTasks: async (_owner, _market, tasks) => {
        sizes.push(tasks.length);
        return { first: (sizes.length - 1) * 1_000, count: tasks.length };
      },
    });
    const tasks = Array.from({ length: 2_100 }, (_, i) => ({ id: `${i}`, content: i }));
    const added = await client.markets.addTasks(testMarket, tasks, { idempotencyKey: "batch" });
    expect(await client.markets.addTasks(testMarket, tasks, { idempotencyKey: "batch" })).toEqual(added);
    expect(added).toEqual({ first: 0, count: 2_100 });
    expect(sizes).toEqual([1_000, 1_000, 100]);
  });

  it("stream from text, bytes, blobs and iterables alike", async () => {
    const client = await start({});
    const text = "id,q\na,1\n";
    const pieces = async function* () {
      yield text.slice(0, 3);
      yield new TextEncoder().encode(text.slice(3));
    };
    for (const source of [text, new TextEncoder().encode(text), new Blob([text]), pieces()]) {
      expect(await client.markets.importTasks(testMarket, source, { format: "csv" })).toEqual({ first: 3, count: 1 });
    }
  });
});
