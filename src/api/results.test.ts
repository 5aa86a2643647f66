import { parse } from "csv-parse/sync";
import { afterEach, describe, expect, it } from "vitest";
import { result } from "../contract/results.ts";
import { earnestError } from "../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import { apiKeyOfOwner, fakeEngine, resultViewOf, testMarket } from "./testing-engine.ts";

const apis: TestApi[] = [];
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

async function start(results?: Engine["results"]): Promise<TestApi> {
  const api = await startTestApi(fakeEngine(results === undefined ? {} : { results }));
  apis.push(api);
  return api;
}

const path = `GET /v1/markets/${testMarket}/results`;
const token = apiKeyOfOwner;

describe("results", () => {
  it("come as JSON lines, each in the shape of its schema", async () => {
    const answer = await (await start()).ask(path, { token });
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    const rows = answer.text
      .trim()
      .split("\n")
      .map((line) => result.parse(JSON.parse(line)));
    expect(rows.map(({ id, label, confidence, votes, cost }) => [id, label, confidence, votes, cost])).toEqual([
      ["t0", "a", 0.97, { a: 2 }, "0.04"],
      ["t1", "a", 0.97, { a: 2 }, "0.04"],
    ]);
    expect(rows[0]?.receipt.entries).toHaveLength(1);
  });

  it("come as CSV, by Accept or by name, and lose nothing on the way", async () => {
    const odd = 'say "hi",\nthere';
    const api = await start(async function* () {
      yield { ...resultViewOf(0), externalId: odd };
    });
    for (const answer of [
      await api.ask(path, { token, headers: { accept: "text/csv" } }),
      await api.ask(`${path}?format=csv`, { token }),
    ]) {
      expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
      const [row] = parse(answer.text, { columns: true }) as Record<string, string>[];
      expect(row?.["id"]).toBe(odd);
      expect(JSON.parse(row?.["votes"] ?? "")).toEqual({ a: 2 });
      expect(JSON.parse(row?.["receipt"] ?? "").market).toBe(testMarket);
      expect([row?.["confidence"], row?.["decided"], row?.["cost"]]).toEqual(["0.97", "true", "0.04"]);
    }
  });

  it("come as tasks of Label Studio, with what was asked, and none is an empty list", async () => {
    // It is one list, whose rows are not those of the schema: asked for without the check.
    const get = async (api: TestApi): Promise<Response> =>
      await fetch(`${api.url}${path.slice("GET ".length)}?format=labelstudio`, {
        headers: { authorization: `Bearer ${token}` },
      });
    const answer = await get(await start());
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toContain(`${testMarket}.json`);
    const tasks = (await answer.json()) as readonly unknown[];
    expect(tasks).toHaveLength(2);
    expect(tasks[1]).toMatchObject({
      id: 1,
      data: { text: "task 1", earnest_id: "t1" },
      annotations: [{ result: [{ type: "choices", value: { choices: ["a"] }, score: 0.97 }], ground_truth: false }],
      meta: { confidence: 0.97, receipt: { market: testMarket } },
    });
    const none = await start(async function* () {});
    expect(await (await get(none)).json()).toEqual([]);
  });

  it("of one task alone end with it", async () => {
    let made = 0;
    const api = await start(async function* () {
      for (;;) yield resultViewOf(made++);
    });
    const answer = await api.ask(`${path}?task=2`, { token });
    expect(answer.text.trim().split("\n")).toHaveLength(1);
    expect(made).toBe(3);
  });

  it("of a market without any are empty, and a CSV has its header", async () => {
    const api = await start(async function* () {});
    expect((await api.ask(path, { token })).text).toBe("");
    expect((await api.ask(`${path}?format=csv`, { token })).text).toMatch(/^id,task,lane,label,.*\r\n$/);
  });

  it("are refused before the first byte where they may not be seen", async () => {
    const api = await start(async function* () {
      yield* [];
      throw earnestError("OWNER_MISMATCH", { what: "The market" });
    });
    const answer = await api.ask(path, { token });
    expect([answer.status, answer.body.code]).toEqual([403, "OWNER_MISMATCH"]);
  });

  it("break off where their source fails, so that nobody takes a part for the whole", async () => {
    const api = await start(async function* () {
      for (let i = 0; i < 2_000; i++) yield resultViewOf(i);
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new Error("the database is gone");
    });
    await expect(api.ask(path, { token })).rejects.toThrow();
    expect(api.logged).toEqual([]);
  });

  it("come in no other form", async () => {
    const api = await start();
    const answer = await api.ask(path, { token, headers: { accept: "application/xml" } });
    expect([answer.status, answer.body.code]).toEqual([406, "ACCEPT_MISMATCH"]);
    expect((await api.ask(`${path}?format=xml`, { token })).status).toBe(400);
  });

  it("are made no faster than they are read, and no longer", async () => {
    let made = 0;
    let ended = false;
    const api = await start(async function* () {
      try {
        for (;;) yield { ...resultViewOf(made++), label: "x".repeat(10_000) };
      } finally {
        ended = true;
      }
    });
    const controller = new AbortController();
    const response = await fetch(`${api.url}/v1/markets/${testMarket}/results`, {
      headers: { authorization: `Bearer ${token}` },
      signal: controller.signal,
    });
    expect(response.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const soon = made;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(made - soon).toBeLessThanOrEqual(1);
    controller.abort();
    for (let i = 0; i < 100 && !ended; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(ended).toBe(true);
  });
});
