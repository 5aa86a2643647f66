import { beforeAll, describe, expect, it } from "vitest";
import { changeEntries } from "../../test/support/damage.ts";
import { TestContributor } from "../../test/support/engine.ts";
import {
  entriesOfKind,
  manyTasks,
  openMarket,
  replayed,
  signInMany,
  single,
  storedEntries,
} from "../../test/support/engine-world.ts";
import { useTestEngine } from "../../test/support/used-engine.ts";
import { type Bytes32, bytes32, fromUtf8 } from "../core/bytes.ts";
import { marketId, marketIdToBytes } from "../core/market-id.ts";
import { randomFill, sha256, signerFromSeed } from "../main/crypto.ts";
import { decodeEntry } from "../market/entries.ts";
import { questionsHash } from "../market/qualifying.ts";
import { stateHash } from "../market/snapshot.ts";
import { dayMs } from "../market/spec.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { createIdempotency } from "./idempotency.ts";
import { Lanes } from "./lanes.ts";
import type { NewTest } from "./types.ts";

const used = useTestEngine();
const { pool, time, clock, context } = used;
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

const reading: NewTest = {
  questions: [
    { content: "2 + 2?", choices: ["3", "4"], answer: "4" },
    { content: { text: "Which is a cat?" }, choices: ["dog", "cat", "cow"], answer: "cat" },
    { content: "3 + 3?", choices: ["6", "7"], answer: "6" },
    { content: null, choices: ["yes", "no"], answer: "no" },
  ],
  passPpm: 750_000,
  validMs: 7 * dayMs,
};
const right = ["4", "cat", "6", "no"];
const almost = ["4", "cat", "6", "yes"];
const wrong = ["3", "dog", "7", "yes"];

const gated = {
  terms: { ...single.terms, eligibility: [{ type: "qualification" as const, name: "reading", min: 750_000 }] },
};

async function testedMarket() {
  const { owner, market } = await openMarket(engine, { spec: gated, tasks: manyTasks(6) });
  await engine.putTest(owner, market, "reading", reading);
  return { owner, market };
}

const join = (): Promise<TestContributor> => TestContributor.signIn(engine, undefined, clock);

