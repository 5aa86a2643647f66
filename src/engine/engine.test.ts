import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attesting, attestBlindly } from "../../test/support/attest.ts";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import { amount, zero } from "../core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import { logLeaf, verifyPath } from "../core/log-tree.ts";
import type { MarketId } from "../core/market-id.ts";
import { headStatement } from "../core/statements.ts";
import { sha256, verifyEd25519 } from "../main/crypto.ts";
import { hourMs, type MarketSpec, minuteMs, settleMsMax } from "../market/spec.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { useTestDatabase } from "../store/testing.ts";
import { standingSpec } from "./ask.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { NewTask } from "./types.ts";

const database = useTestDatabase();
let rail: TestRail;
let engine: Engine;
let attesting: Attesting;

beforeAll(async () => {
  rail = await startTestRail();
  engine = await createEngine(testContext(database().pool, rail.rail));
  attesting = attestBlindly(engine);
});

afterAll(async () => {
  await attesting.stop();
  await engine.close();
  await rail.close();
});

function spec(changes: Partial<MarketSpec> = {}): MarketSpec {
  const base: MarketSpec = {
    ...standingSpec(200),
    title: "Which is better?",
    rewardMin: amount(1n),
    rewardMax: amount(1_000_000n),
    terms: {
      answer: { type: "choice", choices: ["a", "b"] },
      agreement: null,
      reward: amount(20_000n),
      overlap: { min: 3, max: 3, targetPpm: 600_000 },
      leaseMs: 10 * minuteMs,
      deadlineMs: null,
      eligibility: [],
    },
    appeal: { windowMs: hourMs, budget: amount(100_000n), panel: 3, cost: zero },
  };
  const merged = { ...base, ...changes };
  return { ...merged, refundDelayMs: settleMsMax(merged, hourMs) };
}

const tasks = (count: number): NewTask[] =>
  Array.from({ length: count }, (_, i) => ({
    externalId: `t${i}`,
    content: { question: `${i}?` },
    terms: null,
    control: null,
  }));

async function fundedMarket(
  tokens: bigint,
  changes: Partial<MarketSpec> = {},
  given: readonly NewTask[] = tasks(4),
): Promise<{ owner: Bytes32; market: MarketId }> {
  const requester = await rail.requester(tokens);
  const owner = bytes32(fromBase58(requester.address));
  const { market, specHash } = await engine.createMarket(owner, {
    spec: spec(changes),
    refundTo: requester.address,
    standing: false,
  });
  const signature = await rail.fund(requester, { market, specHash, amount: amount(tokens) });
  await engine.fundMarket(owner, market, signature);
  await engine.changeStatus(owner, market, "open");
  await engine.addTasks(owner, market, given);
  return { owner, market };
}

const contributors = (count: number): Promise<TestContributor[]> =>
  Promise.all(Array.from({ length: count }, () => TestContributor.signIn(engine)));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("from a deposit to wallets", () => {
  it("pays each accepted answer on the verdict, settles it on chain, and proves it", async () => {
    const { owner, market } = await fundedMarket(1_000_000n);
    const people = await contributors(3);
    for (const [i, person] of people.entries()) {
      let [offer] = await person.assign(market);
      while (offer !== undefined) {
        const answer = i === 2 ? "b" : "a";
        const turn = await person.submit(market, offer.slot, answer, 1);
        [offer] = turn.offers;
      }
    }
    const view = await engine.market(market);
    expect(view.answers).toBe(12);
    expect(view.books.earned).toBe(8n * 20_000n);
    expect(view.books.fee).toBe(8n * 400n);
    expect(view.books.appealable).toBe(4n * 20_400n);

    await engine.settle();
    const wallets = people.map((person) => toBase58(person.session.key));
    const held = await rail.rail.heldBy(wallets);
    expect(wallets.map((wallet) => held.get(wallet))).toEqual([80_000n, 80_000n, 0n]);
    const totals = await engine.totals();
    expect(totals.settled).toBe(totals.earned);

    const rows = await collect(engine.results(owner, market));
    expect(rows.map((row) => [row.externalId, row.label, row.votes])).toEqual(
      [0, 1, 2, 3].map((i) => [`t${i}`, "a", { a: 2, b: 1 }]),
    );
    const { signer } = await engine.network();
    for (const { receipt, cost } of rows) {
      expect(cost).toBe(40_000n);
      const { head } = receipt;
      const statement = headStatement({ market, lane: 0, ...head });
      expect(verifyEd25519(signer, statement, head.signature)).toBe(true);
      for (const { encoded, path } of receipt.entries)
        expect(verifyPath(sha256, logLeaf(sha256, encoded), path, head.root)).toBe(true);
    }
  });

  it("acknowledges with a path that the signed head proves", async () => {
    const { market } = await fundedMarket(1_000_000n);
    const [person] = (await contributors(1)) as [TestContributor];
    const [offer] = await person.assign(market);
    const { acknowledgement } = await person.submit(
      market,
      (offer as { slot: { task: number; ordinal: number } }).slot,
      "a",
    );
    const { head, entries } = acknowledgement;
    expect(entries.length).toBeGreaterThan(1);
    for (const { encoded, path } of entries) {
      expect(verifyPath(sha256, logLeaf(sha256, encoded), path, head.root)).toBe(true);
    }
  });

  it("answers a retry with the same outcome, another body with a refusal", async () => {
    const { market } = await fundedMarket(1_000_000n, {
      terms: { ...spec().terms, overlap: { min: 1, max: 1, targetPpm: 0 } },
    });
    const [person] = (await contributors(1)) as [TestContributor];
    const [offer] = await person.assign(market);
    const slot = (offer as { slot: { task: number; ordinal: number } }).slot;
    const first = await person.submit(market, slot, "a");
    expect(first.submissions[0]).toMatchObject({ state: "accepted", reward: 20_000n });
    const again = await person.submit(market, slot, "a");
    expect(again.submissions).toEqual(first.submissions);
    await expect(person.submit(market, slot, "b")).rejects.toSatisfy((error) => isEarnestError(error));
    expect((await engine.market(market)).books.earned).toBe(20_000n);
  });

  it("credits a deposit once", async () => {
    const requester = await rail.requester(10_000n);
    const owner = bytes32(fromBase58(requester.address));
    const wanted = { spec: spec(), refundTo: requester.address, standing: false };
    const { market, specHash } = await engine.createMarket(owner, wanted);
    const signature = await rail.fund(requester, { market, specHash, amount: amount(10_000n) });
    await engine.fundMarket(owner, market, signature);
    await expect(engine.fundMarket(owner, market, signature)).rejects.toMatchObject({ code: "DEPOSIT_STATE" });
    expect((await engine.market(market)).books.deposited).toBe(10_000n);
  });
});

describe("two processes on one database", () => {
  it("work on the same lane without losing or paying anything twice", async () => {
    const other = await createEngine(testContext(database().pool, rail.rail));
    const { market } = await fundedMarket(10_000_000n, {}, tasks(40));
    const people = await Promise.all(
      [engine, other, engine, other, engine].map((each) => TestContributor.signIn(each)),
    );
    await Promise.all(
      people.map(async (person) => {
        let [offer] = await person.assign(market);
        while (offer !== undefined) [offer] = (await person.submit(market, offer.slot, "a", 1)).offers;
      }),
    );
    const [a, b] = await Promise.all([engine.market(market), other.market(market)]);
    expect(a.lanes).toEqual(b.lanes);
    expect(a.books).toEqual(b.books);
    expect(a.books.earned).toBe(120n * 20_000n);
    await other.close();
  });
});
