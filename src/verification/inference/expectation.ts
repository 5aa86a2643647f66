import type { Answers } from "./answers.ts";
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
}

export function createTables(answers: Answers, states: number): Tables {
  const cells = answers.contributors * answers.classes * states;
  return {
    states,
    logs: new Float64Array(cells),
    counts: new Float64Array(cells),
    logPrior: new Float64Array(states),
    posterior: new Float64Array(answers.tasks * states),
  };
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
  tables.counts.fill(0);
  if (tables.states === 2) return expectTwo(answers, tables, controls) / answers.tasks;
  if (tables.states === 4) return expectFour(answers, tables, controls) / answers.tasks;
  return expectMany(answers, tables, controls) / answers.tasks;
}

/** What rules a state out: e^−2000 is 0. */
const impossible = -2_000;

/** Two states need one number an answer: the log-odds one way, the count of the second state the other. */
function expectTwo(answers: Answers, tables: Tables, controls: Controls): number {
  const { logs, counts, posterior } = tables;
  const { offsets, codes, tasks } = answers;
  const odds = new Float64Array(logs.length / 2);
  const second = new Float64Array(odds.length);
  const all = new Float64Array(odds.length);
  for (let code = 0; code < odds.length; code++)
    odds[code] = (logs[2 * code + 1] as number) - (logs[2 * code] as number);
  const prior = (tables.logPrior[1] as number) - (tables.logPrior[0] as number);
  let moved = 0;
  let start = 0;
  for (let t = 0; t < tasks; t++) {
    const end = offsets[t + 1] as number;
    let score = prior;
    for (let i = start; i < end; i++) score += odds[codes[i] as number] as number;
    if (controls !== null && (controls[t] as number) >= 0) score = controls[t] === 0 ? impossible : -impossible;
    const small = expOfNegative(score < 0 ? score : -score);
    const larger = 1 / (1 + small);
    const probability = score < 0 ? small * larger : larger;
    const change = probability - (posterior[2 * t + 1] as number);
    moved += change < 0 ? -change : change;
    posterior[2 * t] = score < 0 ? larger : small * larger;
    posterior[2 * t + 1] = probability;
    for (let i = start; i < end; i++) second[codes[i] as number] = (second[codes[i] as number] as number) + probability;
    start = end;
  }
  for (let i = 0; i < codes.length; i++) all[codes[i] as number] = (all[codes[i] as number] as number) + 1;
  for (let code = 0; code < odds.length; code++) {
    counts[2 * code] = Math.max((all[code] as number) - (second[code] as number), 0);
    counts[2 * code + 1] = second[code] as number;
  }
  return moved;
}

function expectFour(answers: Answers, { logs, counts, logPrior, posterior }: Tables, controls: Controls): number {
  const { offsets, codes, classes, tasks } = answers;
  const [p0, p1, p2, p3] = logPrior as unknown as [number, number, number, number];
  const scores = new Float64Array(4);
  let moved = 0;
  let start = 0;
  for (let t = 0; t < tasks; t++) {
    const end = offsets[t + 1] as number;
    let [s0, s1, s2, s3] = [p0, p1, p2, p3];
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * 4;
      s0 += logs[cell] as number;
      s1 += logs[cell + 1] as number;
      s2 += logs[cell + 2] as number;
      s3 += logs[cell + 3] as number;
    }
    scores[0] = s0;
    scores[1] = s1;
    scores[2] = s2;
    scores[3] = s3;
    if (controls !== null) keepOnly(scores, controls[t] as number, classes);
    moved += settle(scores, posterior, t * 4);
    const q0 = scores[0] as number;
    const q1 = scores[1] as number;
    const q2 = scores[2] as number;
    const q3 = scores[3] as number;
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * 4;
      counts[cell] = (counts[cell] as number) + q0;
      counts[cell + 1] = (counts[cell + 1] as number) + q1;
      counts[cell + 2] = (counts[cell + 2] as number) + q2;
      counts[cell + 3] = (counts[cell + 3] as number) + q3;
    }
    start = end;
  }
  return moved;
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
