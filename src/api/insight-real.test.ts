import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestContributor } from "../../test/support/engine.ts";
import { manyTasks, openMarket } from "../../test/support/engine-world.ts";
import { truthOf } from "../../test/support/policy-market.ts";
import { useTestEngine } from "../../test/support/used-engine.ts";
import { toBase58 } from "../core/bytes.ts";
import type { MarketId } from "../core/market-id.ts";
import { measurePaces } from "../engine/insight/measure-paces.ts";
import type { OfferView } from "../engine/types.ts";
import { defaultPolicy } from "../market/spec.ts";
import { startTestApi, type TestApi } from "./testing.ts";

/** What a real engine says of a real market, in the shapes of the contract: `ask` checks every answer by its schema. */

const used = useTestEngine();
const { time, clock } = used;
const names = ["a", "b"] as const;
const said = (task: number): string => names[truthOf(task)] as string;

let api: TestApi;
let market: MarketId;
let apiKey: string;
let machine: TestContributor;
let person: TestContributor;

beforeAll(async () => {
  const engine = used.engine();
  api = await startTestApi(engine);
  const spec = {
    guide: "Say *a* or *b*.",
    policy: defaultPolicy,
    terms: { overlap: { min: 4, max: 4, targetPpm: 900_000 } },
  };
  const tasks = manyTasks(60, (i) => (i % 5 === 0 ? said(i) : null));
  const opened = await openMarket(engine, { deposit: 50_000_000n, tasks, spec });
  market = opened.market;
  apiKey = (await engine.createApiKey(opened.owner, "test", "mine")).secret;
  const join = (automated: boolean) => TestContributor.signIn(engine, undefined, clock, undefined, automated);
  [machine, person] = [await join(true), await join(false)];
  const others = [await join(false), await join(false)];
  for (let task = 0; task < 58; task++) {
    for (const each of [machine, person, ...others]) {
      const [offer] = await each.assign(market, task);
      time.now += 5_000;
      await each.submit(market, (offer as OfferView).slot, each === others[1] ? "a" : said(task));
    }
  }
  await measurePaces(used.context());
});
afterAll(() => api.close());

