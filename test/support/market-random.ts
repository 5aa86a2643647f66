import fc from "fast-check";
import { amount } from "../../src/core/amount.ts";
import type { Json } from "../../src/core/json.ts";
import { type Slot, slotOfKey } from "../../src/core/slot.ts";
import { termsOfTask } from "../../src/market/admit.ts";
import type { ControlAnswer } from "../../src/market/controls.ts";
import type { Command } from "../../src/market/decide.ts";
import { fillFirst, type Proposer } from "../../src/market/propose.ts";
import { type MarketSpec, type Policy, priceOf, settleMsMax, type Terms } from "../../src/market/spec.ts";
import { isFinished, type LaneState, type Member, type SlotRecord, type SlotState } from "../../src/market/state.ts";
import type { Answer } from "../../src/verification/answers/answer.ts";
import {
  type AnswerSchema,
  answerJson,
  isSameAnswer,
  readAnswer,
} from "../../src/verification/answers/answer-schema.ts";
import { commands, controlFor, specWith, startMs, TestLane } from "./market.ts";
import { evidences, ruledByComposition } from "./market-compositions.ts";
import { named } from "./market-hash.ts";

/**
 * Random markets and random lives. An action is a kind and some numbers; `commandOf` reads them against the lane as it
 * stands, so that most commands make sense, and some are wrong in every way that is known.
 */

/** Like `fillFirst` in its choices, but by task number alone: independent of how the state came about. */
export const byNumber: Proposer = function* (state) {
  yield* [...new Set([...state.withRoom.keys(), ...state.wantsPanel.keys()])].sort((a, b) => a - b);
  for (let number = state.frontier; number < state.taskCount; number++) {
    if (state.tasks.get(number) === undefined && !isFinished(state, number)) yield number;
  }
};

const choiceNames = ["red", "green", "blue", "grey"] as const;

const answerArbitrary: fc.Arbitrary<AnswerSchema> = fc.oneof(
  {
    arbitrary: fc.integer({ min: 2, max: 4 }).map((count) => ({
      type: "choice" as const,
      choices: choiceNames.slice(0, count),
    })),
    weight: 6,
  },
  {
    arbitrary: fc.constantFrom<AnswerSchema>(
      { type: "choices", choices: choiceNames.slice(0, 3), min: 0, max: 2 },
      { type: "scale", min: 1, max: 5, labels: null, tolerance: 1 },
      { type: "pair", ties: true },
      { type: "text", charactersMax: 20, normalise: ["trim"], distancePpm: 300_000 },
      { type: "boxes", labels: ["cat"], frame: { width: 100, height: 100 }, boxesMax: 4 },
    ),
    weight: 3,
  },
);

/** Some answers to a schema, as people give them. */
function samplesOf(schema: AnswerSchema): readonly Json[] {
  const box = (x: number): Json => ({ label: "cat", x, y: 10, width: 40, height: 40 });
  switch (schema.type) {
    case "choice":
      return schema.choices;
    case "choices":
      return [["red"], ["red", "green"], [], ["blue"]];
    case "scale":
      return [1, 2, 5, 4];
    case "pair":
      return ["left", "right", "tie"];
    case "text":
      return ["to be", " to bee", "or not"];
    default:
      return [[box(10)], [box(15)], [], [box(50), box(10)]];
  }
}

/** One of them as the log has it; some numbers name none, so that wrong controls come as well. */
const codeAt = (schema: AnswerSchema, at: number): Answer =>
  at < samplesOf(schema).length ? readAnswer(schema, samplesOf(schema)[at]) : 99;

const termsArbitrary: fc.Arbitrary<Terms> = fc.record({
  answer: answerArbitrary,
  agreement: fc.option(fc.constant({ matchPpmMin: 700_000, overlapPpmMin: 400_000 }), { freq: 4 }),
  reward: fc.constantFrom(0n, 1n, 7n, 1_000n, 99_999n).map(amount),
  overlap: fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(0, 500_000, 700_000, 900_000, 1_000_000),
    )
    .map(([min, more, targetPpm]) => ({ min, max: min + more, targetPpm })),
  leaseMs: fc.constantFrom(1_000, 7_500, 20_000, 120_000),
  deadlineMs: fc.option(
    fc.constantFrom(15_300, 60_000, 200_000).map((ms) => startMs + ms),
    { freq: 4 },
  ),
  eligibility: fc.constantFrom(
    [],
    [],
    [],
    [{ type: "qualification" as const, name: "reader", min: 50 }],
    [{ type: "country" as const, anyOf: ["FR", "JP"] }],
  ),
});

