import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import {
  collect,
  manyTasks,
  offlineRail,
  openMarket,
  signInMany,
  single,
  workThrough,
} from "../../test/support/engine-world.ts";
import { wrapPool } from "../../test/support/pool-wrapper.ts";
import { amount, zero } from "../core/amount.ts";
import { toBase58 } from "../core/bytes.ts";
import { logLeaf, verifyPath } from "../core/log-tree.ts";
import type { MarketId } from "../core/market-id.ts";
import { sha256 } from "../main/crypto.ts";
import { decodeEntry } from "../market/entries.ts";
import { hourMs } from "../market/spec.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { OfferView, ResultView } from "./types.ts";

const database = useTestDatabase();
let engine: Engine;
let statements = 0;

beforeAll(async () => {
  const pool = wrapPool(database().pool, (_, run) => {
    statements++;
    return run();
  });
  engine = await createEngine(testContext(pool, offlineRail));
});

afterAll(async () => {
  await engine.close();
});

async function submit(person: TestContributor, market: MarketId, task: number, answer: string): Promise<void> {
  const [offer] = await person.assign(market, task);
  await person.submit(market, (offer as OfferView).slot, answer);
}

function expectProven({ receipt }: ResultView): void {
  for (const { encoded, path } of receipt.entries) {
    expect(verifyPath(sha256, logLeaf(sha256, encoded), path, receipt.head.root)).toBe(true);
  }
}

describe("a row of the results", () => {
  it("has the label, its confidence, the votes, who was paid what, and the proof", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(1) });
    const people = await signInMany(engine, 3);
    for (const [i, person] of people.entries()) await submit(person, market, 0, i === 1 ? "b" : "a");
    const [row] = (await collect(engine.results(owner, market))) as [ResultView];
    expect(row).toMatchObject({
      task: 0,
      externalId: "t0",
      label: "a",
      decided: true,
      control: false,
      votes: { a: 2, b: 1 },
      cost: 40_000n,
    });
    expect(row.confidencePpm).toBeGreaterThan(600_000);
    expect(row.paid.map(({ contributor, reward, reason }) => [toBase58(contributor), reward, reason])).toEqual(
      [people[0], people[2]].map((person) => [toBase58(person?.session.key as Uint8Array), 20_000n, "AGREES"]),
    );
    expectProven(row);
    const kinds = row.receipt.entries.map(({ encoded }) => decodeEntry(encoded).kind);
    expect(kinds).toEqual(["submitted", "submitted", "settled"]);
  });

  it("is not there before its task is settled", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(2) });
    const [person] = (await signInMany(engine, 1)) as [TestContributor];
    await submit(person, market, 0, "a");
    expect(await collect(engine.results(owner, market))).toEqual([]);
  });

  it("has the label that an appeal corrected, and the proof of it", async () => {
    const appeal = { windowMs: hourMs, budget: amount(200_000n), panel: 1, cost: zero };
    const { owner, market } = await openMarket(engine, { spec: { appeal }, tasks: manyTasks(1) });
    const people = await signInMany(engine, 4);
    for (const [i, person] of people.slice(0, 3).entries()) await submit(person, market, 0, i === 2 ? "b" : "a");
    await engine.appeal((people[2] as TestContributor).session, market, { task: 0, ordinal: 2 });
    await submit(people[3] as TestContributor, market, 0, "b");
    const [row] = (await collect(engine.results(owner, market))) as [ResultView];
    expect(row).toMatchObject({ label: "b", votes: { a: 2, b: 2 }, cost: 80_000n });
    expect(row.receipt.entries.map(({ encoded }) => decodeEntry(encoded).kind)).toContain("appealSettled");
    expectProven(row);
  });

  it("of a control has the known answer, once somebody met it", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(2, () => "b") });
    const [person] = (await signInMany(engine, 1)) as [TestContributor];
    await submit(person, market, 1, "b");
    const rows = await collect(engine.results(owner, market));
    expect(rows).toMatchObject([
      { task: 1, label: "b", control: true, confidencePpm: 1_000_000, decided: true, votes: { b: 1 }, cost: 20_000n },
    ]);
    expectProven(rows[0] as ResultView);
  });

  it("of a control that was contradicted has the label of those who did", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(2, () => "b") });
    for (const person of await signInMany(engine, 5)) {
      // Their word counts against a control by what they did in others.
      await submit(person, market, 1, "b");
      await submit(person, market, 0, "a");
    }
    const [row] = (await collect(engine.results(owner, market))) as [ResultView];
    expect(row).toMatchObject({ label: "a", control: false, votes: { a: 5 }, cost: 100_000n });
    expect(new Set(row.paid.map(({ reason }) => reason))).toEqual(new Set(["CONTROL_VOIDED"]));
    expectProven(row);
  });

  it("is asked for by its task", async () => {
    const { owner, market } = await openMarket(engine, { spec: single });
    await workThrough(await TestContributor.signIn(engine), market, () => "a");
    const whole = await collect(engine.results(owner, market));
    expect(await collect(engine.results(owner, market, 2))).toEqual([whole[2]]);
    expect(await collect(engine.results(owner, market, 99))).toEqual([]);
  });
});

describe("all rows", () => {
  it("come in task order, however many, under one head, with few statements", async () => {
    const count = 1_000;
    const { owner, market } = await openMarket(engine, {
      spec: single,
      deposit: 100_000_000n,
      tasks: manyTasks(count),
    });
    const people = await signInMany(engine, 10);
    await Promise.all(
      people.map(async (person) => {
        const offers = await person.assign(market, null, 100);
        const bodies = offers.map(({ slot }) => ({ slot, body: { answer: slot.task % 2 === 0 ? "a" : "b" } }));
        await engine.submit(person.request(market, bodies));
      }),
    );
    statements = 0;
    let next = 0;
    const roots = new Set<string>();
    for await (const row of engine.results(owner, market)) {
      expect([row.task, row.label]).toEqual([next, next % 2 === 0 ? "a" : "b"]);
      expectProven(row);
      roots.add(toBase58(row.receipt.head.root));
      next++;
    }
    expect(next).toBe(count);
    expect(roots.size).toBe(1);
    // Some for each two hundred tasks, and for each five hundred entries.
    expect(statements).toBeLessThan(count / 20);
  });

  it("may be left in the middle", async () => {
    const { owner, market } = await openMarket(engine, { spec: single, tasks: manyTasks(4) });
    await workThrough(await TestContributor.signIn(engine), market, () => "a");
    for await (const row of engine.results(owner, market)) if (row.task === 1) break;
    expect(await collect(engine.results(owner, market))).toHaveLength(4);
  });

  it("are of one moment: what settles while they are read is left for the next time", async () => {
    const { owner, market } = await openMarket(engine, { spec: single, deposit: 50_000_000n, tasks: manyTasks(450) });
    const [person] = (await signInMany(engine, 1)) as [TestContributor];
    await submit(person, market, 0, "a");
    const seen: number[] = [];
    for await (const row of engine.results(owner, market)) {
      seen.push(row.task);
      if (seen.length === 1) await submit(person, market, 449, "a");
    }
    expect(seen).toEqual([0]);
    expect(await collect(engine.results(owner, market))).toHaveLength(2);
  });
});
