import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import {
  countHeads,
  entriesOfKind,
  manyTasks,
  offlineRail,
  openMarket,
  type SpecChanges,
  signInMany,
  single,
  workThrough,
} from "../../test/support/engine-world.ts";
import { amount, zero } from "../core/amount.ts";
import type { Json } from "../core/json.ts";
import { logLeaf, verifyPath } from "../core/log-tree.ts";
import type { MarketId } from "../core/market-id.ts";
import { formatSlot, type Slot } from "../core/slot.ts";
import { headStatement } from "../core/statements.ts";
import { randomFill, sha256, signerFromSeed, verifyEd25519 } from "../main/crypto.ts";
import { decodeEntry } from "../market/entries.ts";
import { hourMs, minuteMs } from "../market/spec.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { Acknowledgement } from "./types.ts";
import { submissionsPerRequestMax } from "./work.ts";

const database = useTestDatabase();
const time = { now: 1_800_000_000_000 };
const clock = (): number => time.now;
let engine: Engine;

beforeAll(async () => {
  engine = await createEngine(testContext(database().pool, offlineRail, { clock }));
});

afterAll(async () => {
  await engine.close();
});

const join = (): Promise<TestContributor> => TestContributor.signIn(engine, undefined, clock);
const slotIn = (offers: readonly { readonly slot: Slot }[]): Slot => (offers[0] as { slot: Slot }).slot;
const answer = (slot: Slot, choice = "a"): { slot: Slot; body: Json } => ({ slot, body: { answer: choice } });

async function expectProven({ market, lane, head, entries }: Acknowledgement): Promise<void> {
  const { signer } = await engine.network();
  expect(verifyEd25519(signer, headStatement({ market, lane, ...head }), head.signature)).toBe(true);
  for (const { encoded, path } of entries) {
    expect(verifyPath(sha256, logLeaf(sha256, encoded), path, head.root)).toBe(true);
  }
}

/** A person with so many slots of a market with that many tasks. */
async function withSlots(count: number, spec: SpecChanges = single) {
  const { owner, market } = await openMarket(engine, { spec, deposit: 10_000_000n, tasks: manyTasks(count) });
  const person = await join();
  const offers = await person.assign(market, null, count);
  return { owner, market, person, slots: offers.map(({ slot }) => slot) };
}

describe("turns", () => {
  it("of many contributors share batches and questions, though each goes on as soon as it is answered", async () => {
    // Signatures checked aside would bring them in whatever order the threads end.
    const verify = (...signed: Parameters<typeof verifyEd25519>) => Promise.resolve(verifyEd25519(...signed));
    const own = await createEngine(testContext(database().pool, offlineRail, { clock, verify }));
    const people = await signInMany(own, 12, clock);
    const { market } = await openMarket(own, { spec: single, deposit: 10_000_000n, tasks: manyTasks(60) });
    const first = await Promise.all(people.map((person) => person.assign(market, null, 1)));
    const before = await countHeads(database().pool, market);
    // What is asked beside the batches, each of which has a connection to itself.
    const questions = vi.spyOn(database().pool, "query");
    const workOn = async (person: TestContributor, i: number): Promise<void> => {
      let slot = slotIn(first[i] ?? []);
      for (let turn = 0; turn < 3; turn++) {
        const { offers } = await person.submit(market, slot, "a", 1);
        const task = offers[0]?.slot.task;
        expect(offers).toMatchObject([{ task: { task, externalId: `t${task}` } }]);
        expect(offers[0]?.reward).toBe(offers[0]?.task.terms.reward);
        slot = slotIn(offers);
      }
    };
    await Promise.all(people.map(workOn));
    expect(questions.mock.calls.length).toBeLessThanOrEqual(6);
    questions.mockRestore();
    expect(await countHeads(database().pool, market)).toBeLessThanOrEqual(before + 6);
    await own.close();
  });
});

