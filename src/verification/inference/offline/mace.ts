import type { Answers } from "../answers.ts";
import { expOfNegative, logOfPositive } from "../fast-real.ts";
import { checkCells } from "../fit.ts";
import { type Controls, decideLabels, type Inferred } from "../inferred.ts";
import { expOfDigamma } from "./digamma.ts";

/**
 * MACE: Hovy, Berg-Kirkpatrick, Vaswani and Hovy, "Learning whom to trust with MACE", 2013. A contributor knows a task's
 * label, or guesses from a distribution of their own. Variational Bayes as in the paper, a Beta(½, ½) on knowing and a
 * Dirichlet(10) on guesses; from several starts the one with the highest likelihood. The starts are made from fixed
 * seeds, so the same bits each time.
 *
 * Never for verdicts: which start wins can turn on a single answer.
 */
export interface MaceInferred extends Inferred {
  /** The probability that a contributor knows a label instead of guessing it. */
  readonly competence: Float64Array;
}

export interface MaceOptions {
  readonly controls: Controls;
  readonly starts: number;
  readonly iterationsMax: number;
  /** Ends when the logarithm of the likelihood grows by less than that, an answer. */
  readonly tolerance: number;
}

export const maceDefaults: MaceOptions = { controls: null, starts: 10, iterationsMax: 50, tolerance: 1e-7 };

const priorOfKnowing = 0.5;
const priorOfGuess = 10;

export interface MaceState {
  /** P(knows) of each contributor, P(guess = label | guesses) of each code; variational ones need not sum to 1. */
  readonly knows: Float64Array;
  readonly guesses: Float64Array;
  readonly doesNotKnow: Float64Array;
  readonly posterior: Float64Array;
}

export function inferByMace(answers: Answers, options: Partial<MaceOptions> = {}): MaceInferred {
  const all = { ...maceDefaults, ...options };
  checkCells(Math.max(answers.tasks, answers.contributors) * answers.classes);
  let best = fitFrom(answers, all, 0);
  let iterations = best.iterations;
  for (let start = 1; start < all.starts && answers.codes.length > 0; start++) {
    const other = fitFrom(answers, all, start);
    iterations += other.iterations;
    if (other.likelihood > best.likelihood) best = other;
  }
  const { knows, doesNotKnow, posterior } = best.state;
  const competence = knows.map((each, w) => each / (each + (doesNotKnow[w] as number)));
  return { ...decideLabels(answers, posterior, all.controls), iterations, competence };
}

interface Fit {
  readonly state: MaceState;
  readonly likelihood: number;
  readonly iterations: number;
}

function fitFrom(answers: Answers, { controls, iterationsMax, tolerance }: MaceOptions, start: number): Fit {
  const state = startMace(answers, start);
  const counts = createCounts(answers);
  let likelihood = expectMace(answers, state, counts, controls);
  let iterations = 0;
  let gain = Infinity;
  while (iterations < iterationsMax && gain > tolerance * answers.codes.length) {
    maximiseMace(answers, state, counts);
    const next = expectMace(answers, state, counts, controls);
    gain = Math.abs(next - likelihood);
    likelihood = next;
    iterations++;
  }
  return { state, likelihood, iterations };
}

/** Start 0 has everybody alike; the others move each number by a random tenth at most. */
export function startMace({ tasks, contributors, classes }: Answers, start: number): MaceState {
  const random = seededRandom(start);
  const jitter = (): number => (start === 0 ? 1 : 1 + (random() - 0.5) / 5);
  const knows = new Float64Array(contributors);
  const doesNotKnow = new Float64Array(contributors);
  const guesses = new Float64Array(contributors * classes);
  for (let w = 0; w < contributors; w++) {
    knows[w] = 0.5 * jitter();
    doesNotKnow[w] = 1 - (knows[w] as number);
    let total = 0;
    for (let l = 0; l < classes; l++) total += guesses[w * classes + l] = jitter();
    for (let l = 0; l < classes; l++) guesses[w * classes + l] = (guesses[w * classes + l] as number) / total;
  }
  return { knows, doesNotKnow, guesses, posterior: new Float64Array(tasks * classes) };
}

