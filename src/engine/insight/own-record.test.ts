import { beforeAll, describe, expect, it } from "vitest";
import type { TestContributor } from "../../../test/support/engine.ts";
import { manyTasks, openMarket, signInMany, single } from "../../../test/support/engine-world.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import type { MarketId } from "../../core/market-id.ts";
import { defaultPolicy, hourMs } from "../../market/spec.ts";
import type { Engine } from "../engine.ts";
import type { OfferView } from "../types.ts";
import type { OwnRecord } from "./insight.ts";

const used = useTestEngine();
const { time, clock } = used;
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

async function answer(person: TestContributor, market: MarketId, task: number, choice: string): Promise<void> {
  const [offer] = await person.assign(market, task);
  await person.submit(market, (offer as OfferView).slot, choice);
}

const join = async (): Promise<TestContributor> => (await signInMany(engine, 1, clock))[0] as TestContributor;
const mine = (person: TestContributor, market: MarketId): Promise<OwnRecord> =>
  engine.ownRecord(person.session, market);

describe("one's own record", () => {
  it("is empty before the first answer", async () => {
    const { market } = await openMarket(engine);
    expect(await mine(await join(), market)).toMatchObject({
      market,
      title: "Which is better?",
      answers: 0,
      held: { count: 0, because: null, next: null },
      earned: 0n,
      firstAtMs: null,
      lastAtMs: null,
      pace: null,
      standing: null,
    });
    await expect(mine(await join(), "ff".repeat(16) as MarketId)).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
  });

  it("says how much an hour of work really brought", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(4), spec: single });
    const person = await join();
    const startMs = time.now;
    for (let task = 0; task < 4; task++) {
      time.now += 30_000;
      await answer(person, market, task, "a");
    }
    expect(await mine(person, market)).toMatchObject({
      answers: 4,
      accepted: 4,
      earned: 80_000n,
      firstAtMs: startMs + 30_000,
      lastAtMs: startMs + 120_000,
      // Three answers of 20,000 in 90 seconds: the first one's time is not known.
      pace: { answers: 3, activeSeconds: 90, earned: 60_000n, perHour: 2_400_000n },
    });
  });

  it("counts what was rejected, what may be appealed, and what is", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(2) });
    const people = await signInMany(engine, 3, clock);
    const odd = people[2] as TestContributor;
    for (let task = 0; task < 2; task++) {
      for (const person of people) await answer(person, market, task, person === odd ? "b" : "a");
    }
    expect(await mine(odd, market)).toMatchObject({ rejected: 2, appealable: 2, appealed: 0, accepted: 0 });
    await engine.appeal(odd.session, market, { task: 0, ordinal: 2 });
    expect(await mine(odd, market)).toMatchObject({ rejected: 2, appealable: 1, appealed: 1 });
  });

  it("says why answers are held", async () => {
    const { market } = await openMarket(engine);
    const person = await join();
    await answer(person, market, 0, "a");
    expect((await mine(person, market)).held).toMatchObject({ count: 1, review: 0, because: "LABELS_AWAITED" });
    const review = await openMarket(engine, {
      spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 990_000 } }, review: { windowMs: hourMs } },
    });
    await answer(person, review.market, 0, "a");
    expect((await mine(person, review.market)).held).toMatchObject({ count: 1, review: 1 });
  });
});

describe("control tasks in one's own record", () => {
  const controlled = () =>
    openMarket(engine, {
      spec: { policy: defaultPolicy },
      tasks: manyTasks(10, (i) => (i % 2 === 0 ? "b" : null)),
    });

  it("are counted by the verdicts that said so already", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(4, (i) => (i < 2 ? "b" : null)) });
    const person = await join();
    await answer(person, market, 0, "a");
    await answer(person, market, 1, "b");
    expect((await mine(person, market)).controls).toEqual({ met: 1, missed: 1 });
  });

  it("cannot be told from other tasks as long as their answers wait", async () => {
    const { market } = await controlled();
    const [one, other] = (await signInMany(engine, 2, clock)) as [TestContributor, TestContributor];
    // The same answer, to a control task and to another: nothing differs but who asks.
    await answer(one, market, 0, "b");
    await answer(other, market, 1, "b");
    const [a, b] = [await mine(one, market), await mine(other, market)];
    expect(a).toEqual(b);
    expect(a).toMatchObject({ held: { count: 1, because: "STANDING_AWAITED" }, controls: { met: 0, missed: 0 } });
    expect(a.held.next).toMatch(/at the latest 24 hours after/);
  });
});
