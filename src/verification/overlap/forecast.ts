import { expOfNegative } from "../inference/fast-real.ts";
import {
  coinRow,
  effectiveAccuracy,
  type MarketModel,
  rowOf,
  uniformModel,
  usualDiscount,
  usualFloor,
} from "./market-model.ts";
import { nextStep } from "./next-step.ts";
import type { OverlapPolicy } from "./policy.ts";
import { type CastVote, posterior } from "./posterior.ts";

/** What is supposed, or known, of those who will answer. */
export interface Crowd {
  readonly classes: number;
  /** How often each is right; all answer equally often. */
  readonly accuracies: readonly number[];
  readonly discount: number;
  readonly floor: number;
}

export interface Forecast {
  /** Mean number of paid answers of a task. */
  readonly answersPerTask: number;
  /** The share of labels that will be right. */
  readonly accuracy: number;
  /** The share of tasks that reach the target. */
  readonly settled: number;
  /** The share of right labels with one answer a task, with two, and so on. */
  readonly accuracyByAnswers: readonly number[];
  /** No number of answers makes half of the tasks certain enough. */
  readonly isOutOfReach: boolean;
}

/** Of made-up tasks: the error of a share is below 1.6 points. */
const draws = 1_000;
/** More answers than that change nothing that is worth its price. */
const answersMax = 40;

/** Before anything is known of a market's contributors. */
export const supposedCrowd = (classes: number, accuracies: readonly number[]): Crowd => ({
  classes,
  accuracies,
  discount: usualDiscount,
  floor: usualFloor,
});

/** The contributors whom a model knows. */
export function knownCrowd(model: MarketModel): Crowd {
  const contributors = [...model.rows.keys()].sort((a, b) => a - b);
  return {
    classes: model.classes,
    accuracies: (contributors.length === 0 ? [-1] : contributors).map((each) => accuracyOf(model, each)),
    discount: model.discountPpm / 1_000_000,
    floor: model.floorPpm / 1_000_000,
  };
}

/** How often a contributor is right, by the model. */
export function accuracyOf(model: MarketModel, contributor: number): number {
  const row = rowOf(model, contributor);
  if (model.form === "coin") return expOfNegative(-(row[0] as number) / 1_000);
  let sum = 0;
  for (let c = 0; c < model.classes; c++) {
    sum += expOfNegative(-((model.prior[c] as number) + (row[c * model.classes + c] as number)) / 1_000);
  }
  return Math.min(sum, 1);
}

/**
 * Plays the policy on made-up tasks of a crowd: what a market will cost and reach, before or while it runs. Answers are as
 * informative as their discounted evidence, and come from anybody: asking the best makes the truth rather better.
 */
export function forecast(crowd: Crowd, policy: OverlapPolicy): Forecast {
  const { classes, floor } = crowd;
  const effective = crowd.accuracies.map((each) => effectiveAccuracy(each, crowd.discount, classes));
  const mean = effective.reduce((sum, each) => sum + each, 0) / effective.length;
  const model: MarketModel = {
    ...uniformModel(classes, mean),
    rows: new Map(effective.map((each, contributor) => [contributor, coinRow(classes, each)])),
    discountPpm: 1_000_000,
    floorPpm: Math.round(floor * 1_000_000),
    typicalPpm: Math.round(mean * 1_000_000),
  };
  const last = Math.min(policy.max, answersMax);
  const random = randomNumbers(classes);
  const right = new Float64Array(last);
  const found = { answers: 0, right: 0, settled: 0, everSettled: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const truth = Math.floor(random() * classes);
    const votes: CastVote[] = [];
    let isOpen = true;
    let wasSure = false;
    for (let answers = 1; answers <= last; answers++) {
      const contributor = Math.floor(random() * effective.length);
      const isRight = random() < (effective[contributor] as number);
      const other = (truth + 1 + Math.floor(random() * (classes - 1))) % classes;
      votes.push({ contributor, label: isRight ? truth : other });
      const now = posterior(model, votes);
      const hit = Number(now.choice === truth);
      right[answers - 1] = (right[answers - 1] as number) + hit;
      wasSure ||= now.confidencePpm >= policy.targetPpm;
      const step = nextStep(model, policy, now, answers);
      if (!isOpen || (step === "asking" && answers < last)) continue;
      isOpen = false;
      found.answers += answers;
      found.right += hit;
      found.settled += Number(step === "settled");
    }
    found.everSettled += Number(wasSure);
  }
  const withFloor = (share: number): number => (1 - floor) * share + floor / classes;
  return {
    answersPerTask: found.answers / draws,
    accuracy: withFloor(found.right / draws),
    settled: found.settled / draws,
    accuracyByAnswers: [...right].map((each) => withFloor(each / draws)),
    isOutOfReach: found.everSettled / draws < 0.5,
  };
}

/** Numbers in [0, 1) that are the same on every run (mulberry32): a forecast must not change while nothing else does. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
