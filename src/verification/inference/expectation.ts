import type { Answers } from "./answers.ts";
import { expectFour, expectTwo } from "./expectation-few.ts";
import { expOfNegative } from "./fast-real.ts";
import type { Controls } from "./inferred.ts";

/**
 * The hidden states of a task and what contributors answer in each. State z means that class z mod `classes` is true;
 * there are as many states as classes, or several for a class (kinds of tasks, see model.ts). Tables have a cell for
 * each code (contributor and label) and state, the states of a code together: the inner loops read one cache line.
 */
export interface Tables {
  readonly states: number;
  /** ln P(label | state, contributor). */
  readonly logs: Float64Array;
  /** The expected number of answers of a code in each state. */
  readonly counts: Float64Array;
  /** ln P(state). */
  readonly logPrior: Float64Array;
  /** P(state | answers) of each task. */
  readonly posterior: Float64Array;
  /** Of few states only, see expectation-few.ts: `logs` and `counts` without the first state, and answers of a code. */
  readonly ratios: Float64Array;
  readonly ratioCounts: Float64Array;
  readonly answersOfCode: Float64Array;
}

const hasRatios = (states: number): boolean => states === 2 || states === 4;

export function createTables(answers: Answers, states: number): Tables {
  const codes = answers.contributors * answers.classes;
  const ratioCodes = hasRatios(states) ? codes : 0;
  return {
    states,
    logs: new Float64Array(codes * states),
    counts: new Float64Array(codes * states),
    logPrior: new Float64Array(states),
    posterior: new Float64Array(answers.tasks * states),
    ratios: new Float64Array(ratioCodes * (states - 1)),
    ratioCounts: new Float64Array(ratioCodes * (states - 1)),
    answersOfCode: answersOfCode(answers, ratioCodes),
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
 * One expectation step: the posterior of every task from `logs` and `logPrior`, and in the same pass over the answers
 * the `counts` for the next maximisation. Answers are added up in the order of the layout: always the same bits.
 *
 * @returns how far the posteriors moved: the mean over tasks of half the sum of absolute changes
 */
export function expectStates(answers: Answers, tables: Tables, controls: Controls): number {
  if (answers.tasks === 0) return 0;
  if (hasRatios(tables.states)) {
    setRatios(tables);
    const moved = (tables.states === 2 ? expectTwo : expectFour)(answers, tables, controls);
    setCounts(tables);
    return moved / answers.tasks;
  }
  tables.counts.fill(0);
  return expectMany(answers, tables, controls) / answers.tasks;
}

/** A factor that all states share changes no posterior: one number less is read for each answer. */
function setRatios({ states, logs, ratios, ratioCounts }: Tables): void {
  for (let from = 0, to = 0; from < logs.length; from += states) {
    for (let z = 1; z < states; z++) ratios[to++] = (logs[from + z] as number) - (logs[from] as number);
  }
  ratioCounts.fill(0);
}

/** The first state has the answers that the others have not. */
function setCounts({ states, counts, ratioCounts, answersOfCode: all }: Tables): void {
  for (let code = 0; code < all.length; code++) {
    let rest = all[code] as number;
    for (let z = 1; z < states; z++) {
      const count = ratioCounts[code * (states - 1) + z - 1] as number;
      counts[code * states + z] = count;
      rest -= count;
    }
    counts[code * states] = Math.max(rest, 0);
  }
}

function expectMany(answers: Answers, tables: Tables, controls: Controls): number {
  const { states, logs, counts, logPrior, posterior } = tables;
  const { offsets, codes, classes, tasks } = answers;
  const scores = new Float64Array(states);
  let moved = 0;
  let start = 0;
  for (let t = 0; t < tasks; t++) {
    const end = offsets[t + 1] as number;
    scores.set(logPrior);
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * states;
      for (let z = 0; z < states; z++) scores[z] = (scores[z] as number) + (logs[cell + z] as number);
    }
    if (controls !== null) keepOnly(scores, controls[t] as number, classes);
    moved += settle(scores, posterior, t * states);
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * states;
      for (let z = 0; z < states; z++) counts[cell + z] = (counts[cell + z] as number) + (scores[z] as number);
    }
    start = end;
  }
  return moved;
}

function keepOnly(scores: Float64Array, known: number, classes: number): void {
  if (known < 0) return;
  for (let z = 0; z < scores.length; z++) if (z % classes !== known) scores[z] = -1e300;
}

/** Makes probabilities of log scores, in place and in the posterior; gives half the sum of absolute changes. */
function settle(scores: Float64Array, posterior: Float64Array, row: number): number {
  const states = scores.length;
  let most = scores[0] as number;
  for (let z = 1; z < states; z++) if ((scores[z] as number) > most) most = scores[z] as number;
  let total = 0;
  for (let z = 0; z < states; z++) {
    const each = expOfNegative((scores[z] as number) - most);
    scores[z] = each;
    total += each;
  }
  let moved = 0;
  for (let z = 0; z < states; z++) {
    const probability = (scores[z] as number) / total;
    const change = probability - (posterior[row + z] as number);
    moved += change < 0 ? -change : change;
    scores[z] = probability;
    posterior[row + z] = probability;
  }
  return moved / 2;
}
