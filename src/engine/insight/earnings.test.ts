import { beforeAll, describe, expect, it } from "vitest";
import { TestContributor } from "../../../test/support/engine.ts";
import { manyTasks, openMarket, single } from "../../../test/support/engine-world.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { amount } from "../../core/amount.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Engine } from "../engine.ts";
import type { OfferView, TokenBalance } from "../types.ts";

const used = useTestEngine();
const { time, clock } = used;
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

const join = (): Promise<TestContributor> => TestContributor.signIn(engine, undefined, clock);
const at = (text: string): void => {
  time.now = Date.parse(`${text}Z`);
};

async function answer(person: TestContributor, market: MarketId, task: number): Promise<void> {
  const [offer] = await person.assign(market, task);
  await person.submit(market, (offer as OfferView).slot, "a");
}

describe("what was earned in a year", () => {
  it("is counted by days in UTC, bonuses beside rewards", async () => {
    at("2030-12-30T12:00");
    const first = await openMarket(engine, { spec: single, tasks: manyTasks(6), deposit: 5_000_000n });
    const second = await openMarket(engine, { spec: single, tasks: manyTasks(2), deposit: 5_000_000n });
    at("2030-12-31T10:00");
    const [person, other] = [await join(), await join()];
    await answer(person, first.market, 0);
    at("2030-12-31T23:59:59.999");
    await answer(person, second.market, 0);
    await answer(other, first.market, 1);
    at("2031-01-01T00:00");
    await answer(person, first.market, 2);
    at("2031-02-03T08:00");
    const pay = (whom: TestContributor, value: bigint) =>
      engine.payBonus(first.owner, first.market, whom.session.key, amount(value), "");
    await pay(person, 7_000n);
    await pay(person, 1_000n);
    await pay(other, 500n);
    expect(await engine.earnings(person.session, 2030)).toMatchObject([
      { day: "2030-12-31", answers: 2, rewards: 40_000n, bonuses: 0n },
    ]);
    expect(await engine.earnings(person.session, 2031)).toMatchObject([
      { day: "2031-01-01", answers: 1, rewards: 20_000n, bonuses: 0n },
      { day: "2031-02-03", answers: 0, rewards: 0n, bonuses: 8_000n },
    ]);
    expect(await engine.earnings(person.session, 2029)).toMatchObject([]);
    // All years together are what the ledger has.
    const [balance] = (await engine.contributor(person.session)).balances as [TokenBalance];
    expect(balance.released + balance.held).toBe(68_000n);
  });

  it("adds a bonus to a day with rewards, and leaves out what was rejected", async () => {
    at("2032-05-05T05:05");
    const { owner, market } = await openMarket(engine, {
      spec: single,
      tasks: manyTasks(2, (i) => (i === 1 ? "b" : null)),
    });
    const person = await join();
    await answer(person, market, 0);
    await answer(person, market, 1);
    await engine.payBonus(owner, market, person.session.key, amount(3n), "");
    expect(await engine.earnings(person.session, 2032)).toMatchObject([
      { day: "2032-05-05", answers: 1, rewards: 20_000n, bonuses: 3n },
    ]);
  });
});
