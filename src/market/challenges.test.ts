import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkLane } from "../../test/support/check-lane.ts";
import {
  closeAndSettle,
  commands,
  type LaneParts,
  openLane,
  specWith,
  type TestLane,
} from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { checkState, OutcomeTracker } from "../../test/support/market-invariants.ts";
import { amount } from "../core/amount.ts";
import { toHex } from "../core/bytes.ts";
import { readComposition } from "../verification/algebra/verify.ts";
import { Replay } from "./replay.ts";
import { decodeState, encodeState } from "./snapshot.ts";
import { parseSpec, specToJson } from "./spec.ts";
import { emptyLaneState } from "./state.ts";

const composition = readComposition(
  {
    all: [
      { agree: { type: "label" } },
      {
        any: [
          { agree: { type: "unchallenged", windowMs: 100_000 } },
          { agree: { type: "panel", seats: 3, acceptedMin: 2 } },
        ],
      },
    ],
  },
  "composition",
);
const challengeable = {
  appeal: { windowMs: 80_000, budget: amount(50_000n), panel: 1, cost: amount(400n) },
  verification: { version: 1, composition },
} as const;

/** Ten contributors with more than a seat's stake in reserve; 1 and 2 say yes to the last task, 3 says no. */
function settledLane(parts: LaneParts = {}): { lane: TestLane; task: number } {
  const lane = openLane({ members: 10, tasks: 8, ...parts, spec: { ...challengeable, ...parts.spec } });
  for (let each = 1; each <= 10; each++)
    lane.do(commands.input("reserveSet", { contributor: each, target: amount(2_000n) }));
  const crews = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  for (const [i, crew] of [...crews, ...crews].entries()) for (const each of crew) lane.answer(each, i, "yes");
  lane.wait(100_000);
  expect(lane.earned(7)).toBe(2_000n);
  lane.answer(1, 6, "yes");
  lane.answer(2, 6, "yes");
  lane.answer(3, 6, "no");
  return { lane, task: 6 };
}

const purse = (lane: TestLane, contributor: number) => {
  const { released, held, staked } = lane.member(contributor).purse;
  return { released, held, staked };
};
const statesOf = (lane: TestLane, task: number) => (lane.state.tasks.get(task)?.slots ?? []).map(({ state }) => state);
/** What the log says last of each slot of the task. */
const rulingsOn = (lane: TestLane, task: number) =>
  lane.entries("assigned").flatMap((each) => (each.task === task ? [lane.verdicts(each).at(-1)] : []));
const drawnIn = (lane: TestLane) => lane.entries("panelDrawn").at(-1)?.contributors ?? [];

/** The first of the draw, who may sit down at once, give these answers. */
function hear(lane: TestLane, task: number, answers: readonly string[]): readonly number[] {
  const seats = drawnIn(lane).slice(0, answers.length);
  for (const [i, each] of seats.entries()) lane.answer(each, task, answers[i] as string);
  return seats;
}

