import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { earnestError } from "../core/errors.ts";
import type { StoredResponse } from "./idempotency.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import { apiKeyOfOther, apiKeyOfOwner, fakeEngine, marketViewOf, ownerKey, testMarket } from "./testing-engine.ts";

let api: TestApi;
let created = 0;
let failing: Error | null = null;
let pauseMs = 0;
const engine = fakeEngine({
  createMarket: async (owner) => {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (failing !== null) throw failing;
    return marketViewOf({ owner, taskCount: ++created });
  },
});

beforeAll(async () => {
  api = await startTestApi(engine);
});
afterAll(() => api.close());
beforeEach(() => {
  created = 0;
  failing = null;
  pauseMs = 0;
  api.stored.clear();
  engine.calls.length = 0;
});

const json = { title: "t", answer: { choices: ["a", "b"] }, reward: "0.02" };
const create = (key: string | null, body: object = json, token = apiKeyOfOwner) =>
  api.ask("POST /v1/markets", { token, json: body, headers: key === null ? {} : { "idempotency-key": key } });

describe("an idempotency key", () => {
  it("makes a repetition return the first answer, to the byte", async () => {
    const first = await create("k");
    const second = await create("k");
    expect(second.text).toBe(first.text);
    expect(second.status).toBe(201);
    expect(created).toBe(1);
  });

  it("finds out again what it answered where the work is done and the answer was lost with its process", async () => {
    const first = await create("k");
    const [place, kept] = [...api.stored][0] as [string, StoredResponse];
    api.stored.set(place, { ...kept, status: 0, response: first.body.id });
    const second = await create("k");
    expect([second.status, second.body.id]).toEqual([201, first.body.id]);
    expect((await create("k", { ...json, title: "u" })).body.code).toBe("IDEMPOTENCY_MISMATCH");
    expect(created).toBe(1);
  });

  it("refuses another request under the same key", async () => {
    await create("k");
    const other = await create("k", { ...json, title: "u" });
    expect([other.status, other.body.code]).toEqual([409, "IDEMPOTENCY_MISMATCH"]);
    const elsewhere = await api.ask(`POST /v1/markets/${testMarket}/open`, {
      token: apiKeyOfOwner,
      headers: { "idempotency-key": "k" },
    });
    expect(elsewhere.body.code).toBe("IDEMPOTENCY_MISMATCH");
    expect(created).toBe(1);
  });

  it("is the owner's own: others may use the same one", async () => {
    await create("k");
    await create("k", json, apiKeyOfOther);
    expect(created).toBe(2);
  });

  it("lets two that arrive together share one run", async () => {
    pauseMs = 50;
    const answers = await Promise.all([create("k"), create("k"), create("k")]);
    expect(created).toBe(1);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const mismatch = await create("k", { ...json, title: "u" });
    expect(mismatch.body.code).toBe("IDEMPOTENCY_MISMATCH");
  });

  it("keeps no refusals: what failed may be tried again", async () => {
    failing = earnestError("ESCROW_INSUFFICIENT", { needed: "1", free: "0" });
    expect((await create("k")).status).toBe(402);
    failing = null;
    expect((await create("k")).status).toBe(201);
  });

  it("runs every time without one", async () => {
    await create(null);
    await create(null);
    expect(created).toBe(2);
    expect(api.stored.size).toBe(0);
  });

  it("answers nothing twice where there is nothing to say", async () => {
    const request = {
      token: apiKeyOfOwner,
      json: { contributor: "11111111111111111111111111111111", amount: "0.1" },
      headers: { "idempotency-key": "bonus" },
    };
    const answers = [
      await api.ask(`POST /v1/markets/${testMarket}/bonuses`, request),
      await api.ask(`POST /v1/markets/${testMarket}/bonuses`, request),
    ];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [204, ""],
      [204, ""],
    ]);
    expect(engine.calls.filter((name) => name === "payBonus")).toHaveLength(1);
  });

  it("must be short and visible", async () => {
    for (const key of [" ", "x".repeat(201), "a b"])
      expect((await create(key)).body.code, key).toBe("MALFORMED_REQUEST");
  });

  it("covers an import by its bytes", async () => {
    const send = (body: string) =>
      api.ask(`POST /v1/markets/${testMarket}/imports`, {
        token: apiKeyOfOwner,
        body,
        headers: { "content-type": "application/x-ndjson", "idempotency-key": "import" },
      });
    const first = await send('{"id":"a","content":1}\n');
    const second = await send('{"id":"a","content":1}\n');
    expect(first.body).toEqual({ first: 3, count: 1 });
    expect(second.text).toBe(first.text);
    expect((await send('{"id":"b","content":1}\n')).body.code).toBe("IDEMPOTENCY_MISMATCH");
    expect(engine.imported).toHaveLength(1);
  });

  it("never stores a secret", async () => {
    const request = { token: apiKeyOfOwner, json: { name: "n" }, headers: { "idempotency-key": "secret" } };
    await api.ask("POST /v1/api-keys", request);
    expect([...api.stored.values()].map(({ response }) => response).join()).not.toContain("earnest_test_");
    expect(ownerKey).toHaveLength(32);
  });
});