describe("the time of a request", () => {
  it.each([-5 * minuteMs, 0, 5 * minuteMs])("may be %i ms off", async (skewMs) => {
    const { market, person, slots } = await withSlots(1);
    time.now += skewMs;
    const request = person.request(
      market,
      slots.map((slot) => answer(slot)),
    );
    time.now -= skewMs;
    expect((await engine.submit(request)).submissions[0]?.state).toBe("accepted");
  });

  it.each([-5 * minuteMs - 1, 5 * minuteMs + 1])("may not be %i ms off", async (skewMs) => {
    const { market, person, slots } = await withSlots(1);
    time.now += skewMs;
    const request = person.request(
      market,
      slots.map((slot) => answer(slot)),
    );
    time.now -= skewMs;
    await expect(engine.submit(request)).rejects.toMatchObject({
      code: "REQUEST_TIME_MISMATCH",
      context: { skewMs: Math.abs(skewMs) },
    });
    expect(await entriesOfKind(database().pool, market, "submitted")).toEqual([]);
  });
});

describe("the signature of a request", () => {
  it("is over these answers, by this session, at this time, for this market", async () => {
    const { market, person, slots } = await withSlots(2);
    const [first, second] = slots as [Slot, Slot];
    const request = person.request(market, [answer(first)]);
    const elsewhere = await openMarket(engine, { spec: single });
    for (const changed of [
      { ...request, submissions: [answer(first, "b")] },
      { ...request, submissions: [answer(second)] },
      { ...request, submissions: [answer(first), answer(second)] },
      { ...request, signed: { ...request.signed, timeMs: request.signed.timeMs + 1 } },
      { ...request, market: elsewhere.market },
      { ...request, session: { ...request.session, sessionKey: signerFromSeed(randomFill(32)).publicKey } },
      { ...request, signed: { ...request.signed, signature: randomFill(64) } },
    ]) {
      await expect(engine.submit(changed)).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    }
    expect(await entriesOfKind(database().pool, market, "submitted")).toEqual([]);
  });

  it("stands in the log, so that anybody can check it", async () => {
    const { market, person, slots } = await withSlots(1);
    const request = person.request(
      market,
      slots.map((slot) => answer(slot)),
    );
    await engine.submit(request);
    expect(await entriesOfKind(database().pool, market, "signed")).toMatchObject([
      { session: person.session.sessionKey, count: 1, ...request.signed },
    ]);
  });
});

