import { describe, expect, it } from "vitest";
import { closeAndSettle, commands, controlFor, openLane, specWith, TestLane } from "../../test/support/market.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { checkState, OutcomeTracker } from "../../test/support/market-invariants.ts";
import { amount } from "../core/amount.ts";
import { toHex } from "../core/bytes.ts";
import { formatSlot } from "../core/slot.ts";
import { newVerification } from "./composition.ts";
import { standingOf } from "./learned.ts";
import { fillFirst } from "./propose.ts";
import { Replay } from "./replay.ts";
import { decodeState, encodeState } from "./snapshot.ts";
import { defaultPolicy, parseSpec, specToJson } from "./spec.ts";
import { emptyLaneState } from "./state.ts";

/** Whole numbers that look random and are not. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

const truthOf = (task: number): number => (task * 7 + (task >> 2)) % 2;
const names = ["yes", "no"];

/** How somebody answers: 1 to 6 look, 7 throws dice, 8 always says the same. */
function answerOf(contributor: number, task: number, roll: (sides: number) => number): string {
  if (contributor === 7) return names[roll(2)] as string;
  if (contributor === 8) return "yes";
  return names[roll(10) === 0 ? 1 - truthOf(task) : truthOf(task)] as string;
}

const tasks = 150;
const controls = Array.from({ length: 15 }, (_, i) => controlFor(i * 10, truthOf(i * 10)));

const crowd = (parts: Parameters<typeof openLane>[0] = {}): TestLane =>
  openLane({
    tasks,
    controls,
    members: 8,
    deposit: 50_000_000n,
    ...parts,
    spec: { policy: defaultPolicy, terms: { overlap: { min: 3, max: 6, targetPpm: 900_000 } }, ...parts.spec },
  });

/** Everybody takes what is offered, turn by turn, until nothing is. */
function work(lane: TestLane, contributors: readonly number[], until = Infinity): void {
  const roll = dice(7);
  let given = 0;
  for (let idle = 0; idle < contributors.length && given < until; ) {
    const contributor = contributors[given % contributors.length] as number;
    const [outcome] = lane.batch([commands.assign(contributor, null)]);
    given++;
    const [offer] = outcome !== undefined && "offers" in outcome ? outcome.offers : [];
    if (offer === undefined) {
      idle++;
      continue;
    }
    idle = 0;
    lane.submit(contributor, offer.slot, answerOf(contributor, offer.slot.task, roll));
  }
}

const paidShare = (lane: TestLane, contributor: number): number => {
  const submitted = lane.entries("submitted").filter((entry) => entry.contributor === contributor).length;
  return Number(lane.earned(contributor)) / 1_000 / Math.max(submitted, 1);
};

