import type { Answers } from "../inference/answers.ts";
import type { Tables } from "../inference/expectation.ts";
import { expOfNegative, logOfPositive } from "../inference/fast-real.ts";
import type { Controls } from "../inference/inferred.ts";
import { addUp, leaveOut, type Tally } from "./tally.ts";

/** What contributors who look say, and what all say. */
export interface Pool {
  /** P(label | truth) of those who are believed to look: label × classes + truth. */
  readonly rows: Float64Array;
  /** How often they are right, the classes taken equally. */
  readonly accuracy: number;
  /** The share of each label among all answers. */
  readonly habits: Float64Array;
  /** How far each contributor is believed to look, from 0 to 1. */
  readonly credit: Float64Array;
}

export interface Evidence {
  /** Nats for each contributor being informative. */
  readonly nats: Float64Array;
  readonly answers: Float64Array;
  readonly controlAnswers: Float64Array;
}

/** How many answers the pool is worth against a contributor's own, and the habits of all against theirs. */
const ownStrength = 4;
const habitStrength = 2;
const leastProbability = 1e-12;
/** How likely somebody who looks is like the pool, has an accuracy of their own, or errors of their own. */
const likelihoodOf = { pool: 0.8, coin: 0.1, own: 0.1 } as const;
/** Those of their own must be worth an eighth of the pool's nats an answer, and of at least that. */
const demandedShare = 1 / 8;
const leastGain = 0.02;
/** Below that many nats, control tasks contradict what peers vouch for. */
const brokenPromise = -3;

/** Logarithms of probabilities of a contributor's answers, all relative to that of their own habits. */
interface Sums {
  readonly pool: Float64Array;
  readonly coin: Float64Array;
  readonly own: Float64Array;
  readonly commonHabit: Float64Array;
  readonly promise: Float64Array;
}

/**
 * How much likelier a contributor's answers are of somebody who looks at the tasks than of somebody who does not, whatever
 * their habits (constant, even, following the prior): the logarithm of a Bayes factor. Mere frequency proves nothing, so
 * this is the chance-corrected, balanced gate. Each answer is predicted by the rest: its task's truth from the other
 * answers to it, the contributor's errors and habits from their other answers. So evidence does not feed itself.
 */
export function gatherEvidence(
  answers: Answers,
  tables: Tables,
  controls: Controls,
  pool: Pool,
  onControlsOnly: boolean,
): Evidence {
  const tally = addUp(answers, tables, controls, onControlsOnly);
  const sums = sumUp(answers, tables, controls, pool, tally, onControlsOnly);
  demand(sums, tally.answers, pool.credit);
  const nats = sums.pool.map((pooled, w) => {
    // Worse than chance is not another way to look: who answers at random is that half of the time.
    const isWorse = (tally.right[w] as number) < rightByChance(tally, w, answers.classes);
    const [coin, own] = isWorse ? [pooled, pooled] : [sums.coin[w] as number, sums.own[w] as number];
    const informative = logOfMean([likelihoodOf.pool, likelihoodOf.coin, likelihoodOf.own], [pooled, coin, own]);
    const found = informative - logOfMean([0.5, 0.5], [0, sums.commonHabit[w] as number]);
    const promise = sums.promise[w] as number;
    return promise < brokenPromise ? Math.min(found, promise) : found;
  });
  return { nats, answers: tally.answers, controlAnswers: tally.controlAnswers };
}

/** How many answers would be right if a contributor gave the same labels to other tasks. */
function rightByChance({ labels, totals, answers }: Tally, w: number, classes: number): number {
  let sum = 0;
  for (let z = w * classes; z < (w + 1) * classes; z++) sum += (labels[z] as number) * (totals[z] as number);
  return sum / Math.max(answers[w] as number, 1);
}

function sumUp(
  answers: Answers,
  tables: Tables,
  controls: Controls,
  pool: Pool,
  tally: Tally,
  onControlsOnly: boolean,
): Sums {
  const { contributors, classes, offsets, codes } = answers;
  const zeros = (): Float64Array => new Float64Array(contributors);
  const sums = { pool: zeros(), coin: zeros(), own: zeros(), commonHabit: zeros(), promise: zeros() };
  const habits = logHabits(tally, pool, sums.commonHabit);
  const truth = new Float64Array(classes);
  for (let t = 0; t < answers.tasks; t++) {
    const known = controls?.[t] ?? -1;
    if (onControlsOnly && known < 0) continue;
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const code = codes[i] as number;
      leaveOut(tables, t, code, known, truth);
      addAnswer(sums, code, truth, pool, tally, habits);
      if (known >= 0 && !onControlsOnly) addPromise(sums, code, classes, known, pool, tally);
    }
  }
  return sums;
}

