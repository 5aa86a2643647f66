import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../core/amount.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import {
  apiKeyOfOther,
  apiKeyOfOwner,
  contributorOf,
  explanationOf,
  fakeEngine,
  filled,
  ownRecordOf,
  sessionToken,
  submissionViewOf,
  testMarket,
} from "./testing-engine.ts";

const asked: unknown[] = [];
const engine = fakeEngine({
  contributors: async (_owner, _market, after, limit) => {
    asked.push([after, limit]);
    return { items: [contributorOf()], next: "8" };
  },
  listVerdicts: async () => ({
    items: [
      {
        ...submissionViewOf(1),
        state: "appealable",
        reason: "CONTROL_MISSED",
        market: testMarket,
        lane: 0,
        decidedSequence: 9,
        decidedAtMs: 4,
        explanation: explanationOf({
          label: null,
          control: { commitment: filled(5), committedSequence: 3, openedSequence: 12, answer: "b" },
          record: { answered: 4, right: 1, answeredMin: 4, accuracyPpmMin: 600_000 },
          appeal: { isOpen: true, untilMs: 99, cost: amount(60_000n), problem: null },
        }),
      },
    ],
    next: null,
  }),
});
const market = `/v1/markets/${testMarket}`;
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(engine);
});
afterAll(() => api.close());

describe("a market's warnings", () => {
  it("are for its owner", async () => {
    const warnings = [{ code: "CONTROLS_MISSING", what: "There are no control tasks.", next: "Add some." }];
    expect((await api.ask(`GET ${market}`, { token: apiKeyOfOwner })).body.warnings).toEqual(warnings);
  });

  it("are computed for nobody else", async () => {
    engine.calls.length = 0;
    expect((await api.ask(`GET ${market}`)).body.warnings).toBeNull();
    expect((await api.ask(`GET ${market}`, { token: apiKeyOfOther })).body.warnings).toBeNull();
    expect((await api.ask(`GET ${market}`, { token: sessionToken })).body.warnings).toBeNull();
    expect((await api.ask("GET /v1/markets", { token: apiKeyOfOwner })).body.items[0].warnings).toBeNull();
    expect(engine.calls).not.toContain("warnings");
  });

  it("are no reason to take a wrong credential for none", async () => {
    const answer = await api.ask(`GET ${market}`, { token: "earnest_test_nobody" });
    expect(answer.body).toMatchObject({ status: 401, code: "API_KEY_NOT_FOUND" });
    expect((await api.ask(`GET ${market}`, { token: "what" })).body.code).toBe("CREDENTIALS_NOT_FOUND");
  });
});

describe("the contributors of a market", () => {
  it("come in pages, in tokens", async () => {
    asked.length = 0;
    const { body } = await api.ask(`GET ${market}/contributors?limit=7&after=6`, { token: apiKeyOfOwner });
    expect(body).toMatchObject({ items: [{ earned: "0.06", automated: true, controls: { right: 1 } }], next: "8" });
    await api.ask(`GET ${market}/contributors`, { token: apiKeyOfOwner });
    expect(asked).toEqual([
      ["6", 7],
      [null, 100],
    ]);
  });
});

describe("one's own record", () => {
  it("has money in tokens", async () => {
    const { body } = await api.ask(`GET /v1/me/markets/${testMarket}`, { token: sessionToken });
    expect(body).toMatchObject({ market: testMarket, earned: "0.06", reserve: "0", pace: { perHour: "2.4" } });
    const { pace } = ownRecordOf();
    expect(pace?.perHour).toBe(2_400_000n);
  });

  it("is nobody else's", async () => {
    expect((await api.ask(`GET /v1/me/markets/${testMarket}`, { token: apiKeyOfOwner })).status).toBe(401);
  });
});

describe("an explained verdict", () => {
  it("has hashes, shares and money as everywhere", async () => {
    const { body } = await api.ask("GET /v1/me/verdicts", { token: sessionToken });
    expect(body.items[0].explanation).toMatchObject({
      control: { commitment: "05".repeat(32), committedSequence: 3, openedSequence: 12, answer: "b" },
      record: { answered: 4, right: 1, answeredMin: 4, accuracyMin: 0.6 },
      appeal: { isOpen: true, untilMs: 99, cost: "0.06", problem: null },
    });
  });
});
