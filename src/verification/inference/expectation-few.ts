import type { Answers } from "./answers.ts";
import type { Tables } from "./expectation.ts";
import type { Controls } from "./inferred.ts";
import { multiplyLong, plainProductMax } from "./long-products.ts";

/**
 * The expectation step of two and of four states, written out: everything of a task stays in registers, and an answer
 * costs one read and one write for each state but the first. Indices are made by integer arithmetic, which the compiler
 * need not check for overflow.
 */

/** Odds beyond these are certainty, also where they are infinite. */
const largest = 1e300;

/** Of the tasks from one up to another. @returns the sum of how far their posteriors moved */
export function expectTwo(answers: Answers, tables: Tables, controls: Controls, from: number, to: number): number {
  const { pairs, posterior, prior, scores, sums } = tables;
  const { offsets, codes } = answers;
  const priorOdds = (prior[1] as number) / (prior[0] as number);
  let moved = 0;
  let sum = 0;
  let start = offsets[from] as number;
  for (let t = from; t < to; t++) {
    const end = offsets[t + 1] as number;
    let odds = priorOdds;
    if (end - start > plainProductMax) {
      multiplyLong(tables, codes, start, end);
      odds = (scores[1] as number) / (scores[0] as number);
    } else {
      for (let i = start; i < end; i++) odds *= pairs[(codes[i] as number) << 1] as number;
    }
    let second = odds < largest ? odds / (1 + odds) : 1;
    if (controls !== null && (controls[t] as number) >= 0) second = controls[t] as number;
    moved += Math.abs(second - (posterior[2 * t + 1] as number));
    posterior[2 * t] = 1 - second;
    posterior[2 * t + 1] = second;
    sum += second;
    for (let i = start; i < end; i++) {
      const cell = ((codes[i] as number) << 1) | 1;
      pairs[cell] = (pairs[cell] as number) + second;
    }
    start = end;
  }
  sums[0] = (sums[0] as number) + (to - from - sum);
  sums[1] = (sums[1] as number) + sum;
  return moved;
}

/** The numbers of so many tasks' answers stay in the first cache. */
const tasksInCache = 32;

/** Of the tasks from one up to another. @returns the sum of how far their posteriors moved */
export function expectFour(answers: Answers, tables: Tables, controls: Controls, from: number, to: number): number {
  let moved = 0;
  for (let first = from; first < to; first += tasksInCache) {
    const end = Math.min(first + tasksInCache, to);
    moved += weighFour(answers, tables, controls, first, end);
    countFour(answers, tables, first, end);
  }
  return moved;
}

/** The posteriors. They are not counted task by task: the processor would wait for the end of each product. */
function weighFour(answers: Answers, tables: Tables, controls: Controls, from: number, to: number): number {
  const { pairs, posterior, prior, scores, sums } = tables;
  const { offsets, codes, classes } = answers;
  // Not by taking the array apart: the compiler would not know numbers to come out, and box every product.
  const prior0 = prior[0] as number;
  const prior1 = prior[1] as number;
  const prior2 = prior[2] as number;
  const prior3 = prior[3] as number;
  let moved = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let start = offsets[from] as number;
  for (let t = from; t < to; t++) {
    const end = offsets[t + 1] as number;
    let q0 = prior0;
    let q1 = prior1;
    let q2 = prior2;
    let q3 = prior3;
    if (end - start > plainProductMax) {
      multiplyLong(tables, codes, start, end);
      q0 = scores[0] as number;
      q1 = scores[1] as number;
      q2 = scores[2] as number;
      q3 = scores[3] as number;
    } else {
      for (let i = start; i < end; i++) {
        const cell = (codes[i] as number) << 3;
        q1 *= pairs[cell] as number;
        q2 *= pairs[cell | 1] as number;
        q3 *= pairs[cell | 2] as number;
      }
    }
    const known = controls === null ? -1 : (controls[t] as number);
    if (known >= 0) {
      // Four states may be two kinds of two classes; were nothing left of them, they would be equal.
      const least = 1e-300;
      q0 = known === 0 ? Math.max(q0, least) : 0;
      q1 = known === 1 % classes ? Math.max(q1, least) : 0;
      q2 = known === 2 % classes ? Math.max(q2, least) : 0;
      q3 = known === 3 % classes ? Math.max(q3, least) : 0;
    }
    const scale = 1 / (q0 + q1 + (q2 + q3));
    q1 *= scale;
    q2 *= scale;
    q3 *= scale;
    const row = 4 * t;
    moved += Math.abs(q1 - (posterior[row + 1] as number)) + Math.abs(q2 - (posterior[row + 2] as number));
    moved += Math.abs(q3 - (posterior[row + 3] as number));
    posterior[row] = q0 * scale;
    posterior[row + 1] = q1;
    posterior[row + 2] = q2;
    posterior[row + 3] = q3;
    sum1 += q1;
    sum2 += q2;
    sum3 += q3;
    start = end;
  }
  sums[0] = (sums[0] as number) + (to - from - sum1 - sum2 - sum3);
  sums[1] = (sums[1] as number) + sum1;
  sums[2] = (sums[2] as number) + sum2;
  sums[3] = (sums[3] as number) + sum3;
  return moved;
}

function countFour({ offsets, codes }: Answers, { pairs, posterior }: Tables, from: number, to: number): void {
  let start = offsets[from] as number;
  for (let t = from; t < to; t++) {
    const end = offsets[t + 1] as number;
    const row = 4 * t;
    const q1 = posterior[row + 1] as number;
    const q2 = posterior[row + 2] as number;
    const q3 = posterior[row + 3] as number;
    for (let i = start; i < end; i++) {
      const cell = (codes[i] as number) << 3;
      pairs[cell | 3] = (pairs[cell | 3] as number) + q1;
      pairs[cell | 4] = (pairs[cell | 4] as number) + q2;
      pairs[cell | 5] = (pairs[cell | 5] as number) + q3;
    }
    start = end;
  }
}
