import { beforeEach, describe, expect, it } from "vitest";
import { TestContributor } from "../../../test/support/engine.ts";
import { manyTasks, openMarket, type SpecChanges, signInMany, single } from "../../../test/support/engine-world.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { amount } from "../../core/amount.ts";
import type { MarketId } from "../../core/market-id.ts";
import { noFacts } from "../../market/state.ts";
import type { Engine } from "../engine.ts";
import { createIdentity } from "../identity.ts";
import { Lanes } from "../lanes.ts";
import { Pools } from "../pools.ts";
import type { OfferView } from "../types.ts";
import type { OpenWork } from "./insight.ts";
import { measurePaces } from "./measure-paces.ts";
import { createOpenWork } from "./open-work.ts";

const used = useTestEngine();
const { pool, time, clock, context } = used;
let engine: Engine;

/** Each test is about markets of its own: those before it are closed to work. */
beforeEach(async () => {
  engine = used.engine();
  await pool().query("update lanes set status = 'paused' where status = 'open'");
  time.now += 60_000;
});

const join = async (): Promise<TestContributor> => (await signInMany(engine, 1, clock))[0] as TestContributor;
const all = async (person: TestContributor | null = null): Promise<readonly OpenWork[]> =>
  (await engine.openWork(person?.session ?? null, null, 100)).items;

/** Takes and answers tasks, each in so many seconds. */
async function work(
  market: MarketId,
  person: TestContributor,
  tasks: readonly number[],
  seconds: number,
): Promise<void> {
  for (const task of tasks) {
    const [offer] = await person.assign(market, task);
    time.now += seconds * 1_000;
    await person.submit(market, (offer as OfferView).slot, "a");
  }
}

const measured = async (): Promise<void> => await measurePaces(context());

describe("open work", () => {
  it("is what is open and has tasks and money, and nothing else", async () => {
    const open = await openMarket(engine);
    const paused = await openMarket(engine);
    await engine.changeStatus(paused.owner, paused.market, "pause");
    await openMarket(engine, { tasks: [] });
    // The budget for appeals is locked, and a base unit is missing for an answer.
    await openMarket(engine, { deposit: 100_000n + 20_399n });
    expect(await all()).toMatchObject([
      {
        market: open.market,
        tasksLeft: 4,
        payPerHour: null,
        secondsPerAnswer: null,
        measuredAnswers: 0,
        rejected: null,
        automatedAllowed: true,
        qualifies: null,
        missing: [],
      },
    ]);
  });

  it("pays by the hour what its answers took, once that was measured", async () => {
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(8), deposit: 5_000_000n });
    const person = await join();
    await work(market, person, [0, 1, 2, 3], 10);
    await measured();
    // Four answers are too few to say.
    expect(await all()).toMatchObject([{ market, payPerHour: null, measuredAnswers: 4, rejected: 0 }]);
    await work(market, person, [4], 40);
    time.now += 30_001;
    await measured();
    expect(await all()).toMatchObject([
      { market, secondsPerAnswer: 10, payPerHour: 7_200_000n, measuredAnswers: 5, tasksLeft: 3 },
    ]);
  });

  it("pays by the hour what people's answers took, however fast programs are", async () => {
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(20), deposit: 5_000_000n });
    const machine = await TestContributor.signIn(engine, undefined, clock, noFacts, true);
    await work(market, machine, [0, 1, 2, 3, 4, 5], 1);
    await measured();
    expect(await all()).toMatchObject([{ market, payPerHour: null, measuredAnswers: 0, rejected: 0 }]);
    await work(market, await join(), [6, 7, 8, 9, 10], 20);
    time.now += 30_001;
    await measured();
    expect(await all()).toMatchObject([{ market, secondsPerAnswer: 20, measuredAnswers: 5 }]);
  });

  it("is not measured again before something happened, nor all the time", async () => {
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(3), deposit: 5_000_000n });
    const at = async () =>
      (await pool().query<{ at: bigint }>("select measured_at_ms as at from paces order by measured_at_ms desc"))
        .rows[0]?.at;
    await measured();
    const first = await at();
    time.now += 60_000;
    await measured();
    expect(await at()).toBe(first);
    await work(market, await join(), [0], 1);
    await measured();
    const second = await at();
    expect(Number(second)).toBe(time.now);
    await work(market, await join(), [1], 1);
    await measured();
    expect(await at()).toBe(second);
  });

  it("comes best paid first, page by page, and what is not known last", async () => {
    const markets: MarketId[] = [];
    for (const seconds of [30, 10, 20]) {
      const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(8), deposit: 5_000_000n });
      await work(market, await join(), [0, 1, 2, 3, 4], seconds);
      markets.push(market);
    }
    const unknown = await openMarket(engine);
    await measured();
    const order = [markets[1], markets[2], markets[0], unknown.market];
    expect((await all()).map(({ market }) => market)).toEqual(order);
    const paged: MarketId[] = [];
    let next: string | null = null;
    do {
      const page: Awaited<ReturnType<Engine["openWork"]>> = await engine.openWork(null, next, 1);
      paged.push(...page.items.map(({ market }) => market));
      next = page.next;
    } while (next !== null);
    expect(paged).toEqual(order);
    await expect(engine.openWork(null, "1", 1)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
  });

  it("fills a page also where much of what is open has no work", async () => {
    for (let i = 0; i < 4; i++) await openMarket(engine, { tasks: [] });
    const full = [await openMarket(engine), await openMarket(engine)];
    const { items, next } = await engine.openWork(null, null, 2);
    expect(new Set(items.map(({ market }) => market))).toEqual(new Set(full.map(({ market }) => market)));
    // Where the last of all has work, the page says that nothing follows.
    expect(next === null ? [] : (await engine.openWork(null, next, 2)).items).toEqual([]);
  });

  it("looks at so many markets for one request, and goes on where it stopped", async () => {
    const lanes = new Lanes(context());
    const { openWork } = createOpenWork(
      context(),
      { lanes, pools: new Pools(context()), identity: createIdentity(context()) },
      2,
    );
    const full = [(await openMarket(engine)).market, (await openMarket(engine)).market];
    for (let i = 0; i < 5; i++) await openMarket(engine, { tasks: [] });
    const found: MarketId[] = [];
    let requests = 0;
    let next: string | null = null;
    do {
      const page: Awaited<ReturnType<Engine["openWork"]>> = await openWork(null, next, 100);
      expect(page.items.length).toBeLessThanOrEqual(2);
      found.push(...page.items.map(({ market }) => market));
      requests++;
      next = page.next;
    } while (next !== null);
    expect(new Set(found)).toEqual(new Set(full));
    // Two at a time of seven.
    expect([found.length, requests]).toEqual([2, 4]);
  });

  it("says how much of it is rejected", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(1, () => "b"), spec: single });
    for (const choice of ["a", "b", "b", "b"]) {
      const person = await join();
      const [offer] = await person.assign(market, 0);
      await person.submit(market, (offer as OfferView).slot, choice);
    }
    await engine.addTasks((await engine.market(market)).owner, market, [
      { externalId: "more", content: 1, terms: null, control: null },
    ]);
    await measured();
    expect(await all()).toMatchObject([{ market, rejected: 0.25 }]);
  });
});

