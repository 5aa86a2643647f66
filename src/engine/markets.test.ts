import { beforeAll, describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import {
  entriesOfKind,
  manyTasks,
  offlineRail,
  openMarket,
  replayed,
  signInMany,
  single,
  specOf,
  workThrough,
} from "../../test/support/engine-world.ts";
import { useTestEngine } from "../../test/support/used-engine.ts";
import { amount, amountMax } from "../core/amount.ts";
import { type Bytes32, bytes32, toBase58 } from "../core/bytes.ts";
import { jsonHash, tags } from "../core/hash.ts";
import { type MarketId, marketId } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import { randomFill, sha256 } from "../main/crypto.ts";
import { hourMs, specToJson } from "../market/spec.ts";
import type { Engine } from "./engine.ts";
import { Lanes } from "./lanes.ts";

const used = useTestEngine();
const { pool, time, clock } = used;
let engine: Engine;
const stranger = bytes32(new Uint8Array(32).fill(1));

beforeAll(() => {
  engine = used.engine();
});

const newOwner = (): Bytes32 => bytes32(randomFill(32));
const join = (): Promise<TestContributor> => TestContributor.signIn(engine, undefined, clock);
const slotIn = (offers: readonly { readonly slot: Slot }[]): Slot => (offers[0] as { slot: Slot }).slot;

describe("a market", () => {
  it("is what it was made of, and knows the hash of it", async () => {
    const owner = newOwner();
    const spec = specOf({ title: "Mine" });
    const made = await engine.createMarket(owner, { spec, refundTo: toBase58(owner), standing: false });
    expect(made).toMatchObject({ owner, status: "draft", spec, refundTo: toBase58(owner), taskCount: 0, answers: 0 });
    expect(made.specHash).toEqual(jsonHash(sha256, tags.spec, specToJson(spec)));
    expect(await engine.market(made.market)).toEqual(made);
  });

  it("that nobody made is not found", async () => {
    const nowhere = marketId("f".repeat(32));
    const person = await join();
    const attempts: (() => Promise<unknown>)[] = [
      () => engine.market(nowhere),
      () => engine.changeStatus(stranger, nowhere, "open"),
      () => engine.addTasks(stranger, nowhere, manyTasks(1)),
      () => engine.fundMarket(stranger, nowhere, "x"),
      () => person.assign(nowhere),
      () => engine.receipt(nowhere, 0, [1]),
      () => engine.log(nowhere, 0, 1, 10),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
  });

  it("is only its owner's to govern", async () => {
    const { market } = await openMarket(engine, { spec: single });
    const person = await join();
    const slot = slotIn(await person.assign(market));
    const attempts: (() => Promise<unknown>)[] = [
      () => engine.fundMarket(stranger, market, `${market}:5:x`),
      () => engine.changeStatus(stranger, market, "pause"),
      () => engine.changeStatus(stranger, market, "close"),
      () => engine.addTasks(stranger, market, manyTasks(1)),
      () => engine.importTasks(stranger, market, (async function* () {})()),
      () => engine.payBonus(stranger, market, person.session.key, amount(1n), ""),
      () => engine.qualify(stranger, market, person.session.key, { name: "x", value: 1, expiresAtMs: null }),
      () => engine.reviews(stranger, market),
      () => engine.review(stranger, market, slot, true, ""),
      () => engine.results(stranger, market)[Symbol.asyncIterator]().next(),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
    expect(await engine.market(market)).toMatchObject({
      status: "open",
      taskCount: 4,
      books: { deposited: 1_000_000n },
    });
  });

  it("is listed by its owner, page by page", async () => {
    const owner = newOwner();
    const made: MarketId[] = [];
    for (let i = 0; i < 5; i++) {
      made.push((await engine.createMarket(owner, { spec: specOf(), refundTo: "x", standing: false })).market);
    }
    await openMarket(engine);
    const seen: MarketId[] = [];
    for (let after: string | null = null; ; ) {
      const page: Awaited<ReturnType<Engine["listMarkets"]>> = await engine.listMarkets({ owner, after, limit: 2 });
      seen.push(...page.items.map(({ market }) => market));
      after = page.next;
      if (after === null) break;
    }
    expect([...seen].sort()).toEqual([...made].sort());
    const everybody = (await engine.listMarkets({ owner: null, after: null, limit: 1_000 })).items;
    expect(everybody.length).toBeGreaterThan(5);
    const ages = everybody.map(({ createdAtMs }) => createdAtMs);
    expect(ages).toEqual(ages.toSorted((a, b) => b - a));
    // The same list, of one owner.
    expect(everybody.map(({ market }) => market).filter((each) => made.includes(each))).toEqual(seen);
    await expect(engine.listMarkets({ owner, after: "zz", limit: 2 })).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
  });

  it("stands once for an owner's balance, also where two are opened at once", async () => {
    const owner = newOwner();
    const open = () => engine.createMarket(owner, { spec: specOf(), refundTo: toBase58(owner), standing: true });
    const results = await Promise.allSettled([open(), open(), open()]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(open()).rejects.toMatchObject({ code: "MARKET_STATE" });
    expect((await engine.listMarkets({ owner, after: null, limit: 9 })).items).toHaveLength(1);
  });

  it("makes room for the owner's next balance as soon as it is closing, and not before", async () => {
    const owner = newOwner();
    const open = () => engine.createMarket(owner, { spec: specOf(), refundTo: toBase58(owner), standing: true });
    const { market: first } = await open();
    expect((await engine.changeStatus(owner, first, "close")).standing).toBe(false);
    const { market: second, standing } = await open();
    expect(standing).toBe(true);
    await expect(engine.changeStatus(owner, first, "close")).rejects.toMatchObject({ code: "MARKET_STATE" });
    await expect(open()).rejects.toMatchObject({ code: "MARKET_STATE" });
    expect((await engine.market(second)).standing).toBe(true);
  });
});

describe("its status", () => {
  it("goes the ways that it may", async () => {
    const { owner, market } = await openMarket(engine);
    const statuses: string[] = [];
    for (const action of ["pause", "resume", "pause", "close"] as const) {
      statuses.push((await engine.changeStatus(owner, market, action)).status);
    }
    expect(statuses).toEqual(["paused", "open", "paused", "closing"]);
    for (const action of ["open", "pause", "resume", "close"] as const) {
      await expect(engine.changeStatus(owner, market, action)).rejects.toMatchObject({ code: "MARKET_STATE" });
    }
  });

  it("opens where the budgets of appeals and newcomers are there", async () => {
    const owner = newOwner();
    const spec = specOf({ newcomer: { answers: 5, budget: amount(300_000n) } });
    const { market } = await engine.createMarket(owner, { spec, refundTo: "x", standing: false });
    await engine.fundMarket(owner, market, `${market}:399999:a`);
    await expect(engine.changeStatus(owner, market, "open")).rejects.toMatchObject({
      code: "ESCROW_INSUFFICIENT",
      context: { needed: "0.4", free: "0.399999" },
    });
    await engine.fundMarket(owner, market, `${market}:1:b`);
    expect(await engine.changeStatus(owner, market, "open")).toMatchObject({
      books: { free: 0n, appealBudget: 100_000n, newcomerBudget: 300_000n },
    });
  });

  it("keeps people out while it is not open", async () => {
    const { owner, market } = await openMarket(engine);
    const person = await join();
    const slot = slotIn(await person.assign(market));
    await engine.changeStatus(owner, market, "pause");
    await expect((await join()).assign(market)).rejects.toMatchObject({ code: "MARKET_STATE" });
    // What was promised is kept.
    expect((await person.submit(market, slot, "a")).submissions[0]?.state).toBe("held");
    await engine.changeStatus(owner, market, "close");
    const late = [{ externalId: "late", content: 1, terms: null, control: null }];
    await expect(engine.addTasks(owner, market, late)).rejects.toMatchObject({ code: "MARKET_STATE" });
  });
});

describe("its money", () => {
  it("comes from deposits that name it, each counted once, wherever it is claimed", async () => {
    const { owner, market } = await openMarket(engine, {
      deposit: 10n,
      spec: { appeal: { ...specOf().appeal, budget: amount(0n) } },
    });
    const other = await openMarket(engine, { owner });
    const signature = `${market}:90:one`;
    await expect(engine.fundMarket(owner, other.market, signature)).rejects.toMatchObject({
      code: "DEPOSIT_NOT_FOUND",
    });
    await expect(engine.fundMarket(owner, market, "unknown")).rejects.toMatchObject({ code: "DEPOSIT_NOT_FOUND" });
    const results = await Promise.allSettled([1, 2, 3].map(() => engine.fundMarket(owner, market, signature)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await engine.market(market)).books.deposited).toBe(100n);
    expect(await entriesOfKind(pool(), market, "funded")).toHaveLength(2);
  });

  it("that comes too late goes back with what is left, or at once: nothing is lost", async () => {
    const { owner, market } = await openMarket(engine, { deposit: 200_000n });
    await engine.changeStatus(owner, market, "close");
    const closing = await engine.fundMarket(owner, market, `${market}:50:late`);
    expect(closing).toMatchObject({ status: "closing", books: { deposited: 200_050n, refunded: 0n } });
    time.now += 7 * 86_400_000;
    const lanes = new Lanes(testContext(pool(), offlineRail, { clock }));
    await lanes.get(market).sweep();
    expect(await engine.market(market)).toMatchObject({ status: "closed", books: { refunded: 200_050n } });
    const closed = await engine.fundMarket(owner, market, `${market}:7:later`);
    expect(closed).toMatchObject({ status: "closed", books: { deposited: 200_057n, free: 0n, refunded: 200_057n } });
    await expect(engine.fundMarket(owner, market, `${market}:7:later`)).rejects.toMatchObject({
      code: "DEPOSIT_STATE",
    });
    expect((await replayed(pool(), market)).books).toEqual(closed.books);
  });

  it("is never more than a token can have", async () => {
    const { owner, market } = await openMarket(engine);
    await expect(engine.fundMarket(owner, market, `${market}:${amountMax}:a`)).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
    await expect(engine.fundMarket(owner, market, `${market}:0:b`)).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
  });

  it("pays a bonus to whoever worked there, as long as it lasts", async () => {
    const { owner, market } = await openMarket(engine, { spec: single, deposit: 200_000n });
    const [person, unknown] = (await signInMany(engine, 2, clock)) as [TestContributor, TestContributor];
    const give = (key: Bytes32, value: bigint) => engine.payBonus(owner, market, key, amount(value), "thank you");
    await expect(give(person.session.key, 10n)).rejects.toMatchObject({ code: "CONTRIBUTOR_NOT_FOUND" });
    await workThrough(person, market, () => "a");
    await give(person.session.key, 500n);
    expect((await engine.contributor(person.session)).balances[0]?.released).toBe(80_500n);
    await expect(give(person.session.key, 100_000n)).rejects.toMatchObject({ code: "ESCROW_INSUFFICIENT" });
    await expect(give(unknown.session.key, 1n)).rejects.toMatchObject({ code: "CONTRIBUTOR_NOT_FOUND" });
    await expect(give(stranger, 1n)).rejects.toMatchObject({ code: "CONTRIBUTOR_NOT_FOUND" });
    expect((await engine.market(market)).books).toMatchObject({ bonus: 500n, earned: 80_000n });
  });
});

describe("a qualification that its requester gives", () => {
  const gated = {
    terms: { ...single.terms, eligibility: [{ type: "qualification" as const, name: "reader", min: 60 }] },
  };

  it("lets in whoever has enough of it, also somebody who was never there", async () => {
    const { owner, market } = await openMarket(engine, { spec: gated });
    const person = await join();
    const grant = (value: number, expiresAtMs: number | null = null) =>
      engine.qualify(owner, market, person.session.key, { name: "reader", value, expiresAtMs });
    await expect(person.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
    await grant(59);
    await expect(person.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
    await grant(60);
    await person.assign(market);
    expect(await entriesOfKind(pool(), market, "joined")).toHaveLength(1);
    await grant(0);
    await expect(person.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
  });

  it("ends when it expires", async () => {
    const { owner, market } = await openMarket(engine, { spec: gated });
    const person = await join();
    await engine.qualify(owner, market, person.session.key, {
      name: "reader",
      value: 99,
      expiresAtMs: clock() + hourMs,
    });
    await person.assign(market, 0);
    time.now += hourMs;
    await expect(person.assign(market, 1)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
  });

  it("is for somebody who is known", async () => {
    const { owner, market } = await openMarket(engine);
    await expect(
      engine.qualify(owner, market, stranger, { name: "reader", value: 1, expiresAtMs: null }),
    ).rejects.toMatchObject({ code: "CONTRIBUTOR_NOT_FOUND" });
    const person = await join();
    await expect(
      engine.qualify(owner, market, person.session.key, { name: "x".repeat(65), value: 1, expiresAtMs: null }),
    ).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

describe("reviews", () => {
  const reviewed = { review: { windowMs: hourMs }, terms: { overlap: { min: 2, max: 2, targetPpm: 999_999 } } };

  async function undecided(): Promise<{ owner: Bytes32; market: MarketId; people: TestContributor[] }> {
    const { owner, market } = await openMarket(engine, { spec: reviewed, tasks: manyTasks(1) });
    const people = await signInMany(engine, 2, clock);
    for (const [i, person] of people.entries()) {
      await person.submit(market, slotIn(await person.assign(market)), i === 0 ? "a" : "b");
    }
    return { owner, market, people };
  }

  it("show what waits, with the answer, and take each decision once", async () => {
    const { owner, market, people } = await undecided();
    const waiting = await engine.reviews(owner, market);
    expect(waiting.map(({ slot, state, reason, answer }) => [slot.ordinal, state, reason, answer])).toEqual([
      [0, "review", "UNDECIDED", "a"],
      [1, "review", "UNDECIDED", "b"],
    ]);
    const [first, second] = waiting.map(({ slot }) => slot) as [Slot, Slot];
    expect(await engine.review(owner, market, first, true, "yes")).toMatchObject({
      state: "accepted",
      reason: "REVIEW_ACCEPTED",
      reward: 20_000n,
      sequence: waiting[0]?.sequence,
    });
    await expect(engine.review(owner, market, first, false, "no")).rejects.toMatchObject({ code: "REVIEW_STATE" });
    expect(await engine.review(owner, market, second, false, "no")).toMatchObject({
      state: "appealable",
      reason: "REVIEW_REJECTED",
      reward: 0n,
    });
    expect(await engine.reviews(owner, market)).toEqual([]);
    expect((await engine.contributor((people[0] as TestContributor).session)).balances[0]?.released).toBe(20_000n);
    expect(await engine.submission(market, second)).toMatchObject({ state: "appealable", reason: "REVIEW_REJECTED" });
  });

  it("are about slots that there are, and notes of a bounded length", async () => {
    const { owner, market } = await undecided();
    const [first] = (await engine.reviews(owner, market)).map(({ slot }) => slot) as [Slot];
    await expect(engine.review(owner, market, { task: 0, ordinal: 9 }, true, "")).rejects.toMatchObject({
      code: "SLOT_NOT_FOUND",
    });
    await expect(engine.review(owner, market, first, true, "x".repeat(2_001))).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    expect(await engine.reviews(owner, market)).toHaveLength(2);
  });

  it("of two at once, one stands", async () => {
    const { owner, market } = await undecided();
    const [first] = (await engine.reviews(owner, market)).map(({ slot }) => slot) as [Slot];
    const results = await Promise.allSettled([true, false].map((yes) => engine.review(owner, market, first, yes, "")));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await entriesOfKind(pool(), market, "reviewed")).toHaveLength(1);
  });
});

describe("its tasks", () => {
  it("have ids of their own, in one call and with the others", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(2) });
    const task = (externalId: string) => ({ externalId, content: 1, terms: null, control: null });
    for (const given of [[task("x"), task("x")], [task("y"), task("t1")], [task("")], [task("z".repeat(201))]]) {
      await expect(engine.addTasks(owner, market, given)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
    }
    expect(await engine.addTasks(owner, market, [task("x")])).toEqual({ first: 2, count: 1 });
    expect((await engine.listTasks(market, null, 10)).items.map(({ externalId }) => externalId)).toEqual([
      "t0",
      "t1",
      "x",
    ]);
  });

  it("are found by number, by id and in pages", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(5) });
    expect((await engine.task(market, 3)).externalId).toBe("t3");
    expect(await engine.findTask(market, "t4")).toBe(4);
    await expect(engine.task(market, 5)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    await expect(engine.findTask(market, "t5")).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    const first = await engine.listTasks(market, null, 3);
    expect(first.next).toBe("2");
    const second = await engine.listTasks(market, 2, 3);
    expect([first.items.length, second.items.map(({ task }) => task), second.next]).toEqual([3, [3, 4], null]);
  });

  it("have contents of a bounded size, terms within the market's, and controls among the choices", async () => {
    const { owner, market } = await openMarket(engine, { tasks: [] });
    const task = { externalId: "x", content: 1, terms: null, control: null };
    await expect(engine.addTasks(owner, market, [{ ...task, content: "x".repeat(256 * 1024) }])).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    await expect(engine.addTasks(owner, market, [{ ...task, control: "neither" }])).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
    await expect(engine.addTasks(owner, market, [{ ...task, terms: { reward: "2000000" } }])).rejects.toMatchObject({
      code: "REWARD_MISMATCH",
    });
    await expect(engine.addTasks(owner, market, [{ ...task, terms: { colour: "red" } }])).rejects.toMatchObject({
      code: "MALFORMED_SPEC",
    });
    expect((await engine.market(market)).taskCount).toBe(0);
  });

  it("come in two batches at once without a gap or a clash", async () => {
    const { owner, market } = await openMarket(engine, { tasks: [] });
    const given = (name: string) => manyTasks(20).map((task) => ({ ...task, externalId: `${name}${task.externalId}` }));
    const added = await Promise.all(["a", "b", "c"].map((name) => engine.addTasks(owner, market, given(name))));
    expect(added.map(({ first }) => first).sort((a, b) => a - b)).toEqual([0, 20, 40]);
    expect((await engine.market(market)).taskCount).toBe(60);
  });
});
