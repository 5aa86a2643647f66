import { beforeAll, describe, expect, it } from "vitest";
import type { TestContributor } from "../../../test/support/engine.ts";
import { manyTasks, openMarket, signInMany, single, workThrough } from "../../../test/support/engine-world.ts";
import { truthOf } from "../../../test/support/policy-market.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { amount } from "../../core/amount.ts";
import { type Bytes32, bytes32, toBase58 } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import { randomFill } from "../../main/crypto.ts";
import { defaultPolicy, hourMs } from "../../market/spec.ts";
import type { Engine } from "../engine.ts";
import type { OfferView } from "../types.ts";
import type { ContributorRecord } from "./insight.ts";

const used = useTestEngine();
const { clock } = used;
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

async function answer(person: TestContributor, market: MarketId, task: number, choice: string): Promise<void> {
  const [offer] = await person.assign(market, task);
  await person.submit(market, (offer as OfferView).slot, choice);
}

const all = async (owner: Bytes32, market: MarketId): Promise<readonly ContributorRecord[]> =>
  (await engine.contributors(owner, market, null, 100)).items;

/** The records of these people, in their order. */
async function recordsOf(
  owner: Bytes32,
  market: MarketId,
  people: readonly TestContributor[],
): Promise<readonly ContributorRecord[]> {
  const found = new Map((await all(owner, market)).map((each) => [toBase58(each.contributor), each]));
  return people.map(({ session }) => found.get(toBase58(session.key)) as ContributorRecord);
}

describe("the contributors of a market", () => {
  it("are listed with what became of their answers", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(3, (i) => (i === 2 ? "b" : null)) });
    const people = (await signInMany(engine, 3, clock)) as [TestContributor, TestContributor, TestContributor];
    for (const [i, person] of people.entries()) await answer(person, market, 0, i === 2 ? "b" : "a");
    await answer(people[0], market, 1, "a");
    await answer(people[2], market, 2, "b");
    await engine.payBonus(owner, market, people[1].session.key, amount(5_000n), "thanks");
    const found = await recordsOf(owner, market, people);
    expect(found).toMatchObject([
      { answers: 2, accepted: 1, rejected: 0, held: 1, earned: 20_000n, agreement: { judged: 1, agreed: 1 } },
      { answers: 1, accepted: 1, rejected: 0, held: 0, earned: 25_000n, controls: { answered: 0, right: 0 } },
      { answers: 2, accepted: 1, rejected: 1, held: 0, earned: 20_000n, controls: { answered: 1, right: 1 } },
    ]);
    expect(found[0]).toMatchObject({ automated: false, standing: null, errors: null });
  });

  it("come in pages, each of them once", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(5), spec: single });
    for (const [task, person] of (await signInMany(engine, 5, clock)).entries())
      await answer(person, market, task, "a");
    const whole = await all(owner, market);
    expect(whole).toHaveLength(5);
    const pages: ContributorRecord[] = [];
    let next: string | null = null;
    do {
      const page: Awaited<ReturnType<Engine["contributors"]>> = await engine.contributors(owner, market, next, 2);
      expect(page.items.length).toBeLessThanOrEqual(2);
      pages.push(...page.items);
      next = page.next;
    } while (next !== null);
    expect(pages).toEqual(whole);
    await expect(engine.contributors(owner, market, "x", 2)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
  });

  it("are shown to the market's owner alone", async () => {
    const { market } = await openMarket(engine);
    const stranger = bytes32(randomFill(32));
    await expect(engine.contributors(stranger, market, null, 10)).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
    const none = "ff".repeat(16) as MarketId;
    await expect(engine.contributors(stranger, none, null, 10)).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
  });

  it("count what waits, whether for others or for the requester", async () => {
    const { owner, market } = await openMarket(engine, {
      tasks: manyTasks(1),
      spec: { terms: { overlap: { min: 2, max: 2, targetPpm: 990_000 } }, review: { windowMs: hourMs } },
    });
    const people = (await signInMany(engine, 2, clock)) as [TestContributor, TestContributor];
    await answer(people[0], market, 0, "a");
    expect(await all(owner, market)).toMatchObject([{ answers: 1, held: 1 }]);
    await answer(people[1], market, 0, "b");
    expect((await all(owner, market)).map(({ held, answers }) => [held, answers])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe("what the model says of them", () => {
  it("is there once one is adopted, with the error matrix of each", async () => {
    const { owner, market } = await openMarket(engine, {
      deposit: 50_000_000n,
      tasks: manyTasks(60, (i) => (i % 6 === 0 ? (["a", "b"][truthOf(i)] as string) : null)),
      spec: { policy: defaultPolicy, terms: { overlap: { min: 4, max: 4, targetPpm: 900_000 } } },
    });
    const people = await signInMany(engine, 4, clock);
    for (const [i, person] of people.entries()) {
      await workThrough(person, market, (task) => (i === 0 ? "a" : (["a", "b"][truthOf(task)] as string)));
    }
    const found = await recordsOf(owner, market, people);
    expect(found.every(({ standing }) => (standing?.model ?? 0) > 0)).toBe(true);
    expect(found[1]?.standing?.informative).toBeGreaterThan(0.9);
    expect(found[0]?.standing?.informative).toBeLessThan(found[1]?.standing?.informative ?? 0);
    const cell = (of: number, truth: string, said: string) =>
      found[of]?.errors?.find((each) => each.truth === truth && each.answer === said);
    expect(cell(1, "b", "b")?.probability).toBeGreaterThan(0.85);
    expect(cell(0, "b", "a")?.probability).toBeGreaterThan(0.7);
    expect(cell(1, "b", "b")).toMatchObject({ answers: expect.any(Number) });
    for (const { errors } of found) {
      for (const { low, probability, high } of errors ?? [])
        expect(low <= probability && probability <= high).toBe(true);
    }
  });
});
