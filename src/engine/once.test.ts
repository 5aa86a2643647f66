import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import { amount } from "../core/amount.ts";
import { type Bytes32, bytes32, fromBase58 } from "../core/bytes.ts";
import type { MarketId } from "../core/market-id.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { useTestDatabase } from "../store/testing.ts";
import { standingSpec } from "./ask.ts";
import type { EngineContext } from "./context.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { claimedStatus, createIdempotency, KeyClaimed, type Once } from "./idempotency.ts";

const database = useTestDatabase();
let rail: TestRail;
let context: EngineContext;
let engine: Engine;
let owner: Bytes32;
let keys = 0;

beforeAll(async () => {
  rail = await startTestRail();
  context = testContext(database().pool, rail.rail);
  engine = await createEngine(context);
});

afterAll(async () => {
  await engine.close();
  await rail.close();
});

const requestHash = new Uint8Array(32).fill(1);

/** What a request and its repetition after a crash are given: the same key. */
function newKey(): { once: () => Once; kept: () => Promise<{ status: number; response: string } | null> } {
  const store = createIdempotency(context);
  const key = `key-${++keys}`;
  return { once: () => store.once(owner, key, requestHash), kept: () => store.find(owner, key) };
}

async function openMarket(): Promise<MarketId> {
  const requester = await rail.requester(1_000_000n);
  owner = bytes32(fromBase58(requester.address));
  const spec = standingSpec(200);
  const wanted = { spec, refundTo: requester.address, standing: false };
  const { market, specHash } = await engine.createMarket(owner, wanted);
  const signature = await rail.fund(requester, { market, specHash, amount: amount(1_000_000n) });
  await engine.fundMarket(owner, market, signature);
  await engine.changeStatus(owner, market, "open");
  return market;
}

const task = (externalId: string) => ({ externalId, content: { text: "?" }, terms: null, control: null });

describe("what is given a key", () => {
  it("pays a bonus once, also where the process died before it could keep the answer", async () => {
    const market = await openMarket();
    await engine.addTasks(owner, market, [task("a")]);
    const person = await TestContributor.signIn(engine);
    await person.assign(market);
    const { once, kept } = newKey();
    const pay = () => engine.payBonus(owner, market, person.session.key, amount(500n), "thanks", once());
    await pay();
    expect(await kept()).toMatchObject({ status: claimedStatus });
    await expect(pay()).rejects.toBeInstanceOf(KeyClaimed);
    await Promise.allSettled([pay(), pay(), pay()]);
    expect((await engine.market(market)).books.bonus).toBe(500n);
  });

  it("may be tried again after a refusal, which undid its claim", async () => {
    const market = await openMarket();
    const { once, kept } = newKey();
    await expect(engine.changeStatus(owner, market, "resume", once())).rejects.toMatchObject({ code: "MARKET_STATE" });
    expect(await kept()).toBeNull();
    await engine.changeStatus(owner, market, "pause", once());
    await expect(engine.changeStatus(owner, market, "pause", once())).rejects.toBeInstanceOf(KeyClaimed);
  });

  it("notes what its answer can be made of again", async () => {
    const market = await openMarket();
    const [tasks, imported] = [newKey(), newKey()];
    const added = await engine.addTasks(owner, market, [task("a"), task("b")], tasks.once());
    expect(JSON.parse((await tasks.kept())?.response ?? "")).toEqual(added);
    const rows = async function* () {
      yield [task("c")];
    };
    const more = await engine.importTasks(owner, market, rows(), imported.once);
    expect(JSON.parse((await imported.kept())?.response ?? "")).toEqual(more);
    const made = newKey();
    const refundTo = "11111111111111111111111111111111";
    const view = await engine.createMarket(owner, { spec: standingSpec(200), refundTo, standing: false }, made.once());
    expect((await made.kept())?.response).toBe(view.market);
  });
});

describe("a late retry of several answers", () => {
  it("is answered where some of their tasks are finished and others are not", async () => {
    const market = await openMarket();
    const one = { overlap: { min: 1, max: 1, targetPpm: 0 } };
    await engine.addTasks(owner, market, [{ ...task("quick"), terms: one }, task("slow")]);
    const person = await TestContributor.signIn(engine);
    const offers = await person.assign(market, null, 2);
    const request = person.request(
      market,
      offers.map(({ slot }) => ({ slot, body: { answer: "yes" } })),
    );
    const first = await engine.submit(request);
    expect(first.submissions.map(({ state }) => state)).toEqual(["accepted", "held"]);
    const again = await engine.submit(request);
    expect(again.submissions).toEqual(first.submissions);
    const proven = again.acknowledgement.entries.map(({ sequence }) => sequence);
    expect(proven).toEqual(first.submissions.map(({ sequence }) => sequence));
  });
});
