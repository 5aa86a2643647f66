import { describe, expect, it } from "vitest";
import { bodyFields, commands, controlFor, openLane, TestLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { equalBytes, toUtf8 } from "../core/bytes.ts";
import { type EarnestError, isEarnestError } from "../core/errors.ts";
import { taggedHash, tags } from "../core/hash.ts";
import { type Slot, slotOfKey } from "../core/slot.ts";
import { bodyBytesMax, readBody } from "./body.ts";
import { decide, type Outcome } from "./decide.ts";
import { changedMembers } from "./draft.ts";
import { fillFirst } from "./propose.ts";
import { decodeState, encodeState } from "./snapshot.ts";

const adaptive = { overlap: { min: 2, max: 5, targetPpm: 800_000 } };
const single = { overlap: { min: 1, max: 1, targetPpm: 0 } };

describe("a retry", () => {
  it("of slot and body returns the same outcome and offers, and appends nothing", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    const command = commands.submit(1, [{ slot: lane.take(1, 0), answer: "yes" }], lane.timeMs, 1);
    const first = lane.do(command);
    expect(first.offers).toHaveLength(1);
    const size = lane.log.length;
    lane.timeMs += 50;
    const again = lane.do(command);
    expect(again.slots).toEqual(first.slots);
    expect(again.offers).toEqual(first.offers);
    expect(again.to).toBe(again.from - 1);
    expect(lane.log.length).toBe(size);
  });

  it("after a crash finds the same in the state that was stored", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    const command = commands.submit(1, [{ slot: lane.take(1, 0), answer: "yes" }], lane.timeMs, 1);
    const first = lane.do(command);
    const restarted = new TestLane(fillFirst, decodeState(encodeState(lane.state)));
    expect(restarted.do(command)).toMatchObject({ slots: first.slots, offers: first.offers });
  });

  it("later in the same batch is a retry as well", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    const command = commands.submit(1, [{ slot: lane.take(1, 0), answer: "yes" }], lane.timeMs, 1);
    const [first, again] = lane.batch([command, command]) as readonly [Outcome, Outcome];
    expect(again.slots).toEqual(first.slots);
    expect(again.offers).toEqual(first.offers);
  });

  it("shows what has become of the submission meanwhile", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    lane.take(3, 0);
    const command = commands.submit(1, [{ slot: lane.take(1, 0), answer: "yes" }], lane.timeMs);
    expect(lane.do(command).slots[0]?.state).toBe("held");
    lane.answer(2, 0, "yes");
    expect(lane.do(command).slots[0]).toMatchObject({ state: "accepted", reward: 1_000n });
  });

  it("with another body is refused: a submission is immutable", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    const { slot } = lane.answer(1, 0, "yes");
    lane.refuse(commands.submit(1, [{ slot, answer: "no" }], lane.timeMs), "ANSWER_MISMATCH");
  });

  it("of a part of a request with something new in it is refused whole", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    const { slot } = lane.answer(1, 0, "yes");
    const fresh = lane.take(1, 1);
    lane.refuse(
      commands.submit(
        1,
        [
          { slot, answer: "yes" },
          { slot: fresh, answer: "yes" },
        ],
        lane.timeMs,
      ),
      "SLOT_STATE",
    );
  });
});