const policyArbitrary: fc.Arbitrary<Policy> = fc.record({
  windowAnswers: fc.constantFrom(50, 200),
  answersWorth: fc.constantFrom(1, 40),
  holdMs: fc.constantFrom(0, 800, 30_000, 120_000),
  provenMillinats: fc.constantFrom(0, 2_000),
  controlsMin: fc.integer({ min: 0, max: 2 }),
  uninformativeMillinats: fc.constantFrom(-2_000, -1),
  closingMillinats: fc.constantFrom(-1_000, 0, 1_000),
  groundPpm: fc.constantFrom(0, 500_000, 900_000),
  doubtPpm: fc.constantFrom(0, 10_000, 1_000_000),
});

export const plainSpecArbitrary: fc.Arbitrary<MarketSpec> = fc
  .record({
    terms: termsArbitrary,
    feeBasisPoints: fc.constantFrom(0, 1, 200, 5_000),
    controls: fc.record({
      answeredMin: fc.integer({ min: 1, max: 3 }),
      accuracyPpmMin: fc.constantFrom(0, 400_000, 1_000_000),
    }),
    policy: fc.option(policyArbitrary, { freq: 2 }),
    review: fc.option(fc.record({ windowMs: fc.constantFrom(0, 500, 5_000, 60_000) })),
    appeal: fc.record({
      windowMs: fc.constantFrom(0, 400, 5_000, 30_000, 60_000),
      budget: fc.constantFrom(0n, 10_000n, 1_000_000n).map(amount),
      panel: fc.integer({ min: 1, max: 3 }),
      cost: fc.constantFrom(0n, 1n, 500n).map(amount),
    }),
    newcomer: fc.option(
      fc.record({
        answers: fc.integer({ min: 1, max: 4 }),
        budget: fc.constantFrom(0n, 2_500n, 1_000_000n).map(amount),
      }),
      { freq: 3 },
    ),
    extraDelayMs: fc.constantFrom(0, 10_000),
    voidMax: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ extraDelayMs, ...parts }) => {
    const spec = specWith(parts);
    return { ...spec, refundDelayMs: settleMsMax(spec, 120_000) + extraDelayMs };
  });

/** One market in three goes by a composition. */
export const specArbitrary: fc.Arbitrary<MarketSpec> = fc.oneof(
  { arbitrary: plainSpecArbitrary, weight: 2 },
  { arbitrary: plainSpecArbitrary.chain(ruledByComposition), weight: 1 },
);

const actionKinds = [
  ["assign", 12],
  ["take", 8],
  ["submit", 26],
  ["submitMany", 6],
  ["repeat", 2],
  ["contradict", 1],
  ["nonsense", 1],
  ["steal", 1],
  ["void", 0.7],
  ["appeal", 6],
  ["answerAppeal", 6],
  ["review", 3],
  ["pause", 0.4],
  ["resume", 3],
  ["closing", 0.1],
  ["bonus", 0.7],
  ["reserve", 1.5],
  ["qualify", 1],
  ["block", 1],
  ["fund", 1],
  ["retire", 0.2],
  ["sent", 0.4],
  ["received", 0.4],
  ["join", 1],
  ["batch", 1],
  ["cut", 0.3],
  ["forge", 1],
  ["carry", 10],
  ["cover", 3],
] as const;