describe("whether one may take part", () => {
  const eligibility = [
    { type: "language", anyOf: ["de"] },
    { type: "qualification", name: "reading", min: 500_000 },
    { type: "qualification", name: "staff", min: 1 },
    { type: "person" },
  ] as const;

  it("names everything that is missing, and the way to it", async () => {
    const { owner, market } = await openMarket(engine, { spec: { terms: { eligibility } } });
    await engine.putTest(owner, market, "reading", {
      questions: [{ content: "2 + 2?", choices: ["3", "4"], answer: "4" }],
      passPpm: 500_000,
      validMs: 30 * 86_400_000,
    });
    const machine = await TestContributor.signIn(engine, undefined, clock, noFacts, true);
    const [found] = await all(machine);
    expect(found).toMatchObject({ qualifies: false, automatedAllowed: false });
    expect(found?.missing.map(({ requirement }) => requirement)).toEqual(eligibility);
    expect(found?.missing.map(({ what, test }) => [what, test])).toEqual([
      ["It asks for a language among de.", null],
      ['It asks for the qualification "reading" with at least 500000.', "reading"],
      ['It asks for the qualification "staff" with at least 1.', null],
      ["It asks for a person: programs that say they are some may not take part.", null],
    ]);
    const person = await TestContributor.signIn(engine, undefined, clock, { ...noFacts, languages: ["de"] });
    await engine.takeTest(person.session, market, "reading", ["4"]);
    await engine.qualify(owner, market, person.session.key, { name: "staff", value: 1, expiresAtMs: null });
    expect(await all(person)).toMatchObject([{ qualifies: true, missing: [] }]);
    expect(await person.assign(market)).toHaveLength(1);
    await expect(machine.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
  });

  it("is never so in one's own market", async () => {
    const person = await join();
    await openMarket(engine, { owner: person.session.key });
    expect(await all(person)).toMatchObject([{ qualifies: false, missing: [{ what: "It is your own market." }] }]);
  });
});

describe("the first work of a stranger", () => {
  const newcomer = { answers: 5, budget: amount(500_000n) };
  const paying = (reward: bigint): SpecChanges => ({
    ...single,
    newcomer,
    terms: { ...single.terms, reward: amount(reward) },
  });

  it("is a task of a market that has money for newcomers, and of no other", async () => {
    expect(await engine.firstWork()).toBeNull();
    await openMarket(engine);
    expect(await engine.firstWork()).toBeNull();
    const { market } = await openMarket(engine, { spec: paying(20_000n) });
    const first = await engine.firstWork();
    expect(first).toMatchObject({ work: { market, tasksLeft: 4, qualifies: null, missing: [] } });
    const person = await join();
    expect(await person.assign(market, first?.task)).toHaveLength(1);
  });

  it("is one of several tasks, and of the best paid market", async () => {
    const slow = await openMarket(engine, { spec: paying(20_000n), tasks: manyTasks(30), deposit: 5_000_000n });
    const fast = await openMarket(engine, { spec: paying(20_000n), tasks: manyTasks(30), deposit: 5_000_000n });
    await work(slow.market, await join(), [0, 1, 2, 3, 4], 60);
    await work(fast.market, await join(), [0, 1, 2, 3, 4], 5);
    await measured();
    time.now += 60_000;
    const seen = new Set<number>();
    for (let looks = 0; looks < 60; looks++) {
      const first = await engine.firstWork();
      expect(first?.work.market).toBe(fast.market);
      seen.add(first?.task ?? -1);
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...seen)).toBeLessThan(13);
    expect(seen.size).toBeGreaterThan(3);
  });
});