describe("a request", () => {
  it("holds 1 to 100 answers", async () => {
    expect(submissionsPerRequestMax).toBe(100);
    const { market, person, slots } = await withSlots(100);
    expect(slots).toHaveLength(100);
    const answers = slots.map((slot) => answer(slot));
    await expect(engine.submit(person.request(market, []))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    const tooMany = [...answers, answer({ task: 100, ordinal: 0 })];
    await expect(engine.submit(person.request(market, tooMany))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    const turn = await engine.submit(person.request(market, answers));
    expect(turn.submissions.map(({ state }) => state)).toEqual(slots.map(() => "accepted"));
    await expectProven(turn.acknowledgement);
  });

  it("names a slot once", async () => {
    const { market, person, slots } = await withSlots(2);
    const [first] = slots as [Slot];
    const request = person.request(market, [answer(first), answer(first)]);
    await expect(engine.submit(request)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
  });

  it("is all or nothing", async () => {
    const { market, person, slots } = await withSlots(3);
    const answers = slots.map((slot, i) => answer(slot, i === 1 ? "neither" : "a"));
    await expect(engine.submit(person.request(market, answers))).rejects.toMatchObject({ code: "MALFORMED_ANSWER" });
    for (const slot of slots) expect((await engine.submission(market, slot)).state).toBe("assigned");
  });

  it("is about one's own slots, that exist", async () => {
    const { market, person, slots } = await withSlots(1);
    const stranger = await join();
    await stranger.assign((await openMarket(engine)).market);
    await expect(stranger.submit(market, slots[0] as Slot, "a")).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
    await expect(person.submit(market, { task: 0, ordinal: 7 }, "a")).rejects.toMatchObject({ code: "SLOT_NOT_FOUND" });
    await expect(person.submit(market, { task: 77, ordinal: 0 }, "a")).rejects.toMatchObject({
      code: "SLOT_NOT_FOUND",
    });
  });

  it("comes too late after the lease, and may take a new slot", async () => {
    const { market, person, slots } = await withSlots(1);
    time.now += 10 * minuteMs;
    const [late] = slots as [Slot];
    await expect(person.submit(market, late, "a")).rejects.toMatchObject({ code: "SLOT_STATE" });
    const again = slotIn(await person.assign(market, late.task));
    expect(again).toEqual({ task: late.task, ordinal: 1 });
    expect((await person.submit(market, again, "a")).submissions[0]?.state).toBe("accepted");
  });
});

describe("an assignment", () => {
  it("is not for the requester itself", async () => {
    const seed = randomFill(32);
    const { market } = await openMarket(engine, { owner: signerFromSeed(seed).publicKey });
    const requester = await TestContributor.signIn(engine, seed, clock);
    await expect(requester.assign(market)).rejects.toMatchObject({ code: "OWN_MARKET_WORK" });
  });

  it("of a named task is given once, however often it is asked for", async () => {
    const { market } = await openMarket(engine);
    const person = await join();
    const first = slotIn(await person.assign(market, 2));
    expect(slotIn(await person.assign(market, 2))).toEqual(first);
    expect(await entriesOfKind(database().pool, market, "assigned")).toHaveLength(1);
  });

  it("tells what there is to be done, and its price", async () => {
    const { market } = await openMarket(engine);
    const [offer] = await (await join()).assign(market, 3);
    expect(offer).toMatchObject({
      slot: { task: 3, ordinal: 0 },
      expiresAtMs: time.now + 10 * minuteMs,
      reward: 20_000n,
      task: { externalId: "t3", content: { question: "3?" }, terms: { reward: 20_000n } },
    });
  });

  it("is refused in words where nothing is to be had", async () => {
    const person = await join();
    const none = await openMarket(engine, { tasks: [] });
    await expect(person.assign(none.market)).rejects.toMatchObject({ code: "WORK_NOT_FOUND" });
    const poor = await openMarket(engine, { deposit: 100_001n });
    await expect(person.assign(poor.market)).rejects.toMatchObject({
      code: "ESCROW_INSUFFICIENT",
      context: { needed: "0.0204", free: "0.000001" },
    });
  });
});

describe("a retry", () => {
  it("of an answer that is still held gives the same again", async () => {
    const { market, person, slots } = await withSlots(1, {});
    const first = await person.submit(market, slots[0] as Slot, "a");
    expect(first.submissions[0]).toMatchObject({ state: "held", reward: 0n });
    time.now += minuteMs;
    const again = await person.submit(market, slots[0] as Slot, "a");
    expect(again.submissions).toEqual(first.submissions);
    await expectProven(again.acknowledgement);
    await expect(person.submit(market, slots[0] as Slot, "b")).rejects.toMatchObject({ code: "ANSWER_MISMATCH" });
  });

  it("of a turn gives the same next assignment", async () => {
    const { market } = await openMarket(engine, { spec: single });
    const person = await join();
    const slot = slotIn(await person.assign(market));
    const first = await person.submit(market, slot, "a", 1);
    const again = await person.submit(market, slot, "a", 1);
    expect(again.offers.map((each) => each.slot)).toEqual(first.offers.map((each) => each.slot));
    expect(await entriesOfKind(database().pool, market, "submitted")).toHaveLength(1);
  });

  it("long after the task was finished is answered from what was recorded, with a receipt", async () => {
    const { market, person, slots } = await withSlots(1);
    const [slot] = slots as [Slot];
    const first = await person.submit(market, slot, "a");
    time.now += 40 * 24 * hourMs;
    const again = await person.submit(market, slot, "a");
    expect(again.submissions).toEqual(first.submissions);
    await expectProven(again.acknowledgement);
    const [proven] = again.acknowledgement.entries;
    expect(decodeEntry(proven?.encoded as Uint8Array)).toMatchObject({ kind: "submitted", ...slot });
    const stranger = await join();
    await expect(stranger.submit(market, slot, "a")).rejects.toMatchObject({ code: "SLOT_NOT_FOUND" });
    await expect(person.submit(market, slot, "b")).rejects.toMatchObject({ code: "SLOT_NOT_FOUND" });
  });

  it("of a request of which one task is finished and another is not", async () => {
    const { market, person, slots } = await withSlots(3, {});
    const answers = slots.map((slot) => answer(slot));
    const first = await engine.submit(person.request(market, answers));
    expect(first.submissions.map(({ state }) => state)).toEqual(["held", "held", "held"]);
    const done = slots[0] as Slot;
    for (const other of await signInMany(engine, 2, clock)) {
      await other.submit(market, slotIn(await other.assign(market, done.task)), "a");
    }
    const again = await engine.submit(person.request(market, answers));
    expect(again.submissions.map(({ slot, state, reward }) => [formatSlot(slot), state, reward])).toEqual([
      [formatSlot(done), "accepted", 20_000n],
      ...slots.slice(1).map((slot) => [formatSlot(slot), "held", 0n]),
    ]);
    expect(again.submissions.map(({ sequence }) => sequence)).toEqual(
      first.submissions.map(({ sequence }) => sequence),
    );
    await expectProven(again.acknowledgement);
    const other = answers.map((each, i) => (i === 2 ? answer(each.slot, "b") : each));
    await expect(engine.submit(person.request(market, other))).rejects.toMatchObject({ code: "SLOT_NOT_FOUND" });
  });

  it("of a hundred answers, sent ten times at once, is one piece of work", async () => {
    const { market, person, slots } = await withSlots(100);
    const request = person.request(
      market,
      slots.map((slot) => answer(slot)),
    );
    const turns = await Promise.all(Array.from({ length: 10 }, () => engine.submit(request)));
    for (const turn of turns) expect(turn.submissions).toEqual(turns[0]?.submissions);
    expect(await entriesOfKind(database().pool, market, "submitted")).toHaveLength(100);
    expect((await engine.contributor(person.session)).balances[0]?.released).toBe(2_000_000n);
  });
});

describe("what became of a slot", () => {
  const ofTask = async (market: MarketId, ordinal: number) => await engine.submission(market, { task: 0, ordinal });

  it("is told from the first moment to the last", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(1) });
    await expect(ofTask(market, 0)).rejects.toMatchObject({ code: "SLOT_NOT_FOUND" });
    const people = await signInMany(engine, 3, clock);
    const seen: string[] = [];
    for (const [i, person] of people.entries()) {
      const slot = slotIn(await person.assign(market));
      seen.push((await engine.submission(market, slot)).state);
      await person.submit(market, slot, i === 2 ? "b" : "a");
      seen.push((await engine.submission(market, slot)).state);
    }
    expect(seen).toEqual(["assigned", "held", "assigned", "held", "assigned", "appealable"]);
    expect(await ofTask(market, 0)).toMatchObject({ state: "accepted", reason: "AGREES", reward: 20_000n });
    expect(await ofTask(market, 2)).toMatchObject({ state: "appealable", reason: "DISAGREES", reward: 0n });
    time.now += 2 * hourMs;
    await workThrough(people[0] as TestContributor, market, () => "a");
    expect(await ofTask(market, 0)).toMatchObject({ state: "accepted", reward: 20_000n });
    expect(await ofTask(market, 2)).toMatchObject({ state: "rejected", reward: 0n });
  });
});