describe("a real market, over the wire", () => {
  it("has contributors with standings and error matrices", async () => {
    const { body, status } = await api.ask(`GET /v1/markets/${market}/contributors`, { token: apiKey });
    expect(status).toBe(200);
    expect(body.items).toHaveLength(4);
    const found = body.items.find(
      (each: { contributor: string }) => each.contributor === toBase58(machine.session.key),
    );
    expect(found).toMatchObject({ automated: true, standing: { model: expect.any(Number) } });
    expect(found.errors.length).toBeGreaterThan(1);
    expect(found.answers).toBe(found.accepted + found.rejected + found.held);
  });

  it("has a report and warnings for its owner", async () => {
    const { body } = await api.ask(`GET /v1/markets/${market}/report`, { token: apiKey });
    expect(body).toMatchObject({
      tasks: { asked: 48, controls: 12 },
      people: { contributors: 3 },
      saved: { isEstimate: true },
    });
    expect(body.machines).toHaveLength(1);
    expect(Array.isArray((await api.ask(`GET /v1/markets/${market}`, { token: apiKey })).body.warnings)).toBe(true);
    expect((await api.ask(`GET /v1/markets/${market}`)).body).toMatchObject({
      warnings: null,
      guide: "Say *a* or *b*.",
    });
  });

  it("shows its owner each task with its answers, weights and reasons, and nobody else", async () => {
    const path = `GET /v1/markets/${market}/items`;
    const { body: first } = await api.ask(`${path}?limit=7`, { token: apiKey });
    expect(first.items.map(({ task }: { task: number }) => task)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(first.items[0]).toMatchObject({ id: "t0", control: true, label: null });
    const { body: second } = await api.ask(`${path}?limit=100&after=${first.next}`, { token: apiKey });
    expect(second.items).toHaveLength(53);
    expect(second.next).toBeNull();
    const settled = [...first.items, ...second.items].find(({ decided }) => decided === true);
    const { body: item } = await api.ask(`${path}/${settled.task}`, { token: apiKey });
    expect(item).toMatchObject({ task: settled.task, label: settled.label, content: expect.anything() });
    expect(item.slots).toHaveLength(settled.answers);
    expect(item.known).toBeNull();
    const { body: control } = await api.ask(`${path}/0`, { token: apiKey });
    expect(control).toMatchObject({ control: true, label: null, known: said(0) });
    for (const slot of item.slots) {
      expect(slot.weight.controls.answered).toBeGreaterThan(0);
      // An answer that is not paid stays closed.
      expect(slot.answer === null).toBe(slot.state !== "accepted");
      expect(slot.explanation === null).toBe(slot.state === "held");
    }
    expect(item.slots.some(({ automated }: { automated: boolean }) => automated)).toBe(true);
    const stranger = person.session.token;
    for (const each of [path, `${path}/1`, `GET /v1/markets/${market}/timeline`]) {
      expect((await api.ask(each, { token: stranger })).body.code).toBe("OWNER_MISMATCH");
    }
    expect((await api.ask(`${path}/9999`, { token: apiKey })).body.code).toBe("TASK_NOT_FOUND");
    expect((await api.ask(`${path}?after=x.y`, { token: apiKey })).body.code).toBe("MALFORMED_REQUEST");
  });

  it("lists what is disputed, the least certain first, each once", async () => {
    const seen: { task: number; confidence: number }[] = [];
    for (let after = ""; ; ) {
      const { body } = await api.ask(`GET /v1/markets/${market}/items?only=disputed&limit=2${after}`, {
        token: apiKey,
      });
      seen.push(...body.items);
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    const confidences = seen.map(({ confidence }) => confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => a - b));
    expect(new Set(seen.map(({ task }) => task)).size).toBe(seen.length);
    for (const each of seen) expect(each).toMatchObject({ decided: false });
  });

  it("counts its verdicts over time as the report does", async () => {
    const { body } = await api.ask(`GET /v1/markets/${market}/timeline`, { token: apiKey });
    const { body: report } = await api.ask(`GET /v1/markets/${market}/report`, { token: apiKey });
    const sum = (of: (point: { accepted: number; settled: number; earned: string }) => number): number =>
      body.points.reduce((all: number, point: never) => all + of(point), 0);
    expect(body.points.length).toBeLessThanOrEqual(241);
    expect(sum(({ earned }) => Number(earned))).toBeCloseTo(Number(report.cost), 9);
    expect(sum(({ settled }) => settled)).toBeGreaterThanOrEqual(report.tasks.settled);
    expect(body.verdictMs.p95).toBeGreaterThanOrEqual(body.verdictMs.p50);
  });

  it("is listed as work, with what an hour pays", async () => {
    const { body } = await api.ask("GET /v1/work", { token: person.session.token });
    expect(body.items).toMatchObject([
      { market, qualifies: true, hasGuide: true, secondsPerAnswer: 5, payPerHour: "14.4", tasksLeft: 2 },
    ]);
  });

  it("gives a contributor its record, its verdicts with reasons, and its earnings", async () => {
    const { token } = person.session;
    const { body: record } = await api.ask(`GET /v1/me/markets/${market}`, { token });
    expect(record.pace).toMatchObject({ perHour: expect.any(String) });
    expect(Number(record.earned)).toBeGreaterThan(0);
    const { body: verdicts } = await api.ask("GET /v1/me/verdicts?limit=1000", { token });
    expect(verdicts.items).toHaveLength(record.accepted + record.rejected);
    for (const { explanation } of verdicts.items) expect(explanation.rule).toMatch(/\.$/);
    const year = new Date(time.now).getUTCFullYear();
    const { text } = await api.ask(`GET /v1/me/earnings?year=${year}`, { token });
    const days = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { answers: number; earned: string });
    expect(days.reduce((sum, { answers }) => sum + answers, 0)).toBe(record.accepted);
    expect(days.reduce((sum, { earned }) => sum + Number(earned), 0)).toBeCloseTo(Number(record.earned), 9);
  });
});
