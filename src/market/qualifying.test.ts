import { describe, expect, it } from "vitest";
import { commands, openLane, specWith, type TestLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { toUtf8, zero32 } from "../core/bytes.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { EntryOf, LogRecord } from "./entries.ts";
import {
  answersCommitment,
  gradeTest,
  isScore,
  questionsHash,
  type SealedTest,
  scorePpm,
  sealTest,
  testLimits,
} from "./qualifying.ts";
import { Replay } from "./replay.ts";
import { decodeState, encodeState, stateHash } from "./snapshot.ts";
import { dayMs } from "./spec.ts";
import { emptyLaneState } from "./state.ts";

/** Four questions; the right answers are the second of two, and the third of three. */
const sealed: SealedTest = {
  questions: [
    { content: "2 + 2?", choices: ["3", "4"] },
    { content: { image: "cat.png" }, choices: ["dog", "cat"] },
    { content: "3 + 3?", choices: ["4", "5", "6"] },
    { content: null, choices: ["no", "yes"] },
  ],
  answers: [1, 1, 2, 1],
  salt: named("salt"),
};

const entryOf = (
  test: SealedTest,
  changes: Partial<EntryOf<"testAdded">> = {},
): Omit<EntryOf<"testAdded">, "kind"> => ({
  name: "reading",
  questions: questionsHash(sha256, test.questions),
  count: test.questions.length,
  passPpm: 750_000,
  validMs: 7 * dayMs,
  answers: answersCommitment(sha256, test),
  ...changes,
});

const added = (test = sealed, changes: Partial<EntryOf<"testAdded">> = {}, attachment = sealTest(test)) =>
  commands.input("testAdded", entryOf(test, changes), attachment);

const scored = (lane: TestLane, contributor: number, value: number, changes: Partial<EntryOf<"qualified">> = {}) =>
  commands.input("qualified", {
    contributor,
    name: "reading",
    value,
    expiresAtMs: lane.timeMs + 7 * dayMs,
    by: "test",
    ...changes,
  });

const gated = { terms: { eligibility: [{ type: "qualification" as const, name: "reading", min: 750_000 }] } };

describe("a qualification test", () => {
  it("is graded by the share of right answers", () => {
    expect(gradeTest(sealed, ["4", "cat", "6", "yes"])).toBe(1_000_000);
    expect(gradeTest(sealed, ["4", "cat", "5", "yes"])).toBe(750_000);
    expect(gradeTest(sealed, ["3", "dog", "4", "no"])).toBe(0);
    expect([scorePpm(1, 3), scorePpm(2, 3), scorePpm(3, 3)]).toEqual([333_333, 666_666, 1_000_000]);
    expect([0, 333_333, 666_666, 1_000_000, 500_000, 333_334].map((value) => isScore(value, 3))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([[[]], [["4", "cat", "6"]], [["4", "cat", "6", "yes", "yes"]], [["4", "cat", "6", "maybe"]]])(
    "takes one answer to each question, not %j",
    (given) => {
      expect(() => gradeTest(sealed, given)).toThrow(expect.objectContaining({ code: "MALFORMED_ANSWER" }));
    },
  );

  it("shows its questions by a hash and hides its answers behind a salt", () => {
    const other = { ...sealed, answers: [0, 0, 0, 0] };
    expect(questionsHash(sha256, other.questions)).toEqual(questionsHash(sha256, sealed.questions));
    expect(answersCommitment(sha256, other)).not.toEqual(answersCommitment(sha256, sealed));
    expect(answersCommitment(sha256, { ...sealed, salt: zero32 })).not.toEqual(answersCommitment(sha256, sealed));
  });

  it("stands in the state when it was added, and is replaced by one of the same name", () => {
    const lane = openLane();
    lane.do(added());
    expect(lane.state.tests.get("reading")).toMatchObject({ count: 4, passPpm: 750_000, sequence: lane.log.length });
    lane.do(added({ ...sealed, salt: named("other") }, { passPpm: 500_000 }));
    expect(lane.state.tests.size).toBe(1);
    expect(lane.state.tests.get("reading")).toMatchObject({ passPpm: 500_000 });
    lane.do(added(sealed, { name: "writing" }));
    expect([...lane.state.tests.keys()]).toEqual(["reading", "writing"]);
  });

  const withText = (json: Json): Uint8Array => toUtf8(canonicalJson(json));
  it.each<[string, ReturnType<typeof added>]>([
    ["without a name", added(sealed, { name: "" })],
    ["with too long a name", added(sealed, { name: "x".repeat(65) })],
    ["with a share above one", added(sealed, { passPpm: 1_000_001 })],
    ["that is valid for less than a day", added(sealed, { validMs: dayMs - 1 })],
    ["that is valid for more than a year", added(sealed, { validMs: 366 * dayMs + 1 })],
    ["whose count is another", added(sealed, { count: 5 })],
    ["whose answers were exchanged", added(sealed, {}, sealTest({ ...sealed, answers: [0, 1, 2, 1] }))],
    ["whose salt was exchanged", added(sealed, {}, sealTest({ ...sealed, salt: zero32 }))],
    [
      "whose questions were exchanged",
      added(sealed, {}, sealTest({ ...sealed, questions: sealed.questions.toReversed() })),
    ],
    ["with no questions", added({ ...sealed, questions: [], answers: [] })],
    ["with an answer that is no choice", added({ ...sealed, answers: [2, 1, 2, 1] })],
    ["with an answer too few", added({ ...sealed, answers: [1, 1, 2] })],
    ["with one choice", added({ ...sealed, questions: [{ content: 1, choices: ["a"] }], answers: [0] })],
    ["with a choice twice", added({ ...sealed, questions: [{ content: 1, choices: ["a", "a"] }], answers: [0] })],
    ["that is no JSON", added(sealed, {}, toUtf8("{"))],
    ["that is null", added(sealed, {}, toUtf8("null"))],
    ["of another shape", added(sealed, {}, withText({ questions: 1, answers: 2, salt: 3 }))],
    ["that is not canonical", added(sealed, {}, toUtf8(`${new TextDecoder().decode(sealTest(sealed))} `))],
    ["that is too large", added(sealed, {}, new Uint8Array(testLimits.bytes + 1))],
  ])("is refused %s", (_, command) => {
    const lane = openLane();
    lane.refuse(command);
    expect(lane.state.tests.size).toBe(0);
  });

  it("does not come without its sealed part", () => {
    const lane = openLane();
    expect(() => lane.do(commands.input("testAdded", entryOf(sealed), null))).toThrow(/attachment/);
    expect(lane.state.tests.size).toBe(0);
  });

  it("is refused where a market has a hundred, or is closing", () => {
    const lane = openLane();
    for (let i = 0; i < 100; i++) lane.do(added(sealed, { name: `test ${i}` }));
    lane.refuse(added(sealed, { name: "one more" }), "LIMIT_EXCEEDED");
    lane.do(added(sealed, { name: "test 7" }));
    lane.do(commands.input("closing", {}));
    lane.refuse(added(sealed, { name: "test 7" }), "MARKET_STATE");
  });
});

describe("a score", () => {
  function tested(): TestLane {
    const lane = openLane({ spec: gated });
    lane.do(added());
    return lane;
  }

  it("lets in whoever has enough of it, until it expires", () => {
    const lane = tested();
    lane.refuse(commands.assign(1, 0), "NOT_ELIGIBLE");
    lane.do(scored(lane, 1, 750_000));
    lane.take(1, 0);
    lane.do(scored(lane, 2, 500_000));
    lane.refuse(commands.assign(2, 0), "NOT_ELIGIBLE");
    lane.wait(7 * dayMs);
    lane.refuse(commands.assign(1, 1), "NOT_ELIGIBLE");
  });

  it("stands: there is no second attempt before it expires, right or wrong", () => {
    const lane = tested();
    for (const [contributor, value] of [
      [1, 0],
      [2, 1_000_000],
    ] as const) {
      lane.do(scored(lane, contributor, value));
      for (const again of [0, 250_000, 1_000_000]) lane.refuse(scored(lane, contributor, again), "TEST_STATE");
    }
    lane.wait(7 * dayMs - 1);
    lane.refuse(scored(lane, 1, 1_000_000), "TEST_STATE");
    lane.wait(1);
    lane.do(scored(lane, 1, 1_000_000));
    lane.take(1, 0);
  });

  it("is one for all the keys of an owner", () => {
    const lane = tested();
    lane.do(commands.joined(20, "somebody"));
    lane.do(commands.joined(21, "somebody"));
    lane.do(scored(lane, 20, 0));
    lane.refuse(scored(lane, 21, 1_000_000), "TEST_STATE");
  });

  it("stands also where the requester gives or takes the qualification meanwhile", () => {
    const lane = tested();
    lane.do(scored(lane, 1, 0));
    lane.do(scored(lane, 1, 1_000_000, { by: "requester", expiresAtMs: 0 }));
    lane.take(1, 0);
    lane.do(scored(lane, 1, 0, { by: "requester", expiresAtMs: 0 }));
    lane.refuse(scored(lane, 1, 1_000_000), "TEST_STATE");
  });

  it("of one test says nothing of another", () => {
    const lane = tested();
    lane.do(added(sealed, { name: "writing" }));
    lane.do(scored(lane, 1, 0));
    lane.do(scored(lane, 1, 1_000_000, { name: "writing" }));
  });

  it("stands also where the test is replaced", () => {
    const lane = tested();
    lane.do(scored(lane, 1, 0));
    lane.do(added({ ...sealed, salt: named("other") }));
    lane.refuse(scored(lane, 1, 1_000_000), "TEST_STATE");
  });

  it("is one that the test can give, for as long as it says", () => {
    const lane = tested();
    lane.refuse(scored(lane, 1, 700_000), "MALFORMED_REQUEST");
    lane.refuse(scored(lane, 1, 1_250_000), "MALFORMED_REQUEST");
    lane.refuse(scored(lane, 1, 750_000, { expiresAtMs: 0 }), "MALFORMED_REQUEST");
    lane.refuse(scored(lane, 1, 750_000, { expiresAtMs: lane.timeMs + 7 * dayMs + 1 }), "MALFORMED_REQUEST");
    lane.refuse(scored(lane, 1, 750_000, { name: "writing" }), "TEST_NOT_FOUND");
    lane.refuse(scored(lane, 99, 750_000), "CONTRIBUTOR_NOT_FOUND");
  });
});

describe("a log with tests", () => {
  function worked(): TestLane {
    const lane = openLane({ spec: gated });
    lane.do(added());
    lane.do(scored(lane, 1, 750_000));
    lane.do(scored(lane, 2, 0));
    lane.answer(1, 0, "yes");
    lane.wait(8 * dayMs);
    lane.do(scored(lane, 2, 1_000_000));
    lane.answer(2, 0, "yes");
    return lane;
  }
  const records = (lane: TestLane): LogRecord[] => lane.log.map(({ entry, attachment }) => ({ entry, attachment }));

  it("replays to the same state, and so does a checkpoint of it", () => {
    const lane = worked();
    const replay = new Replay(emptyLaneState(), sha256);
    replay.feed(records(lane));
    replay.end();
    expect(stateHash(sha256, replay.state)).toEqual(stateHash(sha256, lane.state));
    const again = decodeState(encodeState(lane.state));
    expect(again.tests).toEqual(lane.state.tests);
    expect(again.members.get(2)?.attempts).toEqual(new Map([["reading", lane.timeMs + 7 * dayMs]]));
    expect(stateHash(sha256, again)).toEqual(stateHash(sha256, lane.state));
  });

  it("does not replay where the answers were changed afterwards, or an attempt was slipped in", () => {
    const lane = worked();
    const changed = records(lane).map((record) =>
      record.entry.kind === "testAdded"
        ? { ...record, attachment: sealTest({ ...sealed, answers: [0, 1, 2, 1] }) }
        : record,
    );
    expect(() => new Replay(emptyLaneState(), sha256).feed(changed)).toThrow(
      expect.objectContaining({ code: "REPLAY_MISMATCH" }),
    );
    const twice = records(lane).flatMap((record) => (record.entry.kind === "qualified" ? [record, record] : [record]));
    expect(() => new Replay(emptyLaneState(), sha256).feed(twice)).toThrow(/the score still stands/);
  });

  it("has the market's terms as they were", () => {
    expect(worked().state.spec).toEqual(specWith(gated));
  });
});
