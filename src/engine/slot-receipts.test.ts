import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attesting, attestBlindly } from "../../test/support/attest.ts";
import { type TestContributor, testContext } from "../../test/support/engine.ts";
import { collect, manyTasks, signInMany, specOf, workThrough } from "../../test/support/engine-world.ts";
import { amount } from "../core/amount.ts";
import { type Bytes32, bytes32, fromBase58 } from "../core/bytes.ts";
import type { MarketId } from "../core/market-id.ts";
import { sha256, verifyEd25519 } from "../main/crypto.ts";
import { decodeReceipt } from "../market/settlement/receipt.ts";
import { type ReceiptFacts, ReceiptVerifier, verifyReceipt } from "../market/settlement/verify-receipt.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { TokenBalance } from "./types.ts";

const database = useTestDatabase();
let chain: TestRail;
let engine: Engine;
let attesting: Attesting;
let people: TestContributor[];
let market: MarketId;
let owner: Bytes32;

/** Three answers to a task, one of which is wrong; the first task is a control. */
beforeAll(async () => {
  chain = await startTestRail();
  engine = await createEngine(testContext(database().pool, chain.rail));
  attesting = attestBlindly(engine);
  people = await signInMany(engine, 3);
  const requester = await chain.requester(5_000_000n);
  owner = bytes32(fromBase58(requester.address));
  const spec = specOf({ newcomer: { answers: 100, budget: amount(1_000_000n) } });
  const made = await engine.createMarket(owner, { spec, refundTo: requester.address, standing: false });
  market = made.market;
  const funding = { market, specHash: made.specHash, amount: amount(5_000_000n) };
  await engine.fundMarket(owner, market, await chain.fund(requester, funding));
  await engine.changeStatus(owner, market, "open");
  await engine.addTasks(
    owner,
    market,
    manyTasks(3, (place) => (place === 0 ? "a" : null)),
  );
  await engine.addTasks(owner, market, manyTasks(6).slice(3));
  for (const [i, person] of people.entries()) {
    let [offer] = await person.assign(market);
    while (offer !== undefined) {
      [offer] = (await person.submit(market, offer.slot, i === 2 ? "b" : "a", 1)).offers;
    }
  }
});

afterAll(async () => {
  await attesting.stop();
  await engine.close();
  await chain.close();
});

const allReceipts = async () => (await collect(engine.slotReceipts(market, null))).flat();

const addressBytes = (text: string) => bytes32(fromBase58(text));

async function trust(by: "signer" | "attestors") {
  const { signer, program, cluster, network, pool } = await engine.network();
  const { attestors, setVersion } = (await chain.rail.readPool()).network;
  const place = {
    program: addressBytes(program),
    cluster: addressBytes(cluster),
    network: addressBytes(network),
    pool: addressBytes(pool),
  };
  return by === "signer"
    ? { signer, commits: null }
    : { signer: null, commits: { ...place, sets: new Map([[setVersion, attestors]]) } };
}

async function factsOfAll(by: "signer" | "attestors"): Promise<ReceiptFacts[]> {
  const verifier = new ReceiptVerifier(await trust(by), sha256, verifyEd25519);
  const rows = await allReceipts();
  return rows.map(({ slot, receipt }) => {
    const decoded = decodeReceipt(receipt);
    expect(decoded.slot).toEqual(slot);
    const facts = verifier.verify(decoded);
    if (!facts.ok) throw new Error(`${facts.reason} ${facts.where}`);
    return facts;
  });
}

describe("receipts of a market", () => {
  it("stand on a signed head with the verdict, for rejected answers too", async () => {
    const facts = await factsOfAll("signer");
    expect(facts).toHaveLength(18);
    expect(facts.filter(({ verdict }) => verdict === "rejected").map(({ paid }) => paid)).toEqual(Array(6).fill(0n));
    expect(new Set(facts.map(({ reason }) => reason))).toContain("CONTROL_MISSED");
    const paid = facts.reduce((sum, each) => sum + each.paid, 0n);
    expect(paid).toBe((await engine.totals()).earned);
    expect(new Set(facts.map(({ committed }) => committed))).toEqual(new Set([null]));
  });

  it("are completed by a commit, and then need no word of the operator", async () => {
    await engine.settle();
    const facts = await factsOfAll("attestors");
    expect(facts).toHaveLength(18);
    for (const person of people) {
      const own = facts.filter(({ contributor }) => contributor.index === person.session.contributor);
      const [balance] = (await engine.contributor(person.session)).balances as [TokenBalance];
      expect(own.reduce((sum, each) => sum + each.paid, 0n)).toBe(balance.released);
      for (const { committed } of own) expect(committed).toMatchObject({ epoch: 1n, cumulative: balance.released });
    }
  });

  it("are a few kilobytes each", async () => {
    for (const { receipt } of await allReceipts()) expect(receipt.length).toBeLessThan(6_000);
  });

  it("of an answer after the commit go back to a signed head until the next one", async () => {
    await engine.addTasks(owner, market, manyTasks(9).slice(6));
    const other = await signInMany(engine, 1);
    const [person] = other as [TestContributor];
    const [offer] = await person.assign(market);
    const { slot } = offer as NonNullable<typeof offer>;
    await expect(engine.slotReceipt(market, slot)).rejects.toMatchObject({ code: "SLOT_STATE" });
    await person.submit(market, slot, "a");
    for (const each of people.slice(0, 2)) await workThrough(each, market, () => "a");
    const first = decodeReceipt(await engine.slotReceipt(market, slot));
    expect([first.head === null, first.commit === null]).toEqual([false, true]);
    await engine.settle();
    const second = decodeReceipt(await engine.slotReceipt(market, slot));
    expect([second.head === null, second.commit === null]).toEqual([true, false]);
    expect(verifyReceipt(second, await trust("attestors"), sha256, verifyEd25519)).toMatchObject({ ok: true });
  });

  it("go on behind any that somebody has already", async () => {
    const slots = (await allReceipts()).map(({ slot }) => slot);
    for (const [place, after] of slots.entries()) {
      const rest = (await collect(engine.slotReceipts(market, after))).flat();
      expect(rest.map(({ slot }) => slot)).toEqual(slots.slice(place + 1));
    }
    const beyond = { task: 1_000_000, ordinal: 0 };
    expect((await collect(engine.slotReceipts(market, beyond))).flat()).toEqual([]);
  });

  it("do not exist for a market that does not", async () => {
    const nowhere = "00".repeat(16) as MarketId;
    await expect(engine.slotReceipt(nowhere, { task: 0, ordinal: 0 })).rejects.toMatchObject({
      code: "MARKET_NOT_FOUND",
    });
    await expect(collect(engine.slotReceipts(nowhere, null))).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
  });
});
