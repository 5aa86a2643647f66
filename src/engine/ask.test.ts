import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestContributor, testContext } from "../../test/support/engine.ts";
import { collect, offlineRail, openMarket, signInMany } from "../../test/support/engine-world.ts";
import { amount } from "../core/amount.ts";
import { type Bytes32, bytes32, toBase58 } from "../core/bytes.ts";
import { randomFill } from "../main/crypto.ts";
import { parseSpec, specToJson } from "../market/spec.ts";
import { useTestDatabase } from "../store/testing.ts";
import { standingSpec } from "./ask.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { NewQuestion, OfferView } from "./types.ts";

const database = useTestDatabase();
let engine: Engine;

beforeAll(async () => {
  engine = await createEngine(testContext(database().pool, offlineRail));
});

afterAll(async () => {
  await engine.close();
});

const question: NewQuestion = {
  question: "Which summary is better?",
  content: [
    { label: "a", text: "Short." },
    { label: "b", text: "Long." },
  ],
  choices: ["a", "b", "neither"],
  reward: amount(50_000n),
  overlap: { min: 3, max: 3, targetPpm: 600_000 },
  eligibility: [],
  deadlineMs: null,
};

async function prepaid(deposit: bigint, owner = bytes32(randomFill(32))): Promise<Bytes32> {
  const { market } = await engine.createMarket(owner, {
    spec: standingSpec(200),
    refundTo: toBase58(owner),
    standing: true,
  });
  await engine.fundMarket(owner, market, `${market}:${deposit}:x`);
  await engine.changeStatus(owner, market, "open");
  return owner;
}

describe("asking", () => {
  it("has a market of its own that its rules allow", () => {
    expect(parseSpec(specToJson(standingSpec(200)))).toEqual(standingSpec(200));
    expect(standingSpec(0).refundDelayMs).toBeGreaterThan(0);
  });

  it("posts a task with its question, choices and price, which people answer", async () => {
    const owner = await prepaid(1_000_000n);
    const { market, task } = await engine.ask(owner, question);
    const view = await engine.task(market, task);
    expect(view.content).toEqual({
      template: "choice",
      question: question.question,
      choices: question.choices.map((id) => ({ id, label: id })),
      content: question.content.map((item) => ({ type: "text", ...item })),
    });
    expect(view.terms).toMatchObject({
      reward: 50_000n,
      overlap: question.overlap,
      answer: { choices: question.choices },
    });
    for (const person of await signInMany(engine, 3)) {
      const [offer] = await person.assign(market, task);
      await person.submit(market, (offer as OfferView).slot, "neither");
    }
    expect(await collect(engine.results(owner, market))).toMatchObject([{ label: "neither", cost: 150_000n }]);
  });

  it("again and again uses one balance, and each question is another task", async () => {
    const owner = await prepaid(1_000_000n);
    const asked = await Promise.all([1, 2, 3].map(() => engine.ask(owner, question)));
    expect(new Set(asked.map(({ task }) => task))).toEqual(new Set([0, 1, 2]));
    expect(new Set(asked.map(({ market }) => market)).size).toBe(1);
  });

  it("takes a deadline and requirements", async () => {
    const owner = await prepaid(1_000_000n);
    const deadlineMs = Date.now() + 60_000;
    const asked = await engine.ask(owner, {
      ...question,
      deadlineMs,
      eligibility: [{ type: "language", anyOf: ["de"] }],
    });
    expect((await engine.task(asked.market, asked.task)).terms).toMatchObject({ deadlineMs });
    const [person] = (await signInMany(engine, 1)) as [TestContributor];
    await expect(person.assign(asked.market, asked.task)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
  });

  it("needs a prepaid balance", async () => {
    const { owner } = await openMarket(engine);
    await expect(engine.ask(owner, question)).rejects.toMatchObject({ code: "ESCROW_INSUFFICIENT" });
  });

  it("goes on from a new balance after the old one was closed", async () => {
    const owner = await prepaid(1_000_000n);
    const { market: old } = await engine.ask(owner, question);
    await engine.changeStatus(owner, old, "close");
    await expect(engine.ask(owner, question)).rejects.toMatchObject({ code: "ESCROW_INSUFFICIENT" });
    await prepaid(1_000_000n, owner);
    expect((await engine.ask(owner, question)).market).not.toBe(old);
  });

  it("needs enough of it for the answers that it wants at least, with the fee", async () => {
    const owner = await prepaid(152_999n);
    await expect(engine.ask(owner, question)).rejects.toMatchObject({
      code: "ESCROW_INSUFFICIENT",
      context: { needed: "0.153", free: "0.152999" },
    });
    await engine.ask(await prepaid(153_000n), question);
  });

  it("needs choices that differ, and a reward within bounds", async () => {
    const owner = await prepaid(1_000_000n);
    await expect(engine.ask(owner, { ...question, choices: ["a", "a"] })).rejects.toMatchObject({
      code: "MALFORMED_SPEC",
    });
    await expect(engine.ask(owner, { ...question, reward: amount(0n) })).rejects.toMatchObject({
      code: "REWARD_MISMATCH",
    });
  });
});
