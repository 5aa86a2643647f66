import { expOfNegative } from "../inference/fast-real.ts";
import { exp, log } from "../real.ts";
import {
  effectiveAccuracy,
  type MarketModel,
  matrixClassesMax,
  type Row,
  rowOf,
  surpriseOf,
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

/**
 * Contributors differ in accuracy like draws from a Beta distribution of that weight, if they are right a quarter above
 * chance or more; below that less, as nobody is much better than chance where all together hardly are.
 */
const spreadWeight = 3;
/** The middles of ten equal parts of a normal distribution, in standard deviations. */
const parts = [-1.645, -1.036, -0.674, -0.385, -0.126, 0.126, 0.385, 0.674, 1.036, 1.645];
const accuracyLeast = 0.02;

/**
 * Before anything is known of a market's contributors but how often they are right: half of them are better, and are
 * asked most. Their spread is that of the crowds that `bench -- overlap` replays.
 */
export function supposedCrowd(classes: number, accuracy: number): Crowd {
  const aboveChance = (accuracy * classes - 1) / Math.max(classes - 1, 1);
  const spread = Math.min(Math.max(4 * aboveChance, 0), 1);
  const deviation = spread * Math.sqrt((accuracy * (1 - accuracy)) / (spreadWeight + 1));
  const accuracies = parts
    .slice(parts.length / 2)
    .map((each) => Math.min(Math.max(accuracy + each * deviation, accuracyLeast), 1 - accuracyLeast));
  return { classes, accuracies, discount: usualDiscount, floor: usualFloor };
}

/** The better half of the contributors whom a model knows: they are asked most. */
export function knownCrowd(model: MarketModel): Crowd {
  const accuracies = [...model.rows.keys()].map((each) => accuracyOf(model, each)).sort((a, b) => b - a);
  if (accuracies.length === 0) accuracies.push(accuracyOf(model, -1));
  return {
    classes: model.classes,
    accuracies: accuracies.slice(0, Math.ceil(accuracies.length / 2)),
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
 * informative as their discounted evidence, and each contributor gives equally many.
 */
export function forecast(crowd: Crowd, policy: OverlapPolicy): Forecast {
  const model = effectiveModel(crowd);
  const last = Math.min(policy.max, answersMax);
  const random = randomNumbers(model.classes);
  const right = new Float64Array(last);
  const found = { answers: 0, right: 0, settled: 0, everSettled: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const path = playTask(model, policy, last, random);
    for (const [i, isRight] of path.isRight.entries()) right[i] = (right[i] as number) + Number(isRight);
    found.answers += path.answers;
    found.right += Number(path.isRight[path.answers - 1]);
    found.settled += Number(path.isSettled);
    found.everSettled += Number(path.wasEverSure);
  }
  const withFloor = (share: number): number => (1 - crowd.floor) * share + crowd.floor / model.classes;
  return {
    answersPerTask: found.answers / draws,
    accuracy: withFloor(found.right / draws),
    settled: found.settled / draws,
    accuracyByAnswers: [...right].map((each) => withFloor(each / draws)),
    isOutOfReach: found.everSettled / draws < 0.5,
  };
}

/** Contributors as good as their discounted evidence, whose evidence is believed as it is. */
function effectiveModel({ accuracies, discount, floor, ...crowd }: Crowd): MarketModel {
  const classes = Math.min(crowd.classes, matrixClassesMax);
  const effective = accuracies.map((each) => effectiveAccuracy(each, discount, classes));
  const mean = effective.reduce((sum, each) => sum + each, 0) / effective.length;
  return {
    ...uniformModel(classes, mean),
    rows: new Map(accuracies.map((each, contributor) => [contributor, effectiveRow(classes, each, discount)])),
    discountPpm: 1_000_000,
    floorPpm: Math.round(floor * 1_000_000),
    typicalPpm: Math.round(mean * 1_000_000),
  };
}

/**
 * The row of somebody whose errors fall on few classes, as a crowd's do: half of them on one other class, half of the rest
 * on the next, and so on. Of more classes than a matrix has, the last would hardly get any.
 */
function effectiveRow(classes: number, accuracy: number, discount: number): Row {
  const tempered = Float64Array.from({ length: classes }, (_, apart) =>
    exp(discount * log(apart === 0 ? accuracy : (1 - accuracy) * shareOfErrors(apart, classes))),
  );
  const total = tempered.reduce((sum, each) => sum + each, 0);
  return Int32Array.from({ length: classes * classes }, (_, cell) => {
    const apart = (Math.floor(cell / classes) - (cell % classes) + classes) % classes;
    return surpriseOf((tempered[apart] as number) / total);
  });
}

const shareOfErrors = (apart: number, classes: number): number => 1 / 2 ** Math.min(apart, classes - 2);

interface Path {
  /** Where the policy ended. */
  readonly answers: number;
  readonly isSettled: boolean;
  /** With each number of answers, whether the likeliest label is the true one. */
  readonly isRight: readonly boolean[];
  readonly wasEverSure: boolean;
}

/** One made-up task, answered to the last, whatever the policy would have done. */
function playTask(model: MarketModel, policy: OverlapPolicy, last: number, random: () => number): Path {
  const { classes } = model;
  const truth = Math.floor(random() * classes);
  const votes: CastVote[] = [];
  const isRight: boolean[] = [];
  let end: { readonly answers: number; readonly isSettled: boolean } | null = null;
  let wasEverSure = false;
  for (let answers = 1; answers <= last; answers++) {
    votes.push(madeUpVote(model, truth, random));
    const now = posterior(model, votes);
    isRight.push(now.choice === truth);
    wasEverSure ||= now.confidencePpm >= policy.targetPpm;
    const step = nextStep(model, policy, now, answers);
    if (step !== "asking" || answers === last) end ??= { answers, isSettled: step === "settled" };
  }
  return { ...(end ?? { answers: last, isSettled: false }), isRight, wasEverSure };
}

function madeUpVote(model: MarketModel, truth: number, random: () => number): CastVote {
  const { classes } = model;
  const contributor = Math.floor(random() * model.rows.size);
  const row = rowOf(model, contributor);
  let rest = random();
  let label = truth;
  for (let apart = 0; apart < classes; apart++) {
    label = (truth + apart) % classes;
    rest -= expOfNegative(-(row[label * classes + truth] as number) / 1_000);
    if (rest < 0) break;
  }
  return { contributor, label };
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
