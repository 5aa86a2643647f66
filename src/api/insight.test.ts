import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../core/amount.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import {
  apiKeyOfOther,
  apiKeyOfOwner,
  contributorOf,
  earnedDayOf,
  explanationOf,
  fakeEngine,
  filled,
  openWorkOf,
  ownRecordOf,
  sessionToken,
  submissionViewOf,
  testMarket,
  testToken,
} from "./testing-engine.ts";

const asked: unknown[] = [];
const sessions: unknown[] = [];
const years: number[] = [];
const engine = fakeEngine({
  contributors: async (_owner, _market, after, limit) => {
    asked.push([after, limit]);
    return { items: [contributorOf()], next: "8" };
  },
  openWork: async (session, after, limit) => {
    sessions.push([session?.contributor ?? null, after, limit]);
    return { items: [openWorkOf()], next: null };
  },
  earnings: async (_session, year) => {
    years.push(year);
    return [earnedDayOf()];
  },
  listVerdicts: async () => ({
    items: [
      {
        ...submissionViewOf(1),
        state: "appealable",
        reason: "CONTROL_MISSED",
        market: testMarket,
        mint: testToken.mint,
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
    const said = { what: "There are no control tasks.", next: "Add some." };
    const warnings = [{ code: "CONTROLS_MISSING", context: {}, ...said }];
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

describe("open work", () => {
  it("is shown to anybody, with pay in tokens", async () => {
    const { body, status } = await api.ask("GET /v1/work");
    expect(status).toBe(200);
    expect(body.items[0]).toMatchObject({
      market: testMarket,
      reward: "0.02",
      payPerHour: "6",
      secondsPerAnswer: 12,
      template: { id: "choice", parameters: {} },
      answer: { choices: ["a", "b"] },
      hasGuide: false,
      examples: 0,
      qualifies: null,
      missing: [],
    });
  });

  it("knows who asks by a session, and takes an API key for nobody in particular", async () => {
    sessions.length = 0;
    await api.ask("GET /v1/work?limit=3&after=-1.00", { token: sessionToken });
    await api.ask("GET /v1/work", { token: apiKeyOfOwner });
    await api.ask("GET /v1/work");
    expect(sessions).toEqual([
      [7, "-1.00", 3],
      [null, null, 100],
      [null, null, 100],
    ]);
    expect((await api.ask("GET /v1/work", { token: "earnest_session_gone" })).status).toBe(401);
  });
});

describe("earnings", () => {
  const path = "GET /v1/me/earnings";

  it("are rows of JSON, or of a table", async () => {
    const lines = await api.ask(`${path}?year=2026`, { token: sessionToken });
    expect(lines.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(JSON.parse(lines.text)).toEqual({
      day: "2026-11-21",
      mint: testToken.mint,
      answers: 3,
      rewards: "0.06",
      bonuses: "0.005",
      earned: "0.065",
    });
    const table = await api.ask(`${path}?year=2026&format=csv`, { token: sessionToken });
    expect(table.text.split(/\r?\n/).slice(0, 2)).toEqual([
      "day,answers,rewards,bonuses,earned,mint",
      `2026-11-21,3,0.06,0.005,0.065,${testToken.mint}`,
    ]);
    expect(table.headers.get("content-disposition")).toBe('attachment; filename="earnings-2026.csv"');
    const accepted = await api.ask(path, { token: sessionToken, headers: { accept: "text/csv" } });
    expect(accepted.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  });

  it("are of this year by the network's clock, or of one that can be", async () => {
    years.length = 0;
    await api.ask(path, { token: sessionToken });
    // The double's clock stands at the beginning of 1970.
    expect(years).toEqual([1970]);
    for (const year of ["26", "1999", "20260", "x"]) {
      expect((await api.ask(`${path}?year=${year}`, { token: sessionToken })).body.code).toBe("MALFORMED_REQUEST");
    }
    expect((await api.ask(path, { token: sessionToken, headers: { accept: "image/png" } })).body.code).toBe(
      "ACCEPT_MISMATCH",
    );
  });

  it("are nobody else's", async () => {
    expect((await api.ask(path, { token: apiKeyOfOwner })).status).toBe(401);
    expect((await api.ask(path)).status).toBe(401);
  });
});