describe("an appeal", () => {
  it("is for the one who was rejected, once", async () => {
    const appeal = { windowMs: hourMs, budget: amount(100_000n), panel: 1, cost: zero };
    const { market } = await openMarket(engine, { spec: { appeal }, tasks: manyTasks(1) });
    const people = await signInMany(engine, 3, clock);
    for (const [i, person] of people.entries()) {
      await person.submit(market, slotIn(await person.assign(market)), i === 2 ? "b" : "a");
    }
    const [paid, , lost] = people as [TestContributor, TestContributor, TestContributor];
    await expect(engine.appeal(paid.session, market, { task: 0, ordinal: 2 })).rejects.toMatchObject({
      code: "OWNER_MISMATCH",
    });
    await expect(engine.appeal(paid.session, market, { task: 0, ordinal: 0 })).rejects.toMatchObject({
      code: "APPEAL_STATE",
    });
    expect(await engine.appeal(lost.session, market, { task: 0, ordinal: 2 })).toMatchObject({ state: "appealed" });
    await expect(engine.appeal(lost.session, market, { task: 0, ordinal: 2 })).rejects.toMatchObject({
      code: "APPEAL_STATE",
    });
  });
});

describe("a contributor's verdicts", () => {
  it("come newest first, page by page, each once", async () => {
    const { market, person, slots } = await withSlots(7);
    for (const slot of slots) {
      time.now += 1_000;
      await person.submit(market, slot, "a");
    }
    // Several of one moment, in another market.
    const other = await openMarket(engine, { spec: single, tasks: manyTasks(5) });
    const offers = await person.assign(other.market, null, 5);
    await engine.submit(
      person.request(
        other.market,
        offers.map(({ slot }) => answer(slot)),
      ),
    );
    const seen: string[] = [];
    const times: number[] = [];
    for (let after: string | null = null; ; ) {
      const page: Awaited<ReturnType<Engine["listVerdicts"]>> = await engine.listVerdicts(person.session, after, 3);
      seen.push(...page.items.map((each) => `${each.market} ${formatSlot(each.slot)}`));
      times.push(...page.items.map(({ decidedAtMs }) => decidedAtMs));
      after = page.next;
      if (after === null) break;
      expect(page.items).toHaveLength(3);
      // What arrives meanwhile is newer than all of it, and pushes nothing to another page.
      time.now += 1_000;
      if (seen.length === 3) await workThrough(person, (await openMarket(engine, { spec: single })).market, () => "a");
    }
    expect(seen).toHaveLength(12);
    expect(new Set(seen).size).toBe(12);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect((await engine.listVerdicts(person.session, null, 100)).items).toHaveLength(16);
  });

  it("are there also where another process's clock is ahead", async () => {
    const ahead = await createEngine(testContext(database().pool, offlineRail, { clock: () => time.now + minuteMs }));
    const { market, person, slots } = await withSlots(1);
    await ahead.submit(person.request(market, [answer(slots[0] as Slot)]));
    expect((await engine.listVerdicts(person.session, null, 10)).items).toHaveLength(1);
    await ahead.close();
  });

  it.each(["", "x", "1.2", "1.zz.0.0.0", `${"9".repeat(20)}.${"0".repeat(32)}.0.0.0`])(
    "are refused after %j",
    async (after) => {
      const person = await join();
      await expect(engine.listVerdicts(person.session, after, 3)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
    },
  );
});

describe("a contributor", () => {
  it("sees what it earned, and what of it is in reserve", async () => {
    const { market, person, slots } = await withSlots(3);
    await engine.setReserve(person.session, market, amount(30_000n));
    await engine.submit(
      person.request(
        market,
        slots.map((slot) => answer(slot)),
      ),
    );
    const view = await engine.contributor(person.session);
    expect(view).toMatchObject({
      contributor: person.session.contributor,
      automated: false,
      balances: [{ released: 30_000n, held: 30_000n, settled: 0n }],
    });
    await engine.setReserve(person.session, market, zero);
    expect((await engine.contributor(person.session)).balances[0]).toMatchObject({ released: 60_000n, held: 0n });
  });

  it("who never worked there has no reserve to set", async () => {
    const { market } = await openMarket(engine);
    await expect(engine.setReserve((await join()).session, market, amount(1n))).rejects.toMatchObject({
      code: "CONTRIBUTOR_NOT_FOUND",
    });
  });
});