export interface Action {
  readonly kind: (typeof actionKinds)[number][0];
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const nat = fc.nat({ max: 10_000 });

export const actionArbitrary: fc.Arbitrary<Action> = fc.oneof(
  ...actionKinds.map(([kind, share]) => ({
    arbitrary: fc.record({ kind: fc.constant(kind), a: nat, b: nat, c: nat }),
    weight: Math.ceil(share * 10),
  })),
);

/** A batch of actions after a pause; most pauses are short, some let leases, windows or everything pass. */
export interface Turn {
  readonly waitMs: number;
  readonly actions: readonly Action[];
}

export const turnArbitrary: fc.Arbitrary<Turn> = fc.record({
  waitMs: fc.oneof(
    { arbitrary: fc.constantFrom(0, 1, 3, 250), weight: 20 },
    { arbitrary: fc.integer({ min: 0, max: 3_000 }), weight: 5 },
    { arbitrary: fc.constantFrom(20_000, 60_001), weight: 1 },
    { arbitrary: fc.constantFrom(-500, 3_600_000), weight: 1 },
  ),
  actions: fc.array(actionArbitrary, { minLength: 0, maxLength: 8 }),
});

export interface Life {
  readonly spec: MarketSpec;
  readonly deposit: bigint;
  readonly turns: readonly Turn[];
}

export const lifeArbitrary = (turns: number): fc.Arbitrary<Life> =>
  fc.record({
    spec: specArbitrary,
    deposit: fc.constantFrom(30_000n, 5_000_000n, 50_000_000n),
    turns: fc.array(turnArbitrary, { minLength: Math.floor(turns / 3), maxLength: turns }),
  });

const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(items.length, 1)];

const membersOf = (state: LaneState): number[] => [...state.members.keys()];

/** Slots of the tasks that are still in the state. */
export function slotsIn(state: LaneState, keep: (record: SlotRecord) => boolean): { slot: Slot; record: SlotRecord }[] {
  return [...state.tasks.keys()].flatMap((task) =>
    (state.tasks.get(task)?.slots ?? []).flatMap((record, ordinal) =>
      keep(record) ? [{ slot: { task, ordinal }, record }] : [],
    ),
  );
}

const inState =
  (...states: readonly SlotState[]) =>
  ({ state }: SlotRecord): boolean =>
    states.includes(state);

function answerAt(schema: AnswerSchema, at: number): Json {
  const samples = samplesOf(schema);
  // The first one comes more often, so that tasks settle and controls are met.
  return samples[at % 5 < 2 ? Math.floor(at / 5) % samples.length : 0] as Json;
}

/** What an action asks of the lane as it stands; null where there is nothing to ask it of. */
export function commandOf(state: LaneState, timeMs: number, { kind, a, b, c }: Action): Command | null {
  const contributor = pick(membersOf(state), a + c) ?? 1;
  switch (kind) {
    case "assign":
      return commands.assign(contributor, null, 1 + (b % 3));
    case "take":
      return commands.assign(contributor, b % (state.taskCount + 1));
    case "submit":
    case "submitMany":
    case "repeat":
    case "contradict":
    case "nonsense":
    case "steal":
    case "carry":
      return submission(state, timeMs, { kind, a, b, c });
    case "cover": {
      const member = state.members.get(contributor);
      const session = pick(member?.sessions ?? [], b);
      if (session === undefined) return null;
      // Now and then of too many, of none, or by a session that is none.
      const count = session.coveredCount + session.uncovered.length - (c % 4) + (c % 9 === 0 ? 5 : 0);
      const by = c % 7 === 0 ? named("nobody's session") : session.key;
      return commands.cover(contributor, session, Math.max(count, 0), by);
    }
    case "appeal": {
      const found = pick(slotsIn(state, inState("appealable", "rejected", "appealed")), a);
      return found === undefined ? null : commands.appeal(found.record.contributor, found.slot);
    }
    case "answerAppeal": {
      const found = pick(slotsIn(state, inState("appealed")), a);
      return found === undefined ? null : commands.assign(pick(membersOf(state), b) ?? 1, found.slot.task);
    }
    default:
      return inputOf(state, { kind, a, b, c });
  }
}

function submission(state: LaneState, timeMs: number, { kind, a, b, c }: Action): Command | null {
  const open = slotsIn(state, inState("assigned"));
  const sent = slotsIn(state, (record) => record.body !== null);
  const found = pick(kind === "repeat" || kind === "contradict" ? sent : open, a);
  if (found === undefined) return null;
  const { slot, record } = found;
  const schema = termsOfTask(state, slot.task).answer;
  switch (kind) {
    case "submitMany": {
      const member = state.members.get(record.contributor) as Member;
      const all = member.open.map((key, i) => {
        const { task, ordinal } = slotOfKey(key);
        return { slot: { task, ordinal }, answer: answerAt(termsOfTask(state, task).answer, b + i) };
      });
      return commands.submit(record.contributor, all, timeMs, c % 4);
    }
    case "repeat":
      return commands.submit(record.contributor, [{ slot, answer: answerJson(schema, record.answer) }], timeMs, 1);
    case "contradict": {
      const answer = samplesOf(schema).find((each) => !isSameAnswer(readAnswer(schema, each), record.answer)) as Json;
      return commands.submit(record.contributor, [{ slot, answer }], timeMs);
    }
    case "nonsense":
      return commands.submit(record.contributor, [{ slot, answer: { no: "such answer" } }], timeMs);
    case "steal":
      return commands.submit(pick(membersOf(state), b) ?? 1, [{ slot, answer: answerAt(schema, c) }], timeMs);
    default: {
      const evidence = evidences[c % evidences.length] as Json;
      const brings = state.spec?.verification === undefined ? {} : { evidence };
      const answer = answerAt(schema, b);
      const command = kind === "carry" ? commands.carry : commands.submit;
      return command(record.contributor, [{ slot, answer, ...brings }], timeMs, c % 4 === 0 ? 0 : 1);
    }
  }
}