describe("a challenge", () => {
  it("is open for a while, in which every answer is held; without one the label stands", () => {
    const { lane, task } = settledLane();
    expect(statesOf(lane, task)).toEqual(["held", "held", "held"]);
    lane.wait(99_999);
    expect(statesOf(lane, task)).toEqual(["held", "held", "held"]);
    lane.wait(1);
    expect(statesOf(lane, task)).toEqual(["accepted", "accepted", "appealable"]);
    expect(lane.verdicts({ task, ordinal: 0 })).toEqual(["accepted UNCHALLENGED"]);
    lane.refuse(commands.challenge(4, task), "CHALLENGE_STATE");
  });

  it("that is upheld costs its stake: the panel and those who were challenged for nothing share it", () => {
    const { lane, task } = settledLane();
    lane.do(commands.challenge(10 - 6, task));
    expect(purse(lane, 4)).toEqual({ released: 0n, held: 1_600n, staked: 400n });
    expect(lane.state.books).toMatchObject({ held: 3_060n + 3_060n, appealBudget: 46_940n });
    const seats = hear(lane, task, ["yes", "yes", "no"]);
    expect(lane.entries("challengeSettled")).toMatchObject([{ outcome: "upheld", votes: 3, label: 0 }]);
    const [right, wrong] = ["accepted PANEL_ACCEPTED", "rejected DISAGREES"];
    expect(rulingsOn(lane, task)).toEqual([right, right, wrong, "accepted AGREES", "accepted AGREES", wrong]);
    // 400 of the challenger and 1,000 of the seat that was wrong, in four parts.
    expect([lane.earned(4), ...seats.map((each) => lane.earned(each))]).toEqual([1_600n, 3_350n, 3_350n, 1_000n]);
    expect([lane.earned(1), lane.earned(2), lane.earned(3)]).toEqual([3_350n, 3_350n, 2_000n]);
    expect(lane.state.tasks.get(task)).toBeUndefined();
    expect(lane.state.books.appealBudget).toBe(50_000n - 2n * 1_020n);
  });

  it("that overturns a label pays those who were right, and gives the stake back with a part of what others lost", () => {
    const { lane, task } = settledLane();
    lane.do(commands.challenge(3, task));
    const seats = hear(lane, task, ["no", "yes", "no"]);
    expect(lane.entries("challengeSettled")).toMatchObject([
      { outcome: "overturned", label: 1, confidencePpm: 666_666 },
    ]);
    // A panel decided: what it found wrong has no appeal.
    const wrong = "rejected DISAGREES";
    const right = "accepted AGREES";
    expect(rulingsOn(lane, task)).toEqual([wrong, wrong, "accepted PANEL_ACCEPTED", right, wrong, right]);
    expect(lane.state.tasks.get(task)).toBeUndefined();
    expect([1, 2, 3].map((each) => lane.earned(each))).toEqual([2_000n, 2_000n, 3_334n]);
    expect(seats.map((each) => lane.earned(each))).toEqual([3_333n, 1_000n, 3_333n]);
  });

  it("lapses where the panel comes to no majority in its time: nothing changes, all stakes go back", () => {
    const { lane, task } = settledLane();
    lane.do(commands.challenge(4, task));
    const [first] = hear(lane, task, ["no"]);
    lane.wait(79_999);
    expect(lane.entries("challengeSettled")).toEqual([]);
    lane.wait(1);
    expect(lane.entries("challengeSettled")).toMatchObject([{ outcome: "lapsed", votes: 1, label: 0 }]);
    expect([lane.earned(4), lane.earned(first as number)]).toEqual([2_000n, 3_000n]);
    expect(statesOf(lane, task)).toEqual(["held", "held", "held", "accepted"]);
    lane.refuse(commands.challenge(4, task), "CHALLENGE_STATE");
    lane.wait(20_000);
    expect(statesOf(lane, task)).toEqual(["accepted", "accepted", "appealable", "accepted"]);
    expect(lane.state.books).toMatchObject({ held: 0n, appealBudget: 50_000n - 1_020n });
  });

  it("decides what split", () => {
    const { lane, task } = settledLane({ spec: { terms: { overlap: { min: 2, max: 3, targetPpm: 900_000 } } } });
    expect(lane.entries("settled").at(-1)).toMatchObject({ decided: false });
    lane.do(commands.challenge(5, task));
    hear(lane, task, ["no", "no", "no"]);
    expect(lane.entries("challengeSettled")).toMatchObject([{ outcome: "overturned", label: 1 }]);
    const all = rulingsOn(lane, task).map((each) => each?.split(" ")[0]);
    expect([all.slice(0, 3), all.slice(3)]).toEqual([
      ["rejected", "rejected", "accepted"],
      ["accepted", "accepted", "accepted"],
    ]);
  });

  it("is refused without reserve, twice, of what is not settled, without a budget or a panel, to the requester", () => {
    const { lane, task } = settledLane();
    lane.refuse(commands.challenge(10, task), "CHALLENGE_STATE");
    lane.refuse(commands.challenge(4, 7), "CHALLENGE_STATE");
    lane.refuse(commands.challenge(4, 99), "TASK_NOT_FOUND");
    lane.do(commands.challenge(4, task));
    expect(lane.refuse(commands.challenge(5, task), "CHALLENGE_STATE").message).toMatch(/it has been challenged/);
    const poor = settledLane({ spec: { appeal: { ...challengeable.appeal, budget: amount(3_059n) } } });
    expect(poor.lane.refuse(commands.challenge(4, 6), "CHALLENGE_STATE").message).toMatch(/budget/);
    const alone = settledLane();
    for (const each of [5, 6, 7, 8, 9])
      alone.lane.do(commands.input("reserveSet", { contributor: each, target: amount(999n) }));
    expect(alone.lane.refuse(commands.challenge(4, 6), "CHALLENGE_STATE").message).toMatch(/too few/);
  });

  it("is judged by who was drawn: nobody who answered, nobody without reserve, later ones in their turn", () => {
    const { lane, task } = settledLane();
    const challenged = lane.do(commands.challenge(4, task));
    const drawn = drawnIn(lane);
    expect(drawn.toSorted((a, b) => a - b)).toEqual([5, 6, 7, 8, 9]);
    const [, , , later] = drawn as [number, number, number, number];
    lane.refuse(commands.assign(1, task), "DUPLICATE_ANSWER");
    for (const each of [4, 10, later]) lane.refuse(commands.assign(each, task), "TASK_STATE");
    lane.wait(20_000);
    const slot = lane.take(later, task);
    expect(purse(lane, later)).toEqual({ released: 0n, held: 1_000n, staked: 1_000n });
    // Given back, nothing is lost, and the seat is free again.
    lane.do({ type: "return", contributor: later, slot });
    expect(purse(lane, later)).toEqual({ released: 0n, held: 2_000n, staked: 0n });
    expect(challenged.to - challenged.from).toBe(1);
    hear(lane, task, ["yes", "yes", "yes"]);
    expect(lane.entries("challengeSettled")).toHaveLength(1);
  });

  it("is heard to its end where every answer that it is about ends by a fault of ours", () => {
    const { lane, task } = settledLane();
    lane.do(commands.challenge(4, task));
    for (const ordinal of [0, 1, 2])
      lane.do(commands.input("voided", { task, ordinal, fault: "storage", evidence: named("broken disk") }));
    expect(lane.state.challenges.size).toBe(1);
    lane.wait(80_000);
    expect(lane.earned(4)).toBe(2_000n);
    expect(lane.state.challenges.size).toBe(0);
    expect(lane.state.books.appealBudget).toBe(50_000n);
  });

  it("is heard while its market closes, which ends with nothing held", () => {
    const { lane, task } = settledLane();
    lane.do(commands.challenge(4, task));
    lane.do(commands.input("closing", {}));
    hear(lane, task, ["no", "no", "no"]);
    closeAndSettle(openLane({ spec: challengeable }));
    for (let i = 0; i < 6; i++) lane.wait(200_000);
    expect(lane.state.status).toBe("closed");
    expect(lane.state.books).toMatchObject({ held: 0n, assigned: 0n, appealable: 0n, appealBudget: 0n });
  });

  it("comes back from a checkpoint, and a replay draws the same panel", () => {
    const { lane, task } = settledLane();
    lane.do(commands.challenge(4, task));
    lane.take(drawnIn(lane)[0] as number, task);
    const bytes = encodeState(lane.state);
    expect(toHex(encodeState(decodeState(bytes)))).toBe(toHex(bytes));
    hear(lane, task, []);
    checkLane(lane);
    const forged = lane.log.map((record) =>
      record.entry.kind === "panelDrawn"
        ? { ...record, entry: { ...record.entry, contributors: [...record.entry.contributors].reverse() } }
        : record,
    );
    const check = new Replay(emptyLaneState(), sha256);
    expect(() => check.feed(forged)).toThrow(/panelDrawn/);
  });
});

