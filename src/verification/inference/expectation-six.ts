import type { Answers } from "./answers.ts";
import type { Tables } from "./expectation.ts";
import type { Controls } from "./inferred.ts";
import { plainProductMax } from "./long-products.ts";

/** Takes one task by itself, as any number of states is taken. @returns how far its posterior moved */
export type ExpectTask = (answers: Answers, tables: Tables, controls: Controls, task: number) => number;

/**
 * The expectation step of six states (three kinds of two classes, two of three) written out: the same operations in the
 * same order as of any number, so the same bits, in half the time. Long and known tasks are taken one by one.
 */
export function expectSix(
  answers: Answers,
  tables: Tables,
  controls: Controls,
  from: number,
  to: number,
  expectTask: ExpectTask,
): number {
  const { likelihoods, counts, prior, posterior, sums } = tables;
  const { offsets, codes } = answers;
  const prior0 = prior[0] as number;
  const prior1 = prior[1] as number;
  const prior2 = prior[2] as number;
  const prior3 = prior[3] as number;
  const prior4 = prior[4] as number;
  const prior5 = prior[5] as number;
  let moved = 0;
  let start = offsets[from] as number;
  for (let t = from; t < to; t++) {
    const end = offsets[t + 1] as number;
    if (end - start > plainProductMax || (controls !== null && (controls[t] as number) >= 0)) {
      moved += expectTask(answers, tables, controls, t);
      start = end;
      continue;
    }
    let q0 = prior0;
    let q1 = prior1;
    let q2 = prior2;
    let q3 = prior3;
    let q4 = prior4;
    let q5 = prior5;
    for (let i = start; i < end; i++) {
      const cell = Math.imul(codes[i] as number, 6);
      q0 *= likelihoods[cell] as number;
      q1 *= likelihoods[cell + 1] as number;
      q2 *= likelihoods[cell + 2] as number;
      q3 *= likelihoods[cell + 3] as number;
      q4 *= likelihoods[cell + 4] as number;
      q5 *= likelihoods[cell + 5] as number;
    }
    const total = q0 + q1 + q2 + q3 + q4 + q5;
    q0 /= total;
    q1 /= total;
    q2 /= total;
    q3 /= total;
    q4 /= total;
    q5 /= total;
    const row = Math.imul(t, 6);
    let movedHere = Math.abs(q0 - (posterior[row] as number));
    movedHere += Math.abs(q1 - (posterior[row + 1] as number));
    movedHere += Math.abs(q2 - (posterior[row + 2] as number));
    movedHere += Math.abs(q3 - (posterior[row + 3] as number));
    movedHere += Math.abs(q4 - (posterior[row + 4] as number));
    movedHere += Math.abs(q5 - (posterior[row + 5] as number));
    moved += movedHere / 2;
    posterior[row] = q0;
    posterior[row + 1] = q1;
    posterior[row + 2] = q2;
    posterior[row + 3] = q3;
    posterior[row + 4] = q4;
    posterior[row + 5] = q5;
    sums[0] = (sums[0] as number) + q0;
    sums[1] = (sums[1] as number) + q1;
    sums[2] = (sums[2] as number) + q2;
    sums[3] = (sums[3] as number) + q3;
    sums[4] = (sums[4] as number) + q4;
    sums[5] = (sums[5] as number) + q5;
    for (let i = start; i < end; i++) {
      const cell = Math.imul(codes[i] as number, 6);
      counts[cell] = (counts[cell] as number) + q0;
      counts[cell + 1] = (counts[cell + 1] as number) + q1;
      counts[cell + 2] = (counts[cell + 2] as number) + q2;
      counts[cell + 3] = (counts[cell + 3] as number) + q3;
      counts[cell + 4] = (counts[cell + 4] as number) + q4;
      counts[cell + 5] = (counts[cell + 5] as number) + q5;
    }
    start = end;
  }
  return moved;
}