describe("a market with a policy", () => {
  it("pays those who look and not those who do not, and ends every slot", () => {
    const lane = crowd();
    work(lane, [1, 2, 3, 4, 5, 6, 7, 8]);
    const { learned } = lane.state.model;
    const isProven = (each: number) => learned !== null && standingOf(learned, each).standing === "proven";
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(isProven)).toEqual([true, true, true, true, true, true, false, false]);
    closeAndSettle(lane);
    expect(lane.state.status).toBe("closed");
    for (const each of [1, 2, 3, 4, 5, 6]) expect(paidShare(lane, each)).toBeGreaterThan(0.8);
    for (const each of [7, 8]) expect(paidShare(lane, each)).toBeLessThan(0.1);
    checkState(lane.state);
    const tracker = new OutcomeTracker();
    tracker.see(lane.log, lane.state);
    expect(tracker.open).toEqual([]);
  });

  it("labels what they say", () => {
    const lane = crowd();
    work(lane, [1, 2, 3, 4, 5, 6, 7, 8]);
    closeAndSettle(lane);
    const settled = lane.entries("settled");
    expect(settled).toHaveLength(tasks - controls.length);
    const right = settled.filter(({ task, label }) => label === truthOf(task)).length;
    expect(right / settled.length).toBeGreaterThan(0.93);
  });

  it("replays to the bit, from anywhere, and after a restart", () => {
    const lane = crowd();
    work(lane, [1, 2, 3, 4, 5, 6, 7, 8], 300);
    const checkpoint = encodeState(lane.state);
    expect(toHex(encodeState(decodeState(checkpoint)))).toBe(toHex(checkpoint));
    const half = lane.log.length;
    work(lane, [1, 2, 3, 4, 5, 6, 7, 8], 500);
    closeAndSettle(lane);
    for (const [state, from] of [
      [emptyLaneState(), 0],
      [decodeState(checkpoint), half],
    ] as const) {
      const replay = new Replay(state, sha256);
      replay.feed(lane.log.slice(from));
      replay.end();
      expect(toHex(encodeState(replay.state))).toBe(toHex(encodeState(lane.state)));
    }
  });

  it("holds answers until their contributors are known, but no longer than it says", () => {
    const lane = crowd({ spec: { policy: { ...defaultPolicy, holdMs: 5_000 } } });
    for (const each of [1, 2, 3]) lane.answer(each, 1, "yes");
    expect(lane.state.tasks.get(1)?.settled).toBeNull();
    expect(lane.state.waiting.get(1)).toBe(lane.timeMs + 5_000);
    lane.wait(4_999);
    expect(lane.entries("settled")).toEqual([]);
    lane.wait(1);
    expect(lane.entries("settled")).toMatchObject([{ task: 1, label: 0, decided: false }]);
    expect([1, 2, 3].map((each) => lane.earned(each))).toEqual([1_000n, 1_000n, 1_000n]);
  });

  it("pays a newcomer for a control task at once while the newcomer budget lasts, and lets others wait", () => {
    const lane = crowd({ spec: { policy: defaultPolicy, newcomer: { answers: 3, budget: amount(1_100n) } } });
    expect(lane.answer(1, 0, names[truthOf(0)] as string)).toMatchObject({
      state: "accepted",
      reason: "CONTROL_MATCHED",
    });
    expect(lane.answer(2, 0, names[truthOf(0)] as string)).toMatchObject({ state: "held", reason: null });
    expect(lane.answer(3, 0, names[1 - truthOf(0)] as string)).toMatchObject({ state: "appealable" });
  });

  it("goes by records where there are no control tasks, or tasks with other answers", () => {
    const lane = crowd({ controls: [] });
    for (const each of [1, 2, 3]) lane.answer(each, 1, "yes");
    expect(lane.entries("settled")).toHaveLength(1);
    const mixed = crowd();
    mixed.do(commands.batch(tasks, 1, { answer: { type: "choice", choices: ["a", "b", "c"] } }));
    for (const each of [1, 2, 3]) mixed.answer(each, tasks, "a");
    expect(mixed.entries("settled")).toHaveLength(1);
    expect(mixed.state.lessonCount).toBe(0);
  });

  it("gives up tasks that are not worth another answer, and pays those who tried", () => {
    const lane = new TestLane(fillFirst);
    lane.do(
      commands.created(
        specWith({
          policy: { ...defaultPolicy, answersWorth: 1, holdMs: 0 },
          terms: { overlap: { min: 2, max: 9, targetPpm: 990_000 } },
        }),
      ),
    );
    lane.do(commands.funded(1_000_000n));
    lane.do(commands.input("opened", {}));
    lane.do(commands.batch(0, 3, null, [controlFor(2, 0)]));
    lane.join(1, 2, 3);
    lane.answer(1, 0, "yes");
    lane.answer(2, 0, "no");
    lane.wait(1_000);
    expect(lane.entries("settled")).toMatchObject([
      { decided: false, rulings: [{ verdict: "accepted" }, { verdict: "accepted" }] },
    ]);
  });

  it("has a schema that points at what is wrong", () => {
    const json = specToJson(specWith({ policy: defaultPolicy })) as { policy: object };
    const withPolicy = (changes: object) => () => parseSpec({ ...json, policy: { ...json.policy, ...changes } });
    expect(withPolicy({})()).toMatchObject({ policy: defaultPolicy });
    expect(withPolicy({ windowAnswers: 3 })).toThrow(/spec\.policy\.windowAnswers/);
    expect(withPolicy({ uninformativeMillinats: 5_000 })).toThrow(/uninformativeMillinats.*must be below/);
    expect(withPolicy({ mercy: 1 })).toThrow(/unknown field "mercy"/);
  });
});

describe("a policy under a composition", () => {
  const composition = { all: [{ match: { type: "control" } }, { agree: { type: "label" } }] };

  /** The last word on each submission, whichever kind of entry has it. */
  const lastWords = (lane: TestLane): [string, string | undefined][] =>
    lane.entries("submitted").map((slot) => [formatSlot(slot), lane.verdicts(slot).at(-1)]);

  it("decides as it does without, where the composition asks for nothing else", () => {
    const plain = crowd();
    const ruled = crowd({ spec: { verification: newVerification(composition) } });
    for (const lane of [plain, ruled]) {
      work(lane, [1, 2, 3, 4, 5, 6, 7, 8]);
      closeAndSettle(lane);
      checkState(lane.state);
    }
    expect(ruled.entries("settled").every(({ rulings }) => rulings.length === 0)).toBe(true);
    expect(lastWords(ruled)).toEqual(lastWords(plain));
    expect(ruled.state.books).toEqual(plain.state.books);
    const words = new Set(lastWords(ruled).map(([, word]) => word));
    for (const word of ["accepted AGREES", "accepted CONTROL_MATCHED", "released"]) expect(words).toContain(word);
  });

  it("pays no more to those who do not look where it also checks how work was done", () => {
    const shape = { match: { type: "shape", shape: { type: "choice", choices: ["yes", "no", "maybe"] } } };
    const verification = newVerification({ scale: { of: { all: [shape, ...composition.all] }, sharePpm: 500_000 } });
    const lane = crowd({ spec: { verification } });
    work(lane, [1, 2, 3, 4, 5, 6, 7, 8]);
    closeAndSettle(lane);
    for (const each of [1, 2, 3, 4, 5, 6]) expect(paidShare(lane, each)).toBeGreaterThan(0.4);
    for (const each of [1, 2, 3, 4, 5, 6, 7, 8]) expect(paidShare(lane, each)).toBeLessThanOrEqual(0.5);
    for (const each of [7, 8]) expect(paidShare(lane, each)).toBeLessThan(0.1);
    checkState(lane.state);
    const replay = new Replay(emptyLaneState(), sha256);
    replay.feed(lane.log);
    expect(toHex(encodeState(replay.state))).toBe(toHex(encodeState(lane.state)));
  });
});
