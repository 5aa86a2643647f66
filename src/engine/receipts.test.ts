import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import {
  entriesOf,
  manyTasks,
  offlineRail,
  openMarket,
  signInMany,
  single,
  workThrough,
} from "../../test/support/engine-world.ts";
import { Gate, type Intercept, wrapPool } from "../../test/support/pool-wrapper.ts";
import { type Bytes32, fromUtf8 } from "../core/bytes.ts";
import { logLeaf, verifyPath } from "../core/log-tree.ts";
import type { MarketId } from "../core/market-id.ts";
import { headStatement } from "../core/statements.ts";
import { sha256, verifyEd25519 } from "../main/crypto.ts";
import { decodeEntry, type EntryKind } from "../market/entries.ts";
import { decodeReceipt, type Receipt } from "../market/settlement/receipt.ts";
import { ReceiptVerifier } from "../market/settlement/verify-receipt.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { Acknowledgement, LogPage, OfferView } from "./types.ts";

const database = useTestDatabase();
const pool = () => database().pool;
let engine: Engine;
let wholeReads = 0;
const asItIs: Intercept = (_, run) => run();
let intercept = asItIs;

beforeAll(async () => {
  const counting = wrapPool(pool(), (text, run) => {
    if (text.includes("last between $3")) wholeReads++;
    return intercept(text, run);
  });
  engine = await createEngine(testContext(counting, offlineRail));
});

afterAll(async () => {
  await engine.close();
});

async function expectProven({ market, lane, head, entries }: Acknowledgement): Promise<void> {
  const { signer } = await engine.network();
  expect(verifyEd25519(signer, headStatement({ market, lane, ...head }), head.signature)).toBe(true);
  for (const { encoded, path } of entries) {
    expect(verifyPath(sha256, logLeaf(sha256, encoded), path, head.root)).toBe(true);
  }
}

/** Three answers, of which one is rejected, and a control that somebody met. */
async function workedMarket(): Promise<{ owner: Bytes32; market: MarketId }> {
  const { owner, market } = await openMarket(engine, { tasks: manyTasks(3, (i) => (i === 2 ? "b" : null)) });
  const people = await signInMany(engine, 3);
  for (const [i, person] of people.entries()) {
    for (const task of [0, 1, 2]) {
      const [offer] = await person.assign(market, task);
      await person.submit(market, (offer as OfferView).slot, i === 2 && task === 0 ? "b" : "a");
    }
  }
  return { owner, market };
}

describe("a receipt", () => {
  it("proves any entries of the log under one signed head", async () => {
    const { market } = await workedMarket();
    const entries = await entriesOf(pool(), market);
    const all = entries.map((_, i) => i + 1);
    const receipt = await engine.receipt(market, 0, all);
    expect(receipt.entries.map(({ encoded }) => decodeEntry(encoded))).toEqual(entries);
    await expectProven(receipt);
    const few = await engine.receipt(market, 0, [5, 2, 5]);
    expect(few.entries.map(({ sequence }) => sequence)).toEqual([2, 5]);
    await expectProven(few);
  });

  it("proves nothing else: an altered entry has no path", async () => {
    const { market } = await workedMarket();
    const { head, entries } = await engine.receipt(market, 0, [3]);
    const [{ encoded, path }] = entries as [Acknowledgement["entries"][number]];
    const altered = Uint8Array.from(encoded, (byte, i) => (i === encoded.length - 1 ? byte ^ 1 : byte));
    expect(verifyPath(sha256, logLeaf(sha256, altered), path, head.root)).toBe(false);
  });

  it("follows the log as it grows", async () => {
    const { owner, market } = await workedMarket();
    const before = await engine.receipt(market, 0, [1]);
    await engine.changeStatus(owner, market, "pause");
    const size = (await entriesOf(pool(), market)).length;
    const after = await engine.receipt(market, 0, [1, size]);
    expect(after.head.sequence).toBeGreaterThan(before.head.sequence);
    await expectProven(before);
    await expectProven(after);
  });

  it("is refused for an entry that does not exist, without a reading of the whole log each time", async () => {
    const { market } = await workedMarket();
    await engine.receipt(market, 0, [1]);
    wholeReads = 0;
    for (const sequence of [10_000, 10_001, 0, -1, 1.5]) {
      await expect(engine.receipt(market, 0, [1, sequence])).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
    }
    expect(wholeReads).toBe(0);
    await expect(engine.receipt(market, 1, [1])).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
  });
});