describe("a request", () => {
  it("carries twenty submissions under one signature, and as many next assignments", () => {
    const lane = openLane({ tasks: 60, spec: { terms: single } });
    const offers = lane.do(commands.assign(1, null, 20)).offers;
    expect(offers.map(({ slot }) => slot.task)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    const size = lane.log.length;
    const submissions = offers.map(({ slot }) => ({ slot, answer: "yes" }));
    const outcome = lane.do(commands.submit(1, submissions, lane.timeMs, 20));
    expect(outcome.slots.every(({ state }) => state === "accepted")).toBe(true);
    expect(outcome.offers.map(({ slot }) => slot.task)).toEqual(Array.from({ length: 20 }, (_, i) => 20 + i));
    // authorised and signed, then for each a turn and its verdict
    expect(lane.log.length - size).toBe(2 + 2 * 20);
    expect(lane.earned(1)).toBe(20_000n);
    expect(lane.member(1)).toMatchObject({ signedLeft: 0, slotsTaken: 40 });
    expect(lane.member(1).open).toHaveLength(20);
  });

  it("is admitted whole or not at all", () => {
    const lane = openLane({ spec: { terms: single } });
    const [first, second] = lane.do(commands.assign(1, null, 2)).offers;
    const submissions = [
      { slot: (first as NonNullable<typeof first>).slot, answer: "yes" },
      { slot: (second as NonNullable<typeof second>).slot, answer: "maybe" },
    ];
    lane.refuse(commands.submit(1, submissions, lane.timeMs), "MALFORMED_ANSWER");
    expect(lane.entries("signed")).toEqual([]);
    expect(lane.member(1)).toMatchObject({ signedLeft: 0 });
    expect(lane.earned(1)).toBe(0n);
  });

  it("names no slot twice", () => {
    const lane = openLane();
    const slot = lane.take(1, 0);
    lane.refuse(
      commands.submit(
        1,
        [
          { slot, answer: "yes" },
          { slot, answer: "yes" },
        ],
        lane.timeMs,
      ),
      "SLOT_STATE",
    );
  });

  it("has at most a hundred submissions", () => {
    const lane = openLane({ tasks: 250, spec: { terms: single } });
    const offers = lane.do(commands.assign(1, null, 300)).offers;
    expect(offers).toHaveLength(100);
    lane.refuse(commands.assign(1, 150), "LIMIT_EXCEEDED");
    lane.do(
      commands.submit(
        1,
        offers.map(({ slot }) => ({ slot, answer: "yes" })),
        lane.timeMs,
        100,
      ),
    );
    const more = lane.member(1).open.map(slotOfKey);
    const submissions = [...more, { task: 240, ordinal: 0 }].map((slot) => ({ slot, answer: "yes" }));
    lane.refuse(commands.submit(1, submissions, lane.timeMs));
  });

  it.each([
    ["a slot that was never given", { task: 3, ordinal: 0 }, 1, "SLOT_NOT_FOUND"],
    ["a task that is not there", { task: 99, ordinal: 0 }, 1, "SLOT_NOT_FOUND"],
    ["somebody else's slot", { task: 0, ordinal: 0 }, 2, "OWNER_MISMATCH"],
  ] as const)("cannot answer %s", (_, slot, contributor, code) => {
    const lane = openLane();
    lane.take(1, 0);
    lane.refuse(commands.submit(contributor, [{ slot, answer: "yes" }], lane.timeMs), code);
  });

  it("must hold bodies that fit their hashes", () => {
    const lane = openLane();
    const slot = lane.take(1, 0);
    const command = commands.submit(1, [{ slot, answer: "yes" }], lane.timeMs);
    if (command.type !== "submit") throw new Error("not a submission");
    const lie = { slot, body: bodyFields("yes").body, bodyHash: bodyFields("no").bodyHash };
    lane.refuse({ ...command, submissions: [lie] }, "MALFORMED_REQUEST");
  });
});

describe("a turn", () => {
  it("of many slots comes upon control tasks at their turn, as one slot after another would", () => {
    const controls = [30, 31, 32, 33, 34, 35].map((task) => controlFor(task, 0));
    const places = (taken: readonly Slot[]) => taken.flatMap(({ task }, place) => (task >= 30 ? [place] : []));
    const lane = openLane({ tasks: 36, controls });
    const taken = lane.do(commands.assign(1, null, 12)).offers.map(({ slot }) => slot);
    expect(places(taken)).toEqual([1, 9]);
    const answers = taken.map((slot) => ({ slot, answer: "yes" }));
    const next = lane.do(commands.submit(1, answers, lane.timeMs, 12)).offers.map(({ slot }) => slot);
    expect(places([...taken, ...next])).toEqual([1, 9, 17]);
  });

  it("carries the next assignment in the submission's own entry", () => {
    const lane = openLane({ spec: { terms: single } });
    const outcome = lane.do(commands.submit(1, [{ slot: lane.take(1, 0), answer: "yes" }], lane.timeMs, 1));
    expect(outcome.offers).toMatchObject([{ slot: { task: 1, ordinal: 0 }, terms: { reward: 1_000n } }]);
    expect(lane.entries("assigned")).toHaveLength(1);
    expect(lane.entries("submitted")[0]?.next).toMatchObject({ task: 1, ordinal: 0 });
  });

  it("finds started tasks behind any number of control tasks", () => {
    const controls = Array.from({ length: 80 }, (_, task) => controlFor(task, 0));
    const lane = openLane({ tasks: 100, controls, deposit: 10_000_000n, members: 3, spec: { terms: adaptive } });
    for (const { task } of controls) lane.answer(1, task, "yes");
    for (const { task } of controls) lane.answer(2, task, "yes");
    lane.answer(1, 90, "yes");
    expect(lane.do(commands.assign(2, null)).offers[0]?.slot).toEqual({ task: 90, ordinal: 1 });
  });

  it("ends where there is no more work", () => {
    const lane = openLane({ tasks: 1, spec: { terms: single } });
    const outcome = lane.do(commands.submit(1, [{ slot: lane.take(1, 0), answer: "yes" }], lane.timeMs, 1));
    expect(outcome.offers).toEqual([]);
    lane.refuse(commands.assign(1, null), "WORK_NOT_FOUND");
  });

  it("gives no more than is asked for", () => {
    const lane = openLane({ spec: { terms: single } });
    const submissions = lane.do(commands.assign(1, null, 3)).offers.map(({ slot }) => ({ slot, answer: "yes" }));
    expect(lane.do(commands.submit(1, submissions, lane.timeMs, 2)).offers).toHaveLength(2);
  });

  it("finishes what was started before it begins something new", () => {
    const lane = openLane({ spec: { terms: adaptive } });
    lane.answer(1, 4, "yes");
    expect(lane.do(commands.assign(2, null)).offers[0]?.slot).toEqual({ task: 4, ordinal: 1 });
    // Two are enough, if they agree: nobody else is asked before that is known.
    expect(lane.do(commands.assign(3, null)).offers[0]?.slot).toEqual({ task: 0, ordinal: 0 });
    lane.submit(2, { task: 4, ordinal: 1 }, "no");
    expect(lane.do(commands.assign(4, null)).offers[0]?.slot).toEqual({ task: 4, ordinal: 2 });
  });
});

describe("a batch", () => {
  it("decides its commands in order; one that is refused does not disturb the others", () => {
    const lane = openLane({ spec: { terms: single } });
    const outcomes = lane.batch([
      commands.assign(1, 0),
      commands.assign(2, 0),
      commands.submit(1, [{ slot: { task: 0, ordinal: 0 }, answer: "yes" }], lane.timeMs),
      commands.assign(99, 1),
    ]);
    expect(outcomes.map((each) => (isEarnestError(each) ? each.code : "done"))).toEqual([
      "done",
      "OVERLAP_EXCEEDED",
      "done",
      "CONTRIBUTOR_NOT_FOUND",
    ]);
    expect((outcomes[1] as EarnestError).kind).toBe("conflict");
    expect(lane.earned(1)).toBe(1_000n);
  });

  it("tells which members' rows it changed", () => {
    const lane = openLane({ spec: { terms: single } });
    const rules = { hash: sha256, propose: fillFirst };
    const { draft } = decide(lane.state, lane.timeMs, [commands.assign(4, 1), commands.assign(2, 0)], rules);
    expect(changedMembers(draft)).toEqual([2, 4]);
  });

  it("writes no time where nothing else happened", () => {
    const lane = openLane();
    const size = lane.log.length;
    lane.wait(5_000);
    lane.refuse(commands.assign(99, 0));
    expect(lane.log.length).toBe(size);
    lane.take(1, 0);
    expect(lane.log.slice(size).map(({ entry }) => entry.kind)).toEqual(["timed", "assigned"]);
  });

  it("keeps lane time monotone when a slower clock decides", () => {
    const lane = openLane();
    const { timeMs } = lane.state;
    lane.timeMs -= 5_000;
    lane.take(1, 0);
    expect(lane.state.timeMs).toBe(timeMs);
    expect(lane.entries("assigned")[0]?.expiresAtMs).toBe(timeMs + 60_000);
  });

  it("brings a contributor into the lane with its first slot, or not at all", () => {
    const lane = openLane({ members: 0 });
    const join = {
      kind: "joined",
      contributor: 7,
      key: named("key 7"),
      owner: named("owner 7"),
      automated: true,
      facts: "",
    } as const;
    lane.refuse({ type: "assign", contributor: 7, task: 99, count: 1, join }, "TASK_NOT_FOUND");
    expect(lane.state.members.size).toBe(0);
    lane.do({ type: "assign", contributor: 7, task: 0, count: 1, join });
    lane.do({ type: "assign", contributor: 7, task: 1, count: 1, join });
    expect(lane.entries("joined")).toHaveLength(1);
  });
});

describe("the body of a submission", () => {
  const schema = { type: "choice", choices: ["a", "b", "c", "d", "e", "f"] } as const;

  it("names a choice by its id", () => {
    expect(readBody(schema, toUtf8('{"answer":"e"}'))).toBe(4);
    expect(readBody(schema, toUtf8('{"comment":"hard","answer":"a"}'))).toBe(0);
  });

  it.each(['{"answer":"g"}', '{"answer":1}', "{}", "[]", "null", '"a"', "7", "", "{", '{"answer":null}'])(
    "is refused where it is %s",
    (text) => {
      expect(() => readBody(schema, toUtf8(text))).toThrow(/does not fit the task/);
    },
  );

  it.each([16, 32, 64])("may have a salt of %i characters, which is no part of the answer", (length) => {
    expect(readBody(schema, toUtf8(`{"answer":"b","salt":"${"5".repeat(length)}"}`))).toBe(1);
  });

  it.each([
    '""',
    `"${"5".repeat(15)}"`,
    `"${"5".repeat(65)}"`,
    "7",
    "null",
    `["${"5".repeat(32)}"]`,
    '{"a":1}',
    "true",
  ])("is refused where its salt is %s", (salt) => {
    expect(() => readBody(schema, toUtf8(`{"answer":"b","salt":${salt}}`))).toThrow(
      "salt must be a text of 16 to 64 characters",
    );
  });

  it("is UTF-8 of bounded length", () => {
    expect(() => readBody(schema, new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow(/not JSON in UTF-8/);
    expect(() => readBody(schema, new Uint8Array(bodyBytesMax + 1))).toThrow(/More than 65536 bytes/);
  });

  it("shows the first choices where none is met", () => {
    expect(() => readBody(schema, toUtf8('{"answer":"z"}'))).toThrow("answer must be one of a, b, c, d, e, …");
  });

  it("goes by one hash, whoever computes it", () => {
    const { body, bodyHash } = bodyFields("yes");
    expect(equalBytes(taggedHash(sha256, tags.body, body), bodyHash)).toBe(true);
  });
});
