import type { Answers } from "./answers.ts";
import { expectFour, expectTwo } from "./expectation-few.ts";
import type { Controls } from "./inferred.ts";
import { multiplyLong, plainProductMax } from "./long-products.ts";

/**
 * The hidden states of a task and what contributors answer in each. State z means that class z mod `classes` is true;
 * there are as many states as classes, or several for a class (kinds of tasks, see model.ts). Tables have a cell for
 * each code (contributor and label) and state, the states of a code together: the inner loops read one cache line.
 */
export interface Tables {
  readonly states: number;
  /** P(label | state, contributor), never below 1e-15. */
  readonly likelihoods: Float64Array;
  /** The expected number of answers of a code in each state. */
  readonly counts: Float64Array;
  /** P(state), up to a factor; never below 1e-15. */
  readonly prior: Float64Array;
  /** P(state | answers) of each task. */
  readonly posterior: Float64Array;
  /**
   * Of few states only, see expectation-few.ts. For each code, side by side in what is mostly one cache line:
   * `likelihoods` over the first state's, and `counts` without it. And the answers of each code.
   */
  readonly pairs: Float64Array;
  readonly answersOfCode: Float64Array;
  /** Of the task at hand, by state: mantissas, and their exponents where they need them. */
  readonly scores: Float64Array;
  readonly powers: Int32Array;
}

const hasRatios = (states: number): boolean => states === 2 || states === 4;

export function createTables(answers: Answers, states: number): Tables {
  const codes = answers.contributors * answers.classes;
  const ratioCodes = hasRatios(states) ? codes : 0;
  return {
    states,
    likelihoods: new Float64Array(codes * states),
    counts: new Float64Array(codes * states),
    prior: new Float64Array(states),
    posterior: new Float64Array(answers.tasks * states),
    pairs: new Float64Array(ratioCodes * 2 * (states - 1)),
    answersOfCode: answersOfCode(answers, ratioCodes),
    scores: new Float64Array(states),
    powers: new Int32Array(states),
  };
}

function answersOfCode({ codes }: Answers, length: number): Float64Array {
  const counts = new Float64Array(length);
  if (length > 0) for (const code of codes) counts[code] = (counts[code] as number) + 1;
  return counts;
}

/** Counts the answers under the posterior as it stands. */
export function countAnswers(answers: Answers, { states, counts, posterior }: Tables): void {
  counts.fill(0);
  for (let t = 0; t < answers.tasks; t++) {
    for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
      const cell = (answers.codes[i] as number) * states;
      for (let z = 0; z < states; z++)
        counts[cell + z] = (counts[cell + z] as number) + (posterior[t * states + z] as number);
    }
  }
}

/**
 * One expectation step: the posterior of every task from `likelihoods` and `prior`, and in the same pass over the answers
 * the `counts` for the next maximisation. Probabilities are multiplied as they are, without logarithms. Answers are added up in the order of the layout: always the same bits.
 *
 * @returns how far the posteriors moved: the mean over tasks of half the sum of absolute changes
 */
export function expectStates(answers: Answers, tables: Tables, controls: Controls): number {
  if (answers.tasks === 0) return 0;
  const expectSome = tables.states === 2 ? expectTwo : tables.states === 4 ? expectFour : expectMany;
  if (hasRatios(tables.states)) setRatios(tables);
  else tables.counts.fill(0);
  let moved = 0;
  for (let from = 0; from < answers.tasks; from += tasksAtOnce) {
    moved += expectSome(answers, tables, controls, from, Math.min(from + tasksAtOnce, answers.tasks));
  }
  if (hasRatios(tables.states)) setCounts(tables);
  return moved / answers.tasks;
}

/** Functions that are called often are compiled better than a loop that is compiled while it runs: by a third. */
const tasksAtOnce = 1_024;

/** A factor that all states share changes no posterior: one number less is read for each answer. */
function setRatios({ states, likelihoods, pairs }: Tables): void {
  for (let from = 0, to = 0; from < likelihoods.length; from += states) {
    const first = likelihoods[from] as number;
    for (let z = 1; z < states; z++) pairs[to++] = (likelihoods[from + z] as number) / first;
    for (let z = 1; z < states; z++) pairs[to++] = 0;
  }
}

/** The first state has the answers that the others have not. */
function setCounts({ states, counts, pairs, answersOfCode: all }: Tables): void {
  for (let code = 0; code < all.length; code++) {
    let rest = all[code] as number;
    for (let z = 1; z < states; z++) {
      const count = pairs[(2 * code + 1) * (states - 1) + z - 1] as number;
      counts[code * states + z] = count;
      rest -= count;
    }
    counts[code * states] = Math.max(rest, 0);
  }
}

function expectMany(answers: Answers, tables: Tables, controls: Controls, from: number, to: number): number {
  const { states, likelihoods, counts, prior, posterior, scores } = tables;
  const { offsets, codes, classes } = answers;
  let moved = 0;
  let start = offsets[from] as number;
  for (let t = from; t < to; t++) {
    const end = offsets[t + 1] as number;
    if (end - start > plainProductMax) multiplyLong(tables, codes, start, end);
    else {
      scores.set(prior);
      for (let i = start; i < end; i++) {
        const cell = (codes[i] as number) * states;
        for (let z = 0; z < states; z++) scores[z] = (scores[z] as number) * (likelihoods[cell + z] as number);
      }
    }
    if (controls !== null) keepOnly(tables, controls[t] as number, classes);
    moved += settle(scores, posterior, t * states);
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * states;
      for (let z = 0; z < states; z++) counts[cell + z] = (counts[cell + z] as number) + (scores[z] as number);
    }
    start = end;
  }
  return moved;
}

/** The kinds of a known class keep what they had; where that is nothing, they are equal. */
function keepOnly({ scores, states }: Tables, known: number, classes: number): void {
  if (known < 0) return;
  let total = 0;
  for (let z = 0; z < states; z++) {
    if (z % classes !== known) scores[z] = 0;
    total += scores[z] as number;
  }
  if (total === 0) for (let z = known; z < states; z += classes) scores[z] = 1;
}

/** Makes probabilities of relative ones, in place and in the posterior; gives half the sum of absolute changes. */
function settle(scores: Float64Array, posterior: Float64Array, row: number): number {
  let total = 0;
  for (const each of scores) total += each;
  let moved = 0;
  for (let z = 0; z < scores.length; z++) {
    const probability = (scores[z] as number) / total;
    moved += Math.abs(probability - (posterior[row + z] as number));
    scores[z] = probability;
    posterior[row + z] = probability;
  }
  return moved / 2;
}