describe("the receipts of a whole market", () => {
  const portionSize = 200;

  it("stand on the head of their beginning, or on a later one where they must, and read each entry once", async () => {
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(2 * portionSize + 1) });
    const person = await TestContributor.signIn(engine);
    const answer = async (task: number): Promise<void> => {
      const [offer] = await person.assign(market, task);
      await person.submit(market, (offer as OfferView).slot, "a");
    };
    await answer(0);
    await answer(portionSize);
    wholeReads = 0;
    // The verdicts of the second portion come when the third has renewed the head: it is none of the second's.
    const renewed = new Gate();
    renewed.close();
    let reads = 0;
    intercept = async (text, run) => {
      if (text.includes("v.task between") && ++reads === 2) await renewed.pass();
      const rows = await run();
      if (reads > 2 && text.includes("from heads")) renewed.open();
      return rows;
    };
    const receipts: Receipt[] = [];
    for await (const portion of engine.slotReceipts(market, null)) {
      receipts.push(...portion.map(({ receipt }) => decodeReceipt(receipt)));
      // The last portion is not begun yet.
      if (receipts.length === 1) await answer(2 * portionSize);
    }
    intercept = asItIs;
    const [first, second, third] = receipts.map(({ head }) => head?.sequence as number) as [number, number, number];
    expect(receipts.map(({ slot }) => slot.task)).toEqual([0, portionSize, 2 * portionSize]);
    expect(second).toBe(first);
    expect(third).toBeGreaterThan(second);
    expect(wholeReads).toBe(2);
    const { signer } = await engine.network();
    const verifier = new ReceiptVerifier({ signer, commits: null }, sha256, verifyEd25519);
    for (const receipt of receipts) expect(verifier.verify(receipt)).toMatchObject({ ok: true, verdict: "accepted" });
  });
});

describe("the log", () => {
  const kindsWith = (page: LogPage): EntryKind[] =>
    page.records.filter(({ attachment }) => attachment !== null).map(({ encoded }) => decodeEntry(encoded).kind);

  it("comes in pages under a signed head", async () => {
    const { market } = await workedMarket();
    const whole = await engine.log(market, 0, 1, 1_000);
    expect(whole.records.map(({ sequence }) => sequence)).toEqual(whole.records.map((_, i) => i + 1));
    expect(whole.head.sequence).toBe(whole.records.length);
    const page = await engine.log(market, 0, 4, 3);
    expect(page.records).toEqual(whole.records.slice(3, 6));
    expect((await engine.log(market, 0, 10_000, 3)).records).toEqual([]);
  });

  it("shows the bodies of paid answers, and of nothing else", async () => {
    const { market } = await workedMarket();
    const page = await engine.log(market, 0, 1, 1_000);
    expect(new Set(kindsWith(page))).toEqual(new Set(["submitted"]));
    const shown = page.records.flatMap(({ encoded, attachment }) => {
      const entry = decodeEntry(encoded);
      return entry.kind === "submitted" && attachment !== null ? [[entry.task, fromUtf8(attachment)]] : [];
    });
    // Two of three in the first task, three in the second; all three missed the control.
    expect(shown).toEqual([
      [0, '{"answer":"a"}'],
      [1, '{"answer":"a"}'],
      [0, '{"answer":"a"}'],
      [1, '{"answer":"a"}'],
      [1, '{"answer":"a"}'],
    ]);
  });

  it("does not show an answer that waits for its verdict", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(1) });
    const person = await TestContributor.signIn(engine);
    await workThrough(person, market, () => "b");
    expect(kindsWith(await engine.log(market, 0, 1, 1_000))).toEqual([]);
  });

  it("shows it from the moment that it is paid", async () => {
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(1) });
    await workThrough(await TestContributor.signIn(engine), market, () => "b");
    expect(kindsWith(await engine.log(market, 0, 1, 1_000))).toEqual(["submitted"]);
  });

  it("never shows the sealed answers of controls that are live", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(4, () => "b") });
    const { records } = await engine.log(market, 0, 1, 1_000);
    const [batch] = records.filter(({ encoded }) => decodeEntry(encoded).kind === "batchAdded");
    expect(batch?.attachment).toBeNull();
    const { rows } = await pool().query<{ n: number }>(
      "select count(attachment)::int as n from entries, unnest(attachments) attachment where market = decode($1, 'hex')",
      [market],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });
});
