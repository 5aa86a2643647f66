import { afterEach, describe, expect, it } from "vitest";
import type { Engine } from "../engine/engine.ts";
import type { EventView } from "../engine/types.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import { eventOf, fakeEngine, testMarket } from "./testing-engine.ts";

const apis: TestApi[] = [];
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

async function start(events: Engine["events"], limits: object = {}): Promise<TestApi> {
  const api = await startTestApi(fakeEngine({ events }), { limits: { heartbeatSeconds: 60, ...limits } });
  apis.push(api);
  return api;
}

const path = `/v1/markets/${testMarket}/events`;

/** Events that wait for what the test hands them, and note when nobody listens any more. */
function tap(): { events: Engine["events"]; push(event: EventView): void; opened: number; aborted: number } {
  const waiting: EventView[] = [];
  let wake: () => void = () => undefined;
  const state = {
    opened: 0,
    aborted: 0,
    push(event: EventView): void {
      waiting.push(event);
      wake();
    },
    events: async function* (_market: unknown, after: number, signal: AbortSignal): AsyncGenerator<EventView> {
      state.opened++;
      signal.addEventListener("abort", () => {
        state.aborted++;
        wake();
      });
      while (!signal.aborted) {
        const event = waiting.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (event.sequence > after) yield event;
      }
    } as Engine["events"],
  };
  return state;
}

/** Reads a stream piece by piece until a test has seen enough. */
async function open(api: TestApi, query = "", headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const response = await fetch(`${api.url}${path}${query}`, { headers, signal: controller.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    leave: () => controller.abort(),
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error(`ended with: ${text}`);
        text += value;
      }
      return text;
    },
    async end(): Promise<string> {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return text;
        text += value;
      }
    },
  };
}

const eventually = async (check: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !check(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(check()).toBe(true);
};

describe("an event stream", () => {
  it("shows entries with their sequence as id and their kind as name", async () => {
    const api = await start(async function* () {
      yield eventOf(1, { kind: "funded", data: { amount: "1500000", deposit: "sig" } });
    });
    const stream = await open(api);
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(stream.response.headers.get("cache-control")).toMatch(/no-store/);
    const text = await stream.end();
    expect(text).toContain("id: 1\nevent: funded\n");
    // Money inside entries is in tokens, like everywhere on the wire.
    expect(text).toContain('"data":{"amount":"1.5","deposit":"sig"}');
  });

  it("is open before anything happens", async () => {
    const source = tap();
    const stream = await open(await start(source.events));
    await stream.until(/^: connected/);
    source.push(eventOf(1));
    await stream.until(/event: timed/);
    stream.leave();
    await eventually(() => source.aborted === 1);
  });

  it("resumes after Last-Event-ID, which counts more than the query", async () => {
    const asked: number[] = [];
    const api = await start(async function* (_market, after) {
      asked.push(after);
      yield eventOf(after + 1);
    });
    await (await open(api)).end();
    await (await open(api, "?after=7")).end();
    await (await open(api, "?after=7", { "last-event-id": "41" })).end();
    expect(asked).toEqual([0, 7, 41]);
  });

  it("refuses a Last-Event-ID that it never gave", async () => {
    const api = await start(tap().events);
    const answer = await api.ask(`GET ${path}`, { headers: { "last-event-id": "latest" } });
    expect(answer.body.code).toBe("MALFORMED_REQUEST");
  });

  it("is not found for a market that does not exist", async () => {
    const api = await start(tap().events);
    const answer = await api.ask(`GET ${path.replace(testMarket, "0".repeat(32))}`);
    expect([answer.status, answer.body.code]).toEqual([404, "MARKET_NOT_FOUND"]);
  });

  it("shows one task alone, and the turn that assigned it", async () => {
    const api = await start(async function* () {
      yield eventOf(1);
      yield eventOf(2, { kind: "assigned", task: 4, data: { task: 4, ordinal: 0 } });
      yield eventOf(3, { kind: "submitted", task: 9, data: { next: { task: 4, ordinal: 1 } } });
      yield eventOf(4, { kind: "submitted", task: 9, data: { next: null } });
      yield eventOf(5, { kind: "submitted", task: 40, data: { next: { task: 5, ordinal: 1 } } });
    });
    const text = await (await open(api, "?task=4")).end();
    expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1])).toEqual(["2", "3"]);
  });

  it("says that it lives while nothing happens", async () => {
    const source = tap();
    const stream = await open(await start(source.events, { heartbeatSeconds: 0.05 }));
    await stream.until(/: waiting\n\n: waiting\n\n/);
    source.push(eventOf(1));
    await stream.until(/id: 1/);
    stream.leave();
  });

  it("breaks where its source fails, so that nobody takes it for the end", async () => {
    const api = await start(async function* () {
      yield eventOf(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new Error("the database is gone");
    });
    const stream = await open(api);
    await stream.until(/id: 1/);
    await expect(stream.end()).rejects.toThrow();
  });
});