function inputOf(state: LaneState, { kind, a, b, c }: Action): Command | null {
  const contributor = pick(membersOf(state), a) ?? 1;
  switch (kind) {
    case "void": {
      const found = pick(slotsIn(state, inState("assigned", "held", "held", "accepted", "review")), a);
      if (found === undefined) return null;
      return commands.input("voided", { ...found.slot, fault: "sandbox", evidence: named("fault") });
    }
    case "review": {
      const found = pick(slotsIn(state, inState("review")), a);
      return found === undefined
        ? null
        : commands.input("reviewed", { ...found.slot, accepted: b % 2 === 0, note: "seen" });
    }
    case "pause":
      return commands.input("paused", {});
    case "resume":
      return commands.input("resumed", {});
    case "closing":
      return commands.input("closing", {});
    case "bonus":
      return commands.input("bonusPaid", { contributor, amount: amount(BigInt(b)), note: "thanks" });
    case "reserve":
      return commands.input("reserveSet", { contributor, target: amount(BigInt(b % 3000)) });
    case "qualify": {
      const expiresAtMs = c % 2 === 0 ? 0 : state.timeMs + b;
      return commands.input("qualified", { contributor, name: "reader", value: b % 101, expiresAtMs, by: "requester" });
    }
    case "block": {
      const isBlocked = !(state.members.get(contributor)?.isBlocked ?? false);
      return commands.input("blocked", { contributor, isBlocked, note: "copies" });
    }
    case "fund":
      return commands.funded(BigInt(b) * 10n);
    case "retire": {
      const controls = [...state.controls.keys()];
      const control = state.controls.get(pick(controls, a) ?? 0);
      if (control === undefined) return null;
      const answer = b % 4 === 0 ? 99 : control.answer;
      return commands.input("controlRetired", controlFor(pick(controls, a) as number, answer));
    }
    case "sent":
      return commands.input("sent", {
        toLane: 1 + (a % 2),
        amount: amount(BigInt(b)),
        number: (state.sent.get(1 + (a % 2)) ?? 0) + (c % 5 === 0 ? 2 : 1),
      });
    case "received":
      return commands.input("received", {
        fromLane: a % 3,
        amount: amount(BigInt(b)),
        number: (state.received.get(a % 3) ?? 0) + (c % 5 === 0 ? 2 : 1),
      });
    case "join": {
      const facts = { country: ["FR", "JP", "DE"][c % 3] as string };
      // Every third contributor shares an owner with another.
      return commands.joined(1 + (a % 14), b % 3 === 0 ? `owner ${1 + (b % 4)}` : `owner ${1 + (a % 14)}`, facts);
    }
    case "batch":
      return newTasks(state, a, b);
    case "cut":
      return commands.input("cut", { epoch: state.epoch + (a % 3) });
    case "forge":
      return forged(state, a, b);
    default:
      return null;
  }
}

function newTasks(state: LaneState, a: number, b: number): Command {
  const first = a % 10 === 0 ? state.taskCount + 1 : state.taskCount;
  const count = 1 + (b % 5);
  const reward: Json = { reward: String(b % 1_000) };
  const own: AnswerSchema = { type: "choice", choices: choiceNames.slice(0, 2 + (a % 3)) };
  const answer: Json = { answer: { ...own } };
  const terms = [reward, answer, { ...reward, ...answer }, null][b % 4] as Json;
  const schema = b % 4 === 1 || b % 4 === 2 ? own : (state.spec as MarketSpec).terms.answer;
  const controls: ControlAnswer[] = b % 2 === 0 ? [controlFor(first + (a % count), codeAt(schema, a % 4))] : [];
  return commands.batch(first, count, terms, controls);
}

