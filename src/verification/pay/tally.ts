import type { Answers } from "../inference/answers.ts";
import type { Tables } from "../inference/expectation.ts";
import type { Controls } from "../inference/inferred.ts";

/** What contributors answered, against what the other answers to each task say of its truth. */
export interface Tally {
  /** Expected answers of each code and truth, and of each contributor and truth: code or contributor × classes + truth. */
  readonly counts: Float64Array;
  readonly totals: Float64Array;
  /** Those of them to control tasks. */
  readonly onControls: Float64Array;
  readonly controlTotals: Float64Array;
  /** Of each code. */
  readonly labels: Float64Array;
  /** Of each contributor. */
  readonly answers: Float64Array;
  readonly controlAnswers: Float64Array;
  readonly right: Float64Array;
}

export function addUp(answers: Answers, tables: Tables, controls: Controls, onControlsOnly: boolean): Tally {
  const { contributors, classes, offsets, codes } = answers;
  const tally = emptyTally(contributors, classes);
  const truth = new Float64Array(classes);
  for (let t = 0; t < answers.tasks; t++) {
    const known = controls?.[t] ?? -1;
    if (onControlsOnly && known < 0) continue;
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const code = codes[i] as number;
      leaveOut(tables, t, code, known, truth);
      addOne(tally, code, classes, truth, known >= 0);
    }
  }
  return tally;
}

const emptyTally = (contributors: number, classes: number): Tally => ({
  counts: new Float64Array(contributors * classes * classes),
  totals: new Float64Array(contributors * classes),
  onControls: new Float64Array(contributors * classes * classes),
  controlTotals: new Float64Array(contributors * classes),
  labels: new Float64Array(contributors * classes),
  answers: new Float64Array(contributors),
  controlAnswers: new Float64Array(contributors),
  right: new Float64Array(contributors),
});

function addOne(tally: Tally, code: number, classes: number, truth: Float64Array, isControl: boolean): void {
  const w = Math.floor(code / classes);
  for (let z = 0; z < classes; z++) {
    const share = truth[z] as number;
    add(tally.counts, code * classes + z, share);
    add(tally.totals, w * classes + z, share);
    if (!isControl) continue;
    add(tally.onControls, code * classes + z, share);
    add(tally.controlTotals, w * classes + z, share);
  }
  add(tally.labels, code, 1);
  add(tally.answers, w, 1);
  if (isControl) add(tally.controlAnswers, w, 1);
  add(tally.right, w, truth[code - w * classes] as number);
}

function add(table: Float64Array, cell: number, value: number): void {
  table[cell] = (table[cell] as number) + value;
}

/** So that a truth which the posterior excludes can come back when an answer is left out. */
const leastShare = 1e-9;

/**
 * Sets `truth` to what is known of a task without one of its answers: its control answer, or what the others say.
 *
 * @param tables of as many states as classes
 */
export function leaveOut(
  { posterior, likelihoods }: Tables,
  task: number,
  code: number,
  known: number,
  truth: Float64Array,
): void {
  const classes = truth.length;
  let total = 0;
  for (let z = 0; z < classes; z++) {
    const share = (posterior[task * classes + z] as number) + leastShare;
    const value = known >= 0 ? Number(z === known) : share / (likelihoods[code * classes + z] as number);
    truth[z] = value;
    total += value;
  }
  for (let z = 0; z < classes; z++) truth[z] = (truth[z] as number) / total;
}