describe("a composition with challenges", () => {
  const parse = (all: readonly unknown[], cost = 400n): unknown => {
    const appeal = { ...challengeable.appeal, cost: amount(cost) };
    const verification = { version: 1, composition: readComposition({ all } as never, "composition") };
    return parseSpec(specToJson(specWith({ ...challengeable, appeal, verification })));
  };
  const label = { agree: { type: "label" } };
  const window = { agree: { type: "unchallenged", windowMs: 1_000 } };
  const panel = { agree: { type: "panel", seats: 3, acceptedMin: 2 } };
  it.each([
    ["one without the other", [label, window], 400n, /one unchallenged and one panel/],
    ["two windows", [label, { any: [window, window, panel] }], 400n, /one unchallenged and one panel/],
    ["a panel that stands elsewhere", [label, window, panel], 400n, /in one any/],
    [
      "no majority",
      [{ any: [window, { agree: { type: "panel", seats: 4, acceptedMin: 2 } }] }],
      400n,
      /more than half/,
    ],
    ["nothing at stake", [label, { any: [window, panel] }], 0n, /what a challenge puts at stake/],
  ])("is refused with %s", (_, all, cost, problem) => {
    expect(() => parse(all, cost)).toThrow(problem);
  });
});

describe("a random life with challenges", () => {
  const kinds = ["answer", "answer", "sit", "sit", "challenge", "wait", "void", "return", "reserve", "appeal"] as const;
  const nat = fc.nat({ max: 1_000 });
  const acts = fc.array(fc.record({ kind: fc.constantFrom(...kinds), a: nat, b: nat }), {
    minLength: 30,
    maxLength: 80,
  });

  const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(items.length, 1)];

  /** What somebody does next; null where there is nothing to do it to. */
  function commandOf(lane: TestLane, { kind, a, b }: { kind: (typeof kinds)[number]; a: number; b: number }) {
    const contributor = 1 + (a % 10);
    const slots = [...lane.state.tasks.keys()].flatMap((task) =>
      (lane.state.tasks.get(task)?.slots ?? []).map((record, ordinal) => ({ record, slot: { task, ordinal } })),
    );
    const held = slots.filter(({ record }) => record.state === "assigned");
    const found = pick(held, b);
    switch (kind) {
      case "answer":
        if (found === undefined) return commands.assign(contributor, null);
        return commands.submit(
          found.record.contributor,
          [{ slot: found.slot, answer: a % 3 ? "yes" : "no" }],
          lane.timeMs,
        );
      case "sit": {
        const task = pick([...lane.state.challenges.keys()], b);
        const window = task === undefined ? undefined : lane.state.challenges.get(task);
        const member = pick(window?.challenge?.drawn ?? [], a);
        return task === undefined ? null : commands.assign(member ?? contributor, task);
      }
      case "challenge": {
        const task = pick([...lane.state.challenges.keys()], b);
        return task === undefined ? null : commands.challenge(contributor, task);
      }
      case "void":
        return found === undefined || a % 3 > 0
          ? null
          : commands.input("voided", { ...found.slot, fault: "sandbox", evidence: named("fault") });
      case "return":
        return found === undefined || a % 3 > 0
          ? null
          : ({ type: "return", contributor: found.record.contributor, slot: found.slot } as const);
      case "reserve":
        return commands.input("reserveSet", { contributor, target: amount(BigInt(b * 3)) });
      case "appeal": {
        const rejected = pick(
          slots.filter(({ record }) => record.state === "appealable"),
          b,
        );
        return rejected === undefined ? null : commands.appeal(rejected.record.contributor, rejected.slot);
      }
      case "wait":
        lane.timeMs += [1, 5_000, 20_000, 80_000][b % 4] as number;
        return null;
    }
  }

  it("keeps the books, ends every slot once, and is replayed to the bit", () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(acts, fc.boolean(), (all, isClosing) => {
        const { lane } = settledLane({ tasks: 14, deposit: 200_000n });
        const tracker = new OutcomeTracker();
        tracker.see(lane.log, lane.state);
        let seen = lane.log.length;
        for (const each of all) {
          const command = commandOf(lane, each);
          lane.batch(command === null ? [] : [command]);
          tracker.see(lane.log.slice(seen), lane.state);
          seen = lane.log.length;
          checkState(lane.state);
        }
        if (isClosing) {
          closeAndSettle(lane);
          tracker.see(lane.log.slice(seen), lane.state);
          checkState(lane.state);
          expect([lane.state.status, tracker.open]).toEqual(["closed", []]);
        }
        for (const { outcome } of lane.entries("challengeSettled")) outcomes.add(outcome);
        checkLane(lane);
      }),
      { numRuns: 20 },
    );
    expect(outcomes.size).toBeGreaterThan(0);
  });
});
