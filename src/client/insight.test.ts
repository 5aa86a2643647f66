import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../api/testing.ts";
import {
  apiKeyOfOwner,
  contributorOf,
  fakeEngine,
  openWorkOf,
  sessionToken,
  testMarket,
  testSession,
  testToken,
} from "../api/testing-engine.ts";
import { Contributor } from "./contributor.ts";
import { Earnest } from "./earnest.ts";
import { generateSigner } from "./keys.ts";

/** How a market goes, as the SDK tells it. */

const askers: unknown[] = [];
const years: number[] = [];
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(
    fakeEngine({
      signIn: async ({ contributor, sessionKey }) => ({
        ...testSession,
        key: contributor,
        sessionKey,
        token: sessionToken,
      }),
      contributors: async (_owner, _market, after) => ({
        items: [contributorOf({ answers: after === null ? 1 : 2 })],
        next: after === null ? "7" : null,
      }),
      openWork: async (session, after) => {
        askers.push(session?.contributor ?? null);
        return { items: [openWorkOf({ tasksLeft: after === null ? 1 : 2 })], next: after === null ? "1.aa" : null };
      },
      earnings: async (_session, year) => {
        years.push(year);
        return year === 2030
          ? []
          : [{ day: "2026-01-02", mint: testToken.mint, answers: 1, rewards: 20_000n as never, bonuses: 0n as never }];
      },
    }),
  );
});
afterAll(() => api.close());

const contributor = async (): Promise<Contributor> =>
  new Contributor({ server: api.url, signer: await generateSigner(), saltSecret: new Uint8Array(32) });

describe("a requester's client", () => {
  it("pages through contributors, and gets the report and the warnings", async () => {
    const client = new Earnest({ server: api.url, apiKey: apiKeyOfOwner });
    const found: number[] = [];
    for await (const { answers } of client.markets.contributors(testMarket, { limit: 1 })) found.push(answers);
    expect(found).toEqual([1, 2]);
    expect((await client.markets.report(testMarket)).added.corrected).toBe(2);
    expect((await client.markets.get(testMarket)).warnings).toHaveLength(1);
  });

  it("lists work without any credentials", async () => {
    askers.length = 0;
    const { work } = new Earnest({ server: api.url });
    const found: number[] = [];
    for await (const { tasksLeft } of work.list()) found.push(tasksLeft);
    expect([found, askers]).toEqual([
      [1, 2],
      [null, null],
    ]);
  });
});

describe("a contributor's client", () => {
  it("lists work for itself, and has its own record", async () => {
    askers.length = 0;
    const person = await contributor();
    const { items } = await person.work({ limit: 5 }).page();
    expect([items[0]?.payPerHour, askers]).toEqual(["6", [7]]);
    expect((await person.record(testMarket)).pace?.perHour).toBe("2.4");
  });

  it("reads the days of a year, also of one without any", async () => {
    const person = await contributor();
    expect(await person.earnings(2026)).toEqual([
      { day: "2026-01-02", mint: testToken.mint, answers: 1, rewards: "0.02", bonuses: "0", earned: "0.02" },
    ]);
    expect(await person.earnings(2030)).toEqual([]);
    await person.earnings();
    // By the network's clock, which stands at the beginning of 1970 here.
    expect(years).toEqual([2026, 2030, 1970]);
  });

  it("explains its verdicts", async () => {
    const [verdict] = (await (await contributor()).verdicts({ limit: 1 }).page()).items;
    expect(verdict?.explanation).toMatchObject({ label: { label: "a", confidence: 0.97 }, appeal: null });
  });
});