describe("a qualification test", () => {
  it("is shown without its answers", async () => {
    const { market } = await testedMarket();
    const [added] = await entriesOfKind(pool(), market, "testAdded");
    const view = await engine.test(market, "reading");
    expect(view).toEqual({
      name: "reading",
      questions: reading.questions.map(({ content, choices }) => ({ content, choices })),
      passPpm: 750_000,
      validMs: 7 * dayMs,
      sequence: expect.any(Number) as number,
    });
    expect(await engine.listTests(market)).toEqual([view]);
    // What is shown is what the log commits to.
    expect(questionsHash(sha256, view.questions)).toEqual(added?.questions);
  });

  it("keeps its answers out of events and the log", async () => {
    const { market } = await testedMarket();
    const { records } = await engine.log(market, 0, 1, 1_000);
    for (const { attachment } of records) expect(attachment).toBeNull();
    const sealed = (await storedEntries(pool(), market)).filter(
      ({ encoded }) => decodeEntry(encoded).kind === "testAdded",
    );
    expect(sealed.map(({ attachment }) => fromUtf8(attachment as Uint8Array))).toEqual([
      expect.stringContaining('"answers":[1,1,0,1]'),
    ]);
    const abort = new AbortController();
    for await (const event of engine.events(market, 0, abort.signal)) {
      expect(JSON.stringify(event)).not.toContain("cow");
      if (event.kind === "testAdded") abort.abort();
    }
  });

  it("put again is the same, and put otherwise another", async () => {
    const { owner, market } = await testedMarket();
    const first = await engine.test(market, "reading");
    expect(await engine.putTest(owner, market, "reading", reading)).toEqual(first);
    const changed = [
      { ...reading, passPpm: 500_000 },
      { ...reading, passPpm: 500_000, validMs: 8 * dayMs },
      { ...reading, questions: reading.questions.slice(1) },
      // The same questions, another key.
      { ...reading, questions: reading.questions.map((each, i) => (i === 0 ? { ...each, answer: "3" } : each)) },
    ];
    let sequence = first.sequence;
    for (const each of changed) {
      const view = await engine.putTest(owner, market, "reading", each);
      expect(view.sequence).toBeGreaterThan(sequence);
      sequence = view.sequence;
    }
    expect(await engine.listTests(market)).toHaveLength(1);
  });

  it("is the requester's to put, in a market that there is", async () => {
    const { market } = await testedMarket();
    const stranger = bytes32(randomFill(32));
    await expect(engine.putTest(stranger, market, "reading", reading)).rejects.toMatchObject({
      code: "OWNER_MISMATCH",
    });
    const nowhere = marketId("e".repeat(32));
    const person = await join();
    const attempts: (() => Promise<unknown>)[] = [
      () => engine.putTest(stranger, nowhere, "reading", reading),
      () => engine.listTests(nowhere),
      () => engine.test(nowhere, "reading"),
      () => engine.takeTest(person.session, nowhere, "reading", right),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
    await expect(engine.test(market, "writing")).rejects.toMatchObject({ code: "TEST_NOT_FOUND" });
  });

  it("has answers that are among the choices, and bounds", async () => {
    const { owner, market } = await openMarket(engine);
    const put = (test: Partial<NewTest>, name = "reading") =>
      engine.putTest(owner, market, name, { ...reading, ...test });
    const question = { content: 1, choices: ["a", "b"], answer: "a" };
    await expect(put({ questions: [{ ...question, answer: "c" }] })).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
    await expect(put({ questions: [] })).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
    await expect(put({ questions: [{ ...question, choices: ["a", "a"] }] })).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
    await expect(put({ questions: [{ ...question, content: "x".repeat(300_000) }] })).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    await expect(put({ validMs: 1 })).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
    await expect(put({}, "x".repeat(65))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await engine.listTests(market)).toEqual([]);
  });
});

describe("taking a test", () => {
  it("scores it, and lets in whoever has enough", async () => {
    const { market } = await testedMarket();
    const [good, poor] = (await signInMany(engine, 2, clock)) as [TestContributor, TestContributor];
    await expect(good.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
    expect(await engine.takeTest(good.session, market, "reading", almost)).toEqual({
      scorePpm: 750_000,
      isPassed: true,
      expiresAtMs: time.now + 7 * dayMs,
    });
    expect(await engine.takeTest(poor.session, market, "reading", wrong)).toMatchObject({
      scorePpm: 0,
      isPassed: false,
    });
    expect(await good.assign(market)).toHaveLength(1);
    await expect(poor.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
    expect(await entriesOfKind(pool(), market, "qualified")).toMatchObject([
      { contributor: good.session.contributor, name: "reading", value: 750_000, by: "test" },
      { contributor: poor.session.contributor, name: "reading", value: 0, by: "test" },
    ]);
    expect(await engine.score(good.session, market, "reading")).toMatchObject({ scorePpm: 750_000, isPassed: true });
  });

  it("is not for trying out: one attempt while its score stands", async () => {
    const { owner, market } = await testedMarket();
    const person = await join();
    const guesses = Array.from({ length: 24 }, (_, i) => [
      i % 2 === 0 ? "3" : "4",
      ["dog", "cat", "cow"][Math.floor(i / 2) % 3] as string,
      "6",
      i < 12 ? "yes" : "no",
    ]);
    const results = await Promise.allSettled(
      guesses.map((guess) => engine.takeTest(person.session, market, "reading", guess)),
    );
    const taken = results.filter(({ status }) => status === "fulfilled");
    expect(taken).toHaveLength(1);
    for (const each of results) {
      if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "TEST_STATE" });
    }
    const other = await createEngine(context());
    await expect(other.takeTest(person.session, market, "reading", right)).rejects.toMatchObject({
      code: "TEST_STATE",
    });
    await other.close();
    // Neither another version of the test nor a grant is a way round.
    await engine.putTest(owner, market, "reading", { ...reading, passPpm: 1_000_000 });
    await engine.qualify(owner, market, person.session.key, { name: "reading", value: 0, expiresAtMs: null });
    await expect(engine.takeTest(person.session, market, "reading", right)).rejects.toMatchObject({
      code: "TEST_STATE",
    });
    time.now += 7 * dayMs;
    expect(await engine.takeTest(person.session, market, "reading", right)).toMatchObject({ scorePpm: 1_000_000 });
  });

  it("does not count where the answers have another shape", async () => {
    const { market } = await testedMarket();
    const person = await join();
    for (const answers of [[], ["4"], [...right, "no"], ["4", "cat", "6", "perhaps"]]) {
      await expect(engine.takeTest(person.session, market, "reading", answers)).rejects.toMatchObject({
        code: "MALFORMED_ANSWER",
      });
    }
    await expect(engine.takeTest(person.session, market, "writing", right)).rejects.toMatchObject({
      code: "TEST_NOT_FOUND",
    });
    await expect(engine.score(person.session, market, "reading")).rejects.toMatchObject({ code: "TEST_NOT_FOUND" });
    expect(await engine.takeTest(person.session, market, "reading", right)).toMatchObject({ isPassed: true });
  });

  it("is not for the requester", async () => {
    const seed = randomFill(32);
    const owner: Bytes32 = signerFromSeed(seed).publicKey;
    const { market } = await openMarket(engine, { owner });
    await engine.putTest(owner, market, "reading", reading);
    const requester = await TestContributor.signIn(engine, seed, clock);
    await expect(engine.takeTest(requester.session, market, "reading", right)).rejects.toMatchObject({
      code: "OWN_MARKET_WORK",
    });
  });

  it("is done once under its key", async () => {
    const { market } = await testedMarket();
    const person = await join();
    const keys = createIdempotency(context());
    const once = () => keys.once(person.session.key, "attempt", new Uint8Array(32));
    await engine.takeTest(person.session, market, "reading", almost, once());
    await expect(engine.takeTest(person.session, market, "reading", right, once())).rejects.toMatchObject({
      name: "KeyClaimed",
    });
    expect(await entriesOfKind(pool(), market, "qualified")).toHaveLength(1);
  });
});

describe("a log with tests", () => {
  it("replays, and a fresh process has the same", async () => {
    const { market } = await testedMarket();
    for (const [i, person] of (await signInMany(engine, 3, clock)).entries()) {
      await engine.takeTest(person.session, market, "reading", i === 0 ? wrong : right);
      if (i > 0) await person.assign(market);
    }
    const state = await replayed(pool(), market);
    const live = await new Lanes(context()).get(market).read((each) => stateHash(sha256, each));
    expect(stateHash(sha256, state)).toEqual(live);
  });

  it("does not replay where the sealed answers were exchanged, nor does the server use such", async () => {
    const { market } = await testedMarket();
    const exchanged = `${changeEntries({
      attachment: `convert_to(replace(convert_from(attachment, 'utf8'),
      '"answers":[1,1,0,1]', '"answers":[0,0,1,0]'), 'utf8')`,
    })} where market = $1`;
    await pool().query(exchanged, [marketIdToBytes(market)]);
    await expect(replayed(pool(), market)).rejects.toMatchObject({ code: "REPLAY_MISMATCH" });
    const person = await join();
    await expect(engine.takeTest(person.session, market, "reading", wrong)).rejects.toMatchObject({
      code: "MALFORMED_REQUEST",
    });
    expect(await entriesOfKind(pool(), market, "qualified")).toEqual([]);
  });
});