describe("streams that have seen all there is", () => {
  it("wait together: each event is asked for once", async () => {
    const source = tap();
    const api = await start(source.events);
    const streams = await Promise.all([open(api, "?after=4"), open(api, "?after=4"), open(api, "?after=4&task=9")]);
    await Promise.all(streams.map((stream) => stream.until(/: connected/)));
    source.push(eventOf(5, { task: 3 }));
    source.push(eventOf(6, { task: 9 }));
    const texts = await Promise.all(streams.map((stream) => stream.until(/id: 6/)));
    expect(texts.map((text) => text.includes("id: 5"))).toEqual([true, true, false]);
    expect(source.opened).toBe(1);
    for (const stream of streams) stream.leave();
    await eventually(() => source.aborted === 1);
  });

  it("wait together also where all came from behind", async () => {
    const source = tap();
    source.push(eventOf(5));
    const api = await start(source.events);
    const first = await open(api);
    await first.until(/id: 5\n/);
    const later = await Promise.all([open(api, "?after=5"), open(api, "?after=5")]);
    await Promise.all(later.map((stream) => stream.until(/: connected/)));
    source.push(eventOf(6));
    for (const stream of [first, ...later]) await stream.until(/id: 6\n/);
    // One look of the first that came, and one of all.
    expect(source.opened).toBe(2);
    for (const stream of [first, ...later]) stream.leave();
  });

  it("are joined by those who come from behind, who miss nothing and see nothing twice", async () => {
    const log = Array.from({ length: 400 }, (_, i) => eventOf(i + 1, { data: { text: "x".repeat(2_000) } }));
    const wakers = new Set<() => void>();
    let length = 10;
    let readers = 0;
    const api = await start(async function* (_market, after, signal) {
      readers++;
      signal.addEventListener("abort", () => {
        for (const wake of wakers) wake();
      });
      for (let next = after; !signal.aborted; ) {
        if (next < length) {
          await Promise.resolve();
          yield log[next++] as EventView;
        } else await new Promise<void>((resolve) => wakers.add(resolve));
      }
    });
    const grow = (to: number): void => {
      length = to;
      for (const wake of wakers) wake();
      wakers.clear();
    };
    const first = await open(api, "?after=10");
    await first.until(/: connected/);
    const late = await Promise.all([0, 3, 7].map((after) => open(api, `?after=${after}`)));
    for (const stream of late) await stream.until(/id: 10\n/);
    grow(11);
    for (const stream of [first, ...late]) await stream.until(/id: 11\n/);
    const sofar = readers;
    grow(400);
    for (const [i, stream] of [first, ...late].entries()) {
      const text = await stream.until(/id: 400\n/);
      const from = [10, 0, 3, 7][i] as number;
      const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
      expect(ids).toEqual(Array.from({ length: 400 - from }, (_, k) => from + k + 1));
    }
    expect(sofar).toBe(4);
    for (const stream of [first, ...late]) stream.leave();
  });
});

describe("many event streams", () => {
  it("are counted, and limited", async () => {
    const source = tap();
    const api = await start(source.events, { openStreamsMax: 2 });
    const streams = [await open(api), await open(api)];
    const third = await api.ask(`GET ${path}`);
    expect([third.status, third.body.code, third.headers.get("retry-after")]).toEqual([429, "RATE_EXCEEDED", "5"]);
    expect((await api.ask("GET /metrics")).text).toMatch(/earnest_http_open_streams\{operation="getEvents"\} 2/);
    streams[0]?.leave();
    await eventually(() => source.aborted === 1);
    const fourth = await open(api);
    expect(fourth.response.status).toBe(200);
    streams[1]?.leave();
    fourth.leave();
    await eventually(() => source.aborted === 3);
    expect((await api.ask("GET /metrics")).text).toMatch(/earnest_http_open_streams\{operation="getEvents"\} 0/);
  });

  it("are limited for each address", async () => {
    const api = await start(tap().events, { openStreamsPerAddressMax: 1 });
    const stream = await open(api);
    expect((await api.ask(`GET ${path}`)).status).toBe(429);
    stream.leave();
  });

  it("end when the server stops, and stopping does not wait for them", async () => {
    const source = tap();
    const api = await start(source.events);
    const streams = await Promise.all([open(api), open(api), open(api)]);
    await eventually(() => source.opened === 3);
    const before = Date.now();
    const [texts] = await Promise.all([Promise.all(streams.map((stream) => stream.end())), api.close()]);
    expect(texts).toHaveLength(3);
    expect(Date.now() - before).toBeLessThan(2_000);
    expect(source.aborted).toBe(3);
  });

  it("slow readers slow their source down", async () => {
    let made = 0;
    const api = await start(async function* () {
      for (;;) yield eventOf(++made, { data: { text: "x".repeat(10_000) } });
    });
    const controller = new AbortController();
    const response = await fetch(`${api.url}${path}`, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const soon = made;
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What the sockets hold is made, and not one event more.
    expect(made - soon).toBeLessThanOrEqual(1);
    expect(response.status).toBe(200);
    controller.abort();
  });
});
