import type { Answers } from "./answers.ts";
import { expectFour, expectTwo } from "./expectation-few.ts";
import { expectSix } from "./expectation-six.ts";
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
  /** The posterior of each state summed over the tasks that were expected, see chunks.ts. */
  readonly sums: Float64Array;
}

export const hasRatios = (states: number): boolean => states === 2 || states === 4;
/** How far a code's pairs are from the next one's: six numbers of four states are given the place of eight, a cache line. */
export const strideOf = (states: number): number => (states === 2 ? 2 : 8);

/** @param makeNumbers makes arrays of zeros: those that threads share, see chunks.ts */
export function createTables(
  answers: Answers,
  states: number,
  makeNumbers = (length: number): Float64Array => new Float64Array(length),
): Tables {
  const codes = answers.contributors * answers.classes;
  const ratioCodes = hasRatios(states) ? codes : 0;
  return {
    states,
    likelihoods: makeNumbers(codes * states),
    counts: new Float64Array(codes * states),
    prior: makeNumbers(states),
    posterior: makeNumbers(answers.tasks * states),
    pairs: new Float64Array(ratioCodes * strideOf(states)),
    answersOfCode: answersOfCode(answers, ratioCodes),
    scores: new Float64Array(states),
    powers: new Int32Array(states),
    sums: new Float64Array(states),
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
  if (hasRatios(tables.states)) setRatios(tables);
  else tables.counts.fill(0);
  const moved = expectTasks(answers, tables, controls, 0, answers.tasks);
  if (hasRatios(tables.states)) setCounts(tables);
  return moved / answers.tasks;
}

/** Of the tasks from one up to another, adding to counts and sums. @returns the sum of how far their posteriors moved */
export function expectTasks(answers: Answers, tables: Tables, controls: Controls, from: number, to: number): number {
  const expectSome = expectationOfStates(tables.states);
  let moved = 0;
  for (let first = from; first < to; first += tasksAtOnce) {
    moved += expectSome(answers, tables, controls, first, Math.min(first + tasksAtOnce, to));
  }
  return moved;
}

type ExpectSome = (answers: Answers, tables: Tables, controls: Controls, from: number, to: number) => number;

const expectationOfStates = (states: number): ExpectSome =>
  states === 2 ? expectTwo : states === 4 ? expectFour : states === 6 ? expectSixOrOne : expectMany;

const expectSixOrOne: ExpectSome = (answers, tables, controls, from, to) =>
  expectSix(answers, tables, controls, from, to, expectTask);

/** Functions that are called often are compiled better than a loop that is compiled while it runs: by a third. */
const tasksAtOnce = 1_024;

/** A factor that all states share changes no posterior: one number less is read for each answer. */
export function setRatios({ states, likelihoods, pairs }: Tables): void {
  const stride = strideOf(states);
  for (let from = 0, to = 0; from < likelihoods.length; from += states, to += stride) {
    const first = likelihoods[from] as number;
    for (let z = 1; z < states; z++) {
      pairs[to + z - 1] = (likelihoods[from + z] as number) / first;
      pairs[to + states + z - 2] = 0;
    }
  }
}

/** The first state has the answers that the others have not. */
export function setCounts({ states, counts, pairs, answersOfCode: all }: Tables): void {
  const stride = strideOf(states);
  for (let code = 0; code < all.length; code++) {
    let rest = all[code] as number;
    for (let z = 1; z < states; z++) {
      const count = pairs[code * stride + states + z - 2] as number;
      counts[code * states + z] = count;
      rest -= count;
    }
    counts[code * states] = Math.max(rest, 0);
  }
}

/** Moves the counts beside the ratios to a table of their own, of `states` − 1 for each code. */
export function takeRatioCounts({ states, pairs }: Tables, counts: Float64Array): void {
  if (states === 2) {
    for (let code = 0, cell = 1; code < counts.length; code++, cell += 2) {
      counts[code] = pairs[cell] as number;
      pairs[cell] = 0;
    }
    return;
  }
  for (let to = 0, cell = 3; to < counts.length; to += 3, cell += 8) {
    counts[to] = pairs[cell] as number;
    counts[to + 1] = pairs[cell + 1] as number;
    counts[to + 2] = pairs[cell + 2] as number;
    pairs[cell] = 0;
    pairs[cell + 1] = 0;
    pairs[cell + 2] = 0;
  }
}

/** Adds such a table to the counts beside the ratios. */
export function addRatioCounts({ states, pairs }: Tables, counts: Float64Array): void {
  if (states === 2) {
    for (let code = 0, cell = 1; code < counts.length; code++, cell += 2) {
      pairs[cell] = (pairs[cell] as number) + (counts[code] as number);
    }
    return;
  }
  for (let from = 0, cell = 3; from < counts.length; from += 3, cell += 8) {
    pairs[cell] = (pairs[cell] as number) + (counts[from] as number);
    pairs[cell + 1] = (pairs[cell + 1] as number) + (counts[from + 1] as number);
    pairs[cell + 2] = (pairs[cell + 2] as number) + (counts[from + 2] as number);
  }
}

function expectMany(answers: Answers, tables: Tables, controls: Controls, from: number, to: number): number {
  let moved = 0;
  for (let t = from; t < to; t++) moved += expectTask(answers, tables, controls, t);
  return moved;
}

/** Any number of states, one task: what the functions of few states are measured against. */
export function expectTask(
  { offsets, codes, classes }: Answers,
  tables: Tables,
  controls: Controls,
  t: number,
): number {
  const { states, likelihoods, counts, prior, posterior, scores, sums } = tables;
  const start = offsets[t] as number;
  const end = offsets[t + 1] as number;
  if (end - start > plainProductMax) multiplyLong(tables, codes, start, end);
  else {
    for (let z = 0; z < states; z++) scores[z] = prior[z] as number;
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * states;
      for (let z = 0; z < states; z++) scores[z] = (scores[z] as number) * (likelihoods[cell + z] as number);
    }
  }
  if (controls !== null) keepOnly(tables, controls[t] as number, classes);
  const moved = settle(scores, posterior, t * states, sums);
  for (let i = start; i < end; i++) {
    const cell = (codes[i] as number) * states;
    for (let z = 0; z < states; z++) counts[cell + z] = (counts[cell + z] as number) + (scores[z] as number);
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
function settle(scores: Float64Array, posterior: Float64Array, row: number, sums: Float64Array): number {
  let total = 0;
  for (let z = 0; z < scores.length; z++) total += scores[z] as number;
  let moved = 0;
  for (let z = 0; z < scores.length; z++) {
    const probability = (scores[z] as number) / total;
    moved += Math.abs(probability - (posterior[row + z] as number));
    scores[z] = probability;
    posterior[row + z] = probability;
    sums[z] = (sums[z] as number) + probability;
  }
  return moved / 2;
}