function addAnswer(
  sums: Sums,
  code: number,
  truth: Float64Array,
  pool: Pool,
  tally: Tally,
  habits: Float64Array,
): void {
  const classes = truth.length;
  const w = Math.floor(code / classes);
  const label = code - w * classes;
  const others = (tally.answers[w] as number) - 1;
  const right = (tally.right[w] as number) - (truth[label] as number);
  const accuracy = (right + ownStrength * pool.accuracy) / (others + ownStrength);
  let [like, coin, own] = [0, 0, 0];
  for (let z = 0; z < classes; z++) {
    const share = truth[z] as number;
    const row = pool.rows[label * classes + z] as number;
    const error = 1 - (pool.rows[z * classes + z] as number);
    like += share * row;
    coin += share * (z === label ? accuracy : ((1 - accuracy) * row) / Math.max(error, leastProbability));
    const count = (tally.counts[code * classes + z] as number) - share;
    own += (share * (count + ownStrength * row)) / ((tally.totals[w * classes + z] as number) - share + ownStrength);
  }
  const habit = habits[code] as number;
  sums.pool[w] = (sums.pool[w] as number) + logOf(like) - habit;
  sums.coin[w] = (sums.coin[w] as number) + logOf(coin) - habit;
  sums.own[w] = (sums.own[w] as number) + logOf(own) - habit;
}

/** Whoever is as good on control tasks as on others is halfway between their own errors elsewhere and the pool's. */
function addPromise(sums: Sums, code: number, classes: number, known: number, pool: Pool, tally: Tally): void {
  const w = Math.floor(code / classes);
  const label = code - w * classes;
  const row = pool.rows[label * classes + known] as number;
  const count = (tally.counts[code * classes + known] as number) - (tally.onControls[code * classes + known] as number);
  const total = (tally.totals[w * classes + known] as number) - (tally.controlTotals[w * classes + known] as number);
  const elsewhere = (count + ownStrength * row) / (total + ownStrength);
  const habit = habitOf(tally, code, w, pool.habits[label] as number);
  sums.promise[w] = (sums.promise[w] as number) + logOf((elsewhere + row) / 2) - logOf(habit);
}

/** The logarithm of the own habit of each code; adds to each contributor how much likelier the habit of all is. */
function logHabits(tally: Tally, pool: Pool, commonHabit: Float64Array): Float64Array {
  const classes = pool.habits.length;
  const logs = new Float64Array(tally.labels.length);
  for (let code = 0; code < logs.length; code++) {
    const count = tally.labels[code] as number;
    if (count === 0) continue;
    const w = Math.floor(code / classes);
    const common = pool.habits[code - w * classes] as number;
    const own = logOf(habitOf(tally, code, w, common));
    logs[code] = own;
    commonHabit[w] = (commonHabit[w] as number) + count * (logOf(common) - own);
  }
  return logs;
}

const habitOf = ({ labels, answers }: Tally, code: number, w: number, common: number): number =>
  ((labels[code] as number) - 1 + habitStrength * common) / ((answers[w] as number) - 1 + habitStrength);

/**
 * Somebody who does not look and has answered much could never be told from somebody who looks a little. So those who
 * are not like the pool must say a share of what the pool says.
 */
function demand({ pool, coin, own }: Sums, answers: Float64Array, credit: Float64Array): void {
  let gained = 0;
  let given = 1;
  for (let w = 0; w < answers.length; w++) {
    gained += (credit[w] as number) * (pool[w] as number);
    given += (credit[w] as number) * (answers[w] as number);
  }
  const demanded = demandedShare * Math.max(gained / given, leastGain);
  for (let w = 0; w < answers.length; w++) {
    coin[w] = (coin[w] as number) - demanded * (answers[w] as number);
    own[w] = (own[w] as number) - demanded * (answers[w] as number);
  }
}

const logOf = (probability: number): number => logOfPositive(Math.max(probability, leastProbability));

/** ln of the weighted mean of e^x. */
function logOfMean(weights: readonly number[], logs: readonly number[]): number {
  const most = Math.max(...logs);
  let sum = 0;
  for (let e = 0; e < logs.length; e++) sum += (weights[e] as number) * expOfNegative((logs[e] as number) - most);
  return most + logOfPositive(sum);
}