/** A linear congruential generator (Numerical Recipes, 2nd edition, section 7.1): enough to start from. */
function seededRandom(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface MaceCounts {
  /** The expected number of answers of each contributor that were known, and of each code that were guessed. */
  readonly known: Float64Array;
  readonly guessed: Float64Array;
}

export const createCounts = ({ contributors, classes }: Answers): MaceCounts => ({
  known: new Float64Array(contributors),
  guessed: new Float64Array(contributors * classes),
});

/** Sets the posterior and the counts; gives the logarithm of the likelihood. */
export function expectMace(answers: Answers, state: MaceState, counts: MaceCounts, controls: Controls): number {
  const { tasks, classes, offsets, codes } = answers;
  const { knows, doesNotKnow, guesses, posterior } = state;
  counts.known.fill(0);
  counts.guessed.fill(0);
  let likelihood = 0;
  for (let t = 0; t < tasks; t++) {
    const end = offsets[t + 1] as number;
    const row = posterior.subarray(t * classes, (t + 1) * classes).fill(0);
    const start = offsets[t] as number;
    // The factor that all classes share is the product of guesses; a class gains the ratio where it was the answer.
    for (let i = start; i < end; i++) {
      const code = codes[i] as number;
      const w = Math.floor(code / classes);
      const guess = (doesNotKnow[w] as number) * (guesses[code] as number);
      likelihood += logOfPositive(guess);
      row[code % classes] = (row[code % classes] as number) + logOfPositive(((knows[w] as number) + guess) / guess);
    }
    likelihood += toProbabilities(row, controls?.[t] ?? -1);
    for (let i = start; i < end; i++) {
      const code = codes[i] as number;
      const w = Math.floor(code / classes);
      const guess = (doesNotKnow[w] as number) * (guesses[code] as number);
      const known = ((row[code % classes] as number) * (knows[w] as number)) / ((knows[w] as number) + guess);
      counts.known[w] = (counts.known[w] as number) + known;
      counts.guessed[code] = (counts.guessed[code] as number) + 1 - known;
    }
  }
  return likelihood;
}

/** From logarithms with a flat prior over classes; gives the logarithm of their mean. */
function toProbabilities(row: Float64Array, known: number): number {
  let most = known >= 0 ? (row[known] as number) : Math.max(...row);
  if (row.length === 0) most = 0;
  let total = 0;
  for (let c = 0; c < row.length; c++) {
    row[c] = known >= 0 ? Number(c === known) : expOfNegative((row[c] as number) - most);
    total += row[c] as number;
  }
  for (let c = 0; c < row.length; c++) row[c] = (row[c] as number) / total;
  return most + logOfPositive(total / row.length);
}

/** Sets the variational parameters from the counts. */
export function maximiseMace({ contributors, classes }: Answers, state: MaceState, counts: MaceCounts): void {
  for (let w = 0; w < contributors; w++) {
    const known = (counts.known[w] as number) + priorOfKnowing;
    let guessed = 0;
    for (let l = 0; l < classes; l++) guessed += counts.guessed[w * classes + l] as number;
    const all = expOfDigamma(known + guessed + priorOfKnowing);
    state.knows[w] = expOfDigamma(known) / all;
    state.doesNotKnow[w] = expOfDigamma(guessed + priorOfKnowing) / all;
    const allGuessed = expOfDigamma(guessed + priorOfGuess * classes);
    for (let l = 0; l < classes; l++) {
      const code = w * classes + l;
      state.guesses[code] = expOfDigamma((counts.guessed[code] as number) + priorOfGuess) / allGuessed;
    }
  }
}
