import { afterEach, describe, expect, it } from "vitest";
import { type AskEvent, askEvents } from "../contract/ask.ts";
import type { Engine } from "../engine/engine.ts";
import type { EventView } from "../engine/types.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import { apiKeyOfOwner, eventOf, fakeEngine, resultViewOf, testMarket } from "./testing-engine.ts";

const apis: TestApi[] = [];
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

const question = { question: "Is it a cat?", reward: "0.05" };
const token = apiKeyOfOwner;

async function start(changes: Partial<Engine>): Promise<TestApi> {
  const api = await startTestApi(fakeEngine(changes));
  apis.push(api);
  return api;
}

/** Task 3 is the question's; other tasks of the same market go on beside it. */
const story: readonly EventView[] = [
  eventOf(5, { kind: "batchAdded", data: { first: 3, count: 1 } }),
  eventOf(6, { kind: "assigned", task: 3, data: { task: 3, ordinal: 0 } }),
  eventOf(7, { kind: "assigned", task: 2, data: { task: 2, ordinal: 0 } }),
  eventOf(8, { kind: "submitted", task: 2, data: { task: 2, ordinal: 0, next: { task: 3, ordinal: 1 } } }),
  eventOf(9, { kind: "settled", task: 2, data: { task: 2 } }),
  eventOf(10, { kind: "submitted", task: 3, data: { task: 3, ordinal: 0, next: null } }),
  eventOf(11, { kind: "expired", task: 3, data: { task: 3, ordinal: 1 } }),
  eventOf(12, { kind: "settled", task: 3, data: { task: 3 } }),
];

const telling = (events: readonly EventView[], gapMs = 0): Partial<Engine> => ({
  events: async function* (_market, after, signal) {
    for (const event of events) {
      if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
      if (event.sequence > after) yield event;
    }
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  },
  results: async function* () {
    yield resultViewOf(2);
    yield resultViewOf(3);
  },
});

async function streamed(api: TestApi, json: object = question, headers: object = {}): Promise<AskEvent[]> {
  const { text } = await api.ask("POST /v1/ask", { token, json, headers: { accept: "text/event-stream", ...headers } });
  return [...text.matchAll(/event: (\w+)\ndata: (.*)\n/g)].map((match) => {
    const event = match[1] as keyof typeof askEvents;
    return { event, data: askEvents[event].parse(JSON.parse(match[2] ?? "")) } as AskEvent;
  });
}

describe("asking people", () => {
  it("streams what happens to the question alone, and ends with the answer", async () => {
    const events = await streamed(await start(telling(story)));
    expect(events.map(({ event }) => event)).toEqual([
      "posted",
      "assigned",
      "assigned",
      "answered",
      "settled",
      "answer",
    ]);
    expect(events.slice(1, 4).map(({ data }) => data)).toEqual([{ slot: "3.0" }, { slot: "3.1" }, { slot: "3.0" }]);
    expect(events.at(-1)?.data).toMatchObject({
      market: testMarket,
      task: 3,
      answer: "a",
      confidence: 0.97,
      decided: true,
      cost: "0.04",
      votes: { a: 2 },
      receipt: { market: testMarket },
    });
  });

  it("answers plain JSON in time where it can", async () => {
    const answer = await (await start(telling(story))).ask("POST /v1/ask", { token, json: question });
    expect([answer.status, answer.body.answer]).toEqual([200, "a"]);
  });

  it("says where to look where it cannot", async () => {
    const api = await start(telling(story.slice(0, 2)));
    const answer = await api.ask("POST /v1/ask", { token, json: { ...question, waitSeconds: 0 } });
    expect([answer.status, answer.body]).toEqual([202, { market: testMarket, task: 3 }]);
  });

  it("ends without an answer when the deadline has passed and nobody works on it", async () => {
    const none = { ...telling([]), results: async function* () {} } as Partial<Engine>;
    const before = Date.now();
    const events = await streamed(await start(none), { ...question, deadlineSeconds: 1 });
    expect(events.map(({ event }) => event)).toEqual(["posted", "answer"]);
    expect(events[1]?.data).toMatchObject({ answer: null, confidence: 0, cost: "0", receipt: null });
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);
  });

  it("waits past the deadline for somebody who is at work", async () => {
    const late = [story[1], story[5], story[7]] as EventView[];
    const events = await streamed(await start(telling(late, 700)), { ...question, deadlineSeconds: 1 });
    expect(events.map(({ event }) => event)).toEqual(["posted", "assigned", "answered", "settled", "answer"]);
  });

  it("fills in what a small requester leaves open", async () => {
    const asked: Parameters<Engine["ask"]>[1][] = [];
    const api = await start({
      ...telling(story),
      ask: async (_owner, given) => {
        asked.push(given);
        return { market: testMarket, task: 3 };
      },
    });
    const content = [
      { label: "A", text: "one" },
      { label: "B", text: "two" },
    ];
    await streamed(api);
    await streamed(api, { ...question, content });
    await streamed(api, { ...question, content, choices: ["left", "right"], overlap: { min: 1, max: 1, target: 0.5 } });
    expect(asked.map(({ choices }) => choices)).toEqual([
      ["yes", "no"],
      ["A", "B"],
      ["left", "right"],
    ]);
    expect(asked[0]).toMatchObject({ reward: 50_000n, overlap: { min: 2, max: 3, targetPpm: 900_000 } });
    expect((asked[0]?.deadlineMs ?? 0) - Date.now()).toBeGreaterThan(590_000);
    const twice = await api.ask("POST /v1/ask", { token, json: { ...question, choices: ["a", "a"] } });
    expect(twice.body.code).toBe("MALFORMED_REQUEST");
  });

  it("posts once under one key: a broken stream is opened again on the same task", async () => {
    let posts = 0;
    const api = await start({
      ...telling(story),
      ask: async () => {
        posts++;
        return { market: testMarket, task: 3 };
      },
    });
    const key = { "idempotency-key": "q1" };
    const [first, second] = [await streamed(api, question, key), await streamed(api, question, key)];
    expect(second).toEqual(first);
    const { status } = await api.ask("POST /v1/ask", { token, json: question, headers: key });
    expect([status, posts]).toEqual([200, 1]);
    const other = await api.ask("POST /v1/ask", { token, json: { ...question, reward: "1" }, headers: key });
    expect(other.body.code).toBe("IDEMPOTENCY_MISMATCH");
  });
});
