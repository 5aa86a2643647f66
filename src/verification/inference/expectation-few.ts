import type { Answers } from "./answers.ts";
import type { Tables } from "./expectation.ts";
import { expOfNegative } from "./fast-real.ts";
import type { Controls } from "./inferred.ts";

/**
 * The expectation step of two and of four states, written out: everything of a task stays in registers, and an answer
 * costs one read and one write for each state but the first.
 */

/** What rules a state out: e^−2000 is 0. */
const impossible = -2_000;

/** @returns the sum over tasks of how far their posteriors moved */
export function expectTwo(answers: Answers, tables: Tables, controls: Controls): number {
  const { ratios, ratioCounts: counts, posterior, logPrior } = tables;
  const { offsets, codes, tasks } = answers;
  const prior = (logPrior[1] as number) - (logPrior[0] as number);
  let moved = 0;
  let start = 0;
  for (let t = 0; t < tasks; t++) {
    const end = offsets[t + 1] as number;
    let score = prior;
    for (let i = start; i < end; i++) score += ratios[codes[i] as number] as number;
    if (controls !== null && (controls[t] as number) >= 0) score = controls[t] === 0 ? impossible : -impossible;
    const small = expOfNegative(score < 0 ? score : -score);
    const larger = 1 / (1 + small);
    const smaller = small * larger;
    const second = score < 0 ? smaller : larger;
    moved += Math.abs(second - (posterior[2 * t + 1] as number));
    posterior[2 * t] = score < 0 ? larger : smaller;
    posterior[2 * t + 1] = second;
    for (let i = start; i < end; i++) {
      const code = codes[i] as number;
      counts[code] = (counts[code] as number) + second;
    }
    start = end;
  }
  return moved;
}

/** @returns the sum over tasks of how far their posteriors moved */
export function expectFour(answers: Answers, tables: Tables, controls: Controls): number {
  const { ratios, ratioCounts: counts, posterior, logPrior } = tables;
  const { offsets, codes, tasks, classes } = answers;
  const first = logPrior[0] as number;
  const prior1 = (logPrior[1] as number) - first;
  const prior2 = (logPrior[2] as number) - first;
  const prior3 = (logPrior[3] as number) - first;
  let moved = 0;
  let start = 0;
  for (let t = 0; t < tasks; t++) {
    const end = offsets[t + 1] as number;
    let s0 = 0;
    let s1 = prior1;
    let s2 = prior2;
    let s3 = prior3;
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * 3;
      s1 += ratios[cell] as number;
      s2 += ratios[cell + 1] as number;
      s3 += ratios[cell + 2] as number;
    }
    const known = controls === null ? -1 : (controls[t] as number);
    if (known >= 0) {
      // Four states may be two kinds of two classes.
      if (known !== 0) s0 += impossible * 1e6;
      if (known !== 1 % classes) s1 += impossible * 1e6;
      if (known !== 2 % classes) s2 += impossible * 1e6;
      if (known !== 3 % classes) s3 += impossible * 1e6;
    }
    const low = s0 > s1 ? s0 : s1;
    const high = s2 > s3 ? s2 : s3;
    const most = low > high ? low : high;
    const e0 = expOfNegative(s0 - most);
    const e1 = expOfNegative(s1 - most);
    const e2 = expOfNegative(s2 - most);
    const e3 = expOfNegative(s3 - most);
    const scale = 1 / (e0 + e1 + (e2 + e3));
    const q1 = e1 * scale;
    const q2 = e2 * scale;
    const q3 = e3 * scale;
    const row = 4 * t;
    moved += Math.abs(q1 - (posterior[row + 1] as number)) + Math.abs(q2 - (posterior[row + 2] as number));
    moved += Math.abs(q3 - (posterior[row + 3] as number));
    posterior[row] = e0 * scale;
    posterior[row + 1] = q1;
    posterior[row + 2] = q2;
    posterior[row + 3] = q3;
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) * 3;
      counts[cell] = (counts[cell] as number) + q1;
      counts[cell + 1] = (counts[cell + 1] as number) + q2;
      counts[cell + 2] = (counts[cell + 2] as number) + q3;
    }
    start = end;
  }
  return moved;
}
