import { beforeAll, describe, expect, it } from "vitest";
import type { TestContributor } from "../../../test/support/engine.ts";
import { manyTasks, openMarket, signInMany, single } from "../../../test/support/engine-world.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { bytes32, toBase58 } from "../../core/bytes.ts";
import { reputationStatement } from "../../core/reputation.ts";
import { randomFill, verifyEd25519 } from "../../main/crypto.ts";
import type { Engine } from "../engine.ts";
import { measurePaces } from "./measure-paces.ts";

const used = useTestEngine();
let engine: Engine;
beforeAll(() => {
  engine = used.engine();
});
const later = (): void => {
  used.time.now += 60_000;
};

describe("what a network says of a contributor", () => {
  it("is what became of its answers, under a signature that another network can check", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(3, (i) => (i === 2 ? "b" : null)), spec: single });
    const [person] = (await signInMany(engine, 1, used.clock)) as [TestContributor];
    for (const task of [0, 1, 2]) {
      const [offer] = await person.assign(market, task);
      if (offer !== undefined) await person.submit(market, offer.slot, "a");
    }
    later();
    const { key } = person.session;
    const { reputation, signature } = await engine.reputation(key);
    expect(reputation).toMatchObject({ contributor: toBase58(key), markets: 1, accepted: 2, rejected: 1 });
    expect(reputation.lastAtMs).toBeGreaterThanOrEqual(reputation.firstAtMs ?? Number.NaN);
    const { signer } = await engine.network();
    // Fields in another order are the same statement; other values are another.
    const turned = Object.fromEntries(Object.entries(reputation).reverse()) as unknown as typeof reputation;
    expect(verifyEd25519(signer, reputationStatement(turned), signature)).toBe(true);
    expect(verifyEd25519(signer, reputationStatement({ ...reputation, rejected: 0 }), signature)).toBe(false);
    await expect(engine.reputation(bytes32(randomFill(32)))).rejects.toMatchObject({ code: "CONTRIBUTOR_NOT_FOUND" });
  });
});

describe("what everybody sees of a requester", () => {
  it("counts rejections, appeals and blocks", async () => {
    const { owner, market } = await openMarket(engine, {
      tasks: manyTasks(2, (i) => (i === 1 ? "b" : null)),
      spec: single,
    });
    const [one, other] = (await signInMany(engine, 2, used.clock)) as [TestContributor, TestContributor];
    for (const [person, task] of [
      [one, 0],
      [other, 1],
    ] as const) {
      const [offer] = await person.assign(market, task);
      if (offer !== undefined) await person.submit(market, offer.slot, "a");
    }
    await engine.block(owner, market, other.session.key, { isBlocked: true, note: "guesses" });
    later();
    await measurePaces(used.context());
    later();
    expect((await engine.market(market)).rejected).toBe(0.5);
    const found = (await engine.requesters(null, 100)).items.find((each) => toBase58(each.owner) === toBase58(owner));
    expect(found).toMatchObject({ markets: 1, judged: 2, rejected: 1, contributors: 2, blocks: 1, appeals: 0 });
  });
});

describe("what everybody sees of a market", () => {
  it("says how much was rejected lately, also where it comes to its end", async () => {
    const { owner, market } = await openMarket(engine, {
      tasks: manyTasks(4, (i) => (i === 3 ? "b" : null)),
      spec: single,
    });
    expect((await engine.market(market)).rejected).toBeNull();
    const people = (await signInMany(engine, 4, used.clock)) as [TestContributor];
    for (const [task, person] of people.entries()) {
      const [offer] = await person.assign(market, task);
      if (offer !== undefined) await person.submit(market, offer.slot, "a");
    }
    const closing = await engine.changeStatus(owner, market, "close");
    expect([closing.status, closing.rejected]).toEqual(["closing", null]);
    later();
    await measurePaces(used.context());
    expect((await engine.market(market)).rejected).toBe(0.25);
    const { items } = await engine.listMarkets({ owner, after: null, limit: 5 });
    expect(items.map(({ rejected }) => rejected)).toEqual([0.25]);
  });
});

describe("the sponsor's budget", () => {
  it("is told with what was spent of it", async () => {
    const { lamports, today, lamportsMax } = await engine.sponsorship();
    expect([lamports, today]).toEqual([0n, 0]);
    expect(lamportsMax).toBeGreaterThan(0n);
    expect(await engine.placesOfWork(null, 100)).toEqual({ items: [], resolution: 5, next: null });
  });
});
