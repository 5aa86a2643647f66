import { seededRandom } from "#src/cli/overlap/random";
import { amount } from "#src/core/amount";
import { bytes32 } from "#src/core/bytes";
import { labelOf } from "#src/market/label";
import { ruleSlot } from "#src/market/ruling";
import { defaultPolicy, type MarketSpec } from "#src/market/spec";
import { emptyLaneState, type LaneState, newMember, noFacts, type SlotRecord } from "#src/market/state";
import { coinRow, newcomerModel } from "#src/verification/overlap/market-model";
import { defineBench, type Say } from "./options.ts";

/**
 * The cost of what a submission adds to a verdict with overlap 5, as the lane has it: the label of its task over the
 * answers so far (one to five) with whether another one is worth its price, and the ruling on each answer when the task
 * settles. Processor time, median of rounds, one core.
 */
export const benchVerdict = defineBench({}, bench);

async function bench(_options: object, say: Say): Promise<object> {
  say("classes  microseconds a submission");
  const cases = classesOfCases.map((classes) => {
    const found = { classes, microsecondsPerSubmission: measure(classes) };
    say(`${classes}`.padEnd(9) + found.microsecondsPerSubmission.toFixed(3));
    return found;
  });
  const most = Math.max(...cases.map((each) => each.microsecondsPerSubmission));
  return { microsecondsPerSubmission: most, cases };
}

const classesOfCases = [2, 4, 8, 16];
const overlap = 5;
const tasks = 4_000;
const contributors = 1_000;
const rounds = 25;
const warmUps = 5;
const nobody = bytes32(new Uint8Array(32));

function measure(classes: number): number {
  const state = laneOf(classes);
  const times = Array.from({ length: warmUps + rounds }, () => timeOf(state)).slice(warmUps);
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}

function timeOf(state: LaneState): number {
  const start = process.cpuUsage();
  let held = 0;
  for (let task = 0; task < tasks; task++) {
    const { slots } = state.tasks.get(task) as { readonly slots: readonly SlotRecord[] };
    for (let answers = 1; answers <= overlap; answers++) {
      const { label, confidencePpm, decided } = labelOf(state, task, slots.slice(0, answers));
      if (answers < overlap) continue;
      for (const slot of slots) {
        if (ruleSlot(state, task, slot, { label, confidencePpm, decided, sequence: 0 }, false) === null) held++;
      }
    }
  }
  const { user, system } = process.cpuUsage(start);
  if (held > 0) throw new Error("contributors who are known to look wait for a verdict");
  return (user + system) / (tasks * overlap);
}

/** Tasks with five answers each by contributors who are known. */
function laneOf(classes: number): LaneState {
  const random = seededRandom(classes);
  const state = emptyLaneState();
  state.spec = specOf(classes);
  state.taskCount = tasks + 1;
  state.batches.set(0, { first: 0, count: tasks + 1, root: nobody, terms: state.spec.terms, termsText: "" });
  state.controls.set(tasks, { commitment: nobody, answer: 0, salt: nobody, status: "live", openedSequence: null });
  const everybody = Array.from({ length: contributors }, (_, each) => each);
  for (const each of everybody) state.members.set(each, newMember(nobody, nobody, false, noFacts));
  const rows = new Map(everybody.map((each) => [each, coinRow(classes, 0.55 + (0.4 * each) / contributors)]));
  const proven = { standing: "proven", oddsMillinats: 9_000 } as const;
  const learned = {
    model: { ...newcomerModel(classes), rows },
    standings: new Map(everybody.map((each) => [each, proven])),
    unknown: proven,
  };
  state.model = { version: 1, cut: 1, answers: 1, learned };
  for (let task = 0; task < tasks; task++) {
    const slots = Array.from({ length: overlap }, () => slotOf(Math.floor(random() * contributors), random, classes));
    state.tasks.set(task, { slots, settled: null });
  }
  return state;
}

const slotOf = (contributor: number, random: () => number, classes: number): SlotRecord => ({
  contributor,
  budget: "free",
  state: "held",
  expiresAtMs: 0,
  panelOf: null,
  body: nobody,
  answer: random() < 0.7 ? 0 : Math.floor(random() * classes),
  reason: null,
  counted: null,
  sequence: 1,
  stake: amount(0n),
  panelHold: amount(0n),
  commitment: null,
  check: null,
});

const specOf = (classes: number): MarketSpec => ({
  version: 1,
  title: "Verdicts",
  kind: "label",
  terms: {
    answer: { type: "choice", choices: Array.from({ length: classes }, (_, i) => `${i}`) },
    agreement: null,
    reward: amount(1n),
    overlap: { min: 2, max: overlap, targetPpm: 900_000 },
    leaseMs: 1_000,
    deadlineMs: null,
    eligibility: [],
  },
  rewardMin: amount(0n),
  rewardMax: amount(1n),
  feeBasisPoints: 0,
  controls: { answeredMin: 1, accuracyPpmMin: 0 },
  policy: defaultPolicy,
  review: null,
  appeal: { windowMs: 0, budget: amount(0n), panel: 1, cost: amount(0n) },
  newcomer: null,
  refundDelayMs: 0,
  voidMax: 0,
});
