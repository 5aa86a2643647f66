import { expOfNegative } from "../inference/fast-real.ts";
import { type MarketModel, rowOf } from "./market-model.ts";

/** An answer to the task at hand. */
export interface CastVote {
  readonly contributor: number;
  /** 0 to classes − 1. */
  readonly label: number;
}

export interface Posterior {
  readonly choice: number;
  /** The calibrated probability of `choice`, in parts per million: what the market promises. */
  readonly confidencePpm: number;
  /** That of the class behind it. */
  readonly rivalPpm: number;
}

const million = 1_000_000;
/** A sum of surprises (1e-3 nat) times a discount (1e-6). */
const unitsPerNat = 1_000_000_000;

/**
 * What the answers to one task say of its class. Sums are integers, so the order of votes does not matter, and which
 * class wins is exact: ties go to the class with more votes, then to the lower one. Without votes: the likeliest class.
 */
export function posterior(model: MarketModel, votes: readonly CastVote[]): Posterior {
  return model.form === "matrix" ? matrixPosterior(model, votes) : coinPosterior(model, votes);
}

/** Reused: the hot path allocates nothing. */
const sums = new Float64Array(64);

function matrixPosterior(model: MarketModel, votes: readonly CastVote[]): Posterior {
  const { classes, prior, discountPpm } = model;
  addSurprises(model, votes);
  for (let c = 0; c < classes; c++) sums[c] = (sums[c] as number) * discountPpm + (prior[c] as number) * million;
  let best = 0;
  for (let c = 1; c < classes; c++) {
    const more = (sums[c] as number) - (sums[best] as number);
    if (more < 0 || (more === 0 && votesFor(votes, c) > votesFor(votes, best))) best = c;
  }
  let total = 0;
  let rival = Infinity;
  for (let c = 0; c < classes; c++) {
    const behind = (sums[c] as number) - (sums[best] as number);
    total += expOfNegative(-behind / unitsPerNat);
    if (c !== best && behind < rival) rival = behind;
  }
  const second = classes > 1 ? expOfNegative(-rival / unitsPerNat) / total : 0;
  return calibrated(model, best, 1 / total, second);
}

/** The undiscounted surprise of each class at the votes, into `sums`. */
function addSurprises(model: MarketModel, votes: readonly CastVote[]): void {
  const { classes } = model;
  for (let c = 0; c < classes; c++) sums[c] = 0;
  for (const { contributor, label } of votes) {
    const row = rowOf(model, contributor);
    const from = label * classes;
    for (let c = 0; c < classes; c++) sums[c] = (sums[c] as number) + (row[from + c] as number);
  }
}

const votesFor = (votes: readonly CastVote[], label: number): number => {
  let count = 0;
  for (const vote of votes) if (vote.label === label) count++;
  return count;
};

/** Only classes that somebody named differ; all others share the surprise of being nobody's. */
function coinPosterior(model: MarketModel, votes: readonly CastVote[]): Posterior {
  const { classes, discountPpm } = model;
  const named = new Map<number, number>();
  for (const { contributor, label } of votes) {
    const row = rowOf(model, contributor);
    named.set(label, (named.get(label) ?? 0) + (row[0] as number) - (row[1] as number));
  }
  let unnamed = 0;
  while (named.has(unnamed)) unnamed++;
  const ranked = [...named, ...(unnamed < classes ? [[unnamed, 0] as const] : [])].sort(
    ([labelA, a], [labelB, b]) => a - b || votesFor(votes, labelB) - votesFor(votes, labelA) || labelA - labelB,
  );
  const [choice, least] = ranked[0] as readonly [number, number];
  const relative = (surprise: number): number => expOfNegative(((least - surprise) * discountPpm) / unitsPerNat);
  let total = (classes - named.size) * relative(0);
  for (const [, surprise] of named) total += relative(surprise);
  const second = ranked[1];
  const isShared = choice === unnamed && classes - named.size > 1;
  const rival = isShared ? 1 : second === undefined ? 0 : relative(second[1]);
  return calibrated(model, choice, 1 / total, rival / total);
}

function calibrated({ classes, floorPpm }: MarketModel, choice: number, top: number, second: number): Posterior {
  const kept = million - floorPpm;
  const spread = floorPpm / classes;
  return {
    choice,
    confidencePpm: Math.round(kept * top + spread),
    rivalPpm: classes > 1 ? Math.round(kept * second + spread) : 0,
  };
}

/** The probability of one class with the evidence at face value and no floor: for whoever asks what is clearly wrong. */
export function undiscountedPpm(model: MarketModel, votes: readonly CastVote[], label: number): number {
  return model.form === "matrix" ? matrixPpm(model, votes, label) : coinPpm(model, votes, label);
}

function matrixPpm(model: MarketModel, votes: readonly CastVote[], label: number): number {
  const { classes, prior } = model;
  addSurprises(model, votes);
  let least = Infinity;
  for (let c = 0; c < classes; c++) {
    sums[c] = (sums[c] as number) + (prior[c] as number);
    least = Math.min(least, sums[c] as number);
  }
  const relative = (c: number): number => expOfNegative((least - (sums[c] as number)) / 1_000);
  let total = 0;
  for (let c = 0; c < classes; c++) total += relative(c);
  return Math.round((million * relative(label)) / total);
}

function coinPpm(model: MarketModel, votes: readonly CastVote[], label: number): number {
  const surprises = new Map<number, number>([[label, 0]]);
  for (const vote of votes) {
    const row = rowOf(model, vote.contributor);
    surprises.set(vote.label, (surprises.get(vote.label) ?? 0) + (row[0] as number) - (row[1] as number));
  }
  const others = model.classes - surprises.size;
  let least = others > 0 ? 0 : Infinity;
  for (const each of surprises.values()) least = Math.min(least, each);
  const relative = (surprise: number): number => expOfNegative((least - surprise) / 1_000);
  let total = others > 0 ? others * relative(0) : 0;
  for (const each of surprises.values()) total += relative(each);
  return Math.round((million * relative(surprises.get(label) as number)) / total);
}

/** The discounted probability of each class without the floor, for whoever chooses whom to ask. Matrix models only. */
export function classProbabilities(model: MarketModel, votes: readonly CastVote[]): Float64Array {
  const { classes, prior, discountPpm } = model;
  addSurprises(model, votes);
  const probabilities = new Float64Array(classes);
  let least = Infinity;
  for (let c = 0; c < classes; c++) {
    probabilities[c] = ((sums[c] as number) * discountPpm) / unitsPerNat + (prior[c] as number) / 1_000;
    least = Math.min(least, probabilities[c] as number);
  }
  let total = 0;
  for (let c = 0; c < classes; c++) {
    probabilities[c] = expOfNegative(least - (probabilities[c] as number));
    total += probabilities[c] as number;
  }
  return probabilities.map((each) => each / total);
}