/** Inputs that try to get round the engine: money, slots and signatures that are not there. */
function forged(state: LaneState, a: number, b: number): Command {
  const contributor = pick(membersOf(state), b) ?? 1;
  const free = pick(
    slotsIn(state, () => true).map(({ slot }) => slot),
    b,
  ) ?? { task: 0, ordinal: 0 };
  const cases: readonly Command[] = [
    commands.input("assigned", { ...free, contributor, expiresAtMs: state.timeMs + 5 }),
    commands.input("submitted", { ...free, contributor, body: named("body"), next: null }, new Uint8Array([1])),
    commands.input("appealed", { ...free, contributor, cost: amount(0n) }),
    commands.input("bonusPaid", { contributor, amount: amount(state.books.free + 1n), note: "" }),
    commands.input("timed", { timeMs: state.timeMs - 1 }),
    commands.input("opened", {}),
    commands.input("reviewed", { ...free, accepted: true, note: "" }),
    commands.input("carried", { contributor, session: named("s") }),
    commands.input("covered", {
      contributor,
      session: state.members.get(contributor)?.carrier ?? named("s"),
      by: state.members.get(contributor)?.sessions[0]?.key ?? named("s"),
      count: 1,
      running: named("other submissions"),
      signature: new Uint8Array(64),
    }),
    commands.input("signed", {
      contributor: 999,
      session: named("s"),
      timeMs: 0,
      count: 1,
      signature: new Uint8Array(64),
    }),
  ];
  return cases[a % cases.length] as Command;
}

/** A batch of commands with the lane time they were decided at. */
export interface TimedBatch {
  readonly timeMs: number;
  readonly commands: readonly Command[];
}

export interface Lived {
  readonly lane: TestLane;
  readonly batches: readonly TimedBatch[];
}

/** What every random life begins with. */
export function beginning(life: Life): Command[] {
  const { appeal, newcomer, terms } = life.spec;
  const price = priceOf(life.spec, terms);
  const deposit = life.deposit + appeal.budget + (newcomer?.budget ?? 0n) + price;
  return [
    commands.created(life.spec),
    commands.funded(deposit),
    commands.input("opened", {}),
    // The answer to the second control is one that most contributors do not give.
    commands.batch(0, 8, null, [controlFor(1, codeAt(terms.answer, 0)), controlFor(3, codeAt(terms.answer, 1))]),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((each) =>
      commands.joined(each, each === 8 ? "owner 1" : `owner ${each}`, { country: each % 2 === 0 ? "FR" : "DE" }),
    ),
    commands.joined(11, "requester"),
    commands.input("qualified", { contributor: 1, name: "reader", value: 70, expiresAtMs: 0, by: "requester" }),
    commands.input("qualified", { contributor: 2, name: "reader", value: 70, expiresAtMs: 0, by: "requester" }),
    ...[1, 2, 3, 4].map((contributor) => commands.input("reserveSet", { contributor, target: amount(1_000n) })),
  ];
}

/** Lives a life on a lane; `check` sees the lane before and after each batch. */
export function live(life: Life, check: (lane: TestLane, batch: TimedBatch) => void = () => {}): Lived {
  const lane = new TestLane(byNumber);
  const batches: TimedBatch[] = [];
  const decided = (batch: readonly Command[]): void => {
    batches.push({ timeMs: lane.timeMs, commands: batch });
    lane.batch(batch);
    check(lane, batches.at(-1) as TimedBatch);
  };
  decided(beginning(life));
  for (const { waitMs, actions } of life.turns) {
    lane.timeMs += waitMs;
    decided(
      actions.flatMap((action) => {
        const command = commandOf(lane.state, lane.timeMs, action);
        return command === null ? [] : [command];
      }),
    );
  }
  return { lane, batches };
}

/** Plays recorded batches on a fresh lane. */
export function play(batches: readonly TimedBatch[], lane: TestLane = new TestLane(byNumber)): TestLane {
  for (const { timeMs, commands: batch } of batches) {
    lane.timeMs = timeMs;
    lane.batch(batch);
  }
  return lane;
}

export { fillFirst };
