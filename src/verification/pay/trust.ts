import type { Answers } from "../inference/answers.ts";
import { pooledShape } from "../inference/dawid-skene.ts";
import { expectStates, type Tables } from "../inference/expectation.ts";
import type { Controls } from "../inference/inferred.ts";
import { maximise } from "../inference/model.ts";
import type { Pool } from "./evidence.ts";

/** How many answers the habits of all are worth against a contributor's own. */
const habitStrength = 2;
/** And the pool's accuracy against that on one class. */
const poolStrength = 10;

/** The share of each label among all answers; none is nothing. */
export function habitsOf({ codes, classes }: Answers): Float64Array {
  const habits = new Float64Array(classes).fill(1 / (codes.length + classes));
  for (const code of codes) habits[code % classes] = (habits[code % classes] as number) + 1 / (codes.length + classes);
  return habits;
}

/** Sets the counts from control tasks alone; gives how many answers those have. */
export function countControls(answers: Answers, { counts, states }: Tables, controls: Controls): number {
  counts.fill(0);
  let found = 0;
  for (let t = 0; t < answers.tasks; t++) {
    const known = controls?.[t] ?? -1;
    if (known < 0) continue;
    for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
      const cell = (answers.codes[i] as number) * states + known;
      counts[cell] = (counts[cell] as number) + 1;
      found++;
    }
  }
  return found;
}

/**
 * One round of Dawid-Skene in which contributors count as far as they are believed to look: with the rest of their
 * credit they answer by habit, which says nothing of any task.
 */
export function fitOnce(
  answers: Answers,
  tables: Tables,
  controls: Controls,
  credit: Float64Array,
  habits: Float64Array,
): void {
  const { contributors, classes } = answers;
  const { counts, likelihoods } = tables;
  const own = new Float64Array(contributors * classes);
  for (let w = 0; w < contributors; w++) takeHabits(own, counts, w, classes, habits, credit[w] as number);
  maximise(answers, tables, pooledShape);
  for (let cell = 0; cell < likelihoods.length; cell++) {
    const code = Math.floor(cell / classes);
    const share = credit[Math.floor(code / classes)] as number;
    likelihoods[cell] = share * (likelihoods[cell] as number) + (1 - share) * (own[code] as number);
  }
  expectStates(answers, tables, controls);
}

/** Sets a contributor's habits from their counts, and scales the counts by their credit. */
function takeHabits(
  own: Float64Array,
  counts: Float64Array,
  w: number,
  classes: number,
  habits: Float64Array,
  credit: number,
): void {
  let total = 0;
  for (let l = 0; l < classes; l++) {
    const code = w * classes + l;
    let sum = habitStrength * (habits[l] as number);
    for (let z = 0; z < classes; z++) {
      sum += counts[code * classes + z] as number;
      counts[code * classes + z] = (counts[code * classes + z] as number) * credit;
    }
    own[code] = sum;
    total += sum;
  }
  for (let l = 0; l < classes; l++) own[w * classes + l] = (own[w * classes + l] as number) / total;
}

/**
 * What those who look say: right as often as they are with each class, and wrong by habit. Which errors they make is
 * left out: a ring's are many and all the same.
 */
export function poolOf(answers: Answers, { counts }: Tables, habits: Float64Array, credit: Float64Array): Pool {
  const { contributors, classes } = answers;
  const right = new Float64Array(classes);
  const all = new Float64Array(classes);
  for (let code = 0; code < contributors * classes; code++) {
    const w = Math.floor(code / classes);
    for (let z = 0; z < classes; z++) {
      const count = (credit[w] as number) * (counts[code * classes + z] as number);
      all[z] = (all[z] as number) + count;
      if (code === w * classes + z) right[z] = (right[z] as number) + count;
    }
  }
  const sum = (values: Float64Array): number => values.reduce((total, each) => total + each, 0);
  const accuracy = (sum(right) + 1) / (sum(all) + 2);
  const rows = new Float64Array(classes * classes);
  let mean = 0;
  for (let z = 0; z < classes; z++) {
    const hit = ((right[z] as number) + poolStrength * accuracy) / ((all[z] as number) + poolStrength);
    const error = (1 - hit) / (1 - (habits[z] as number));
    for (let l = 0; l < classes; l++) rows[l * classes + z] = l === z ? hit : error * (habits[l] as number);
    mean += hit / classes;
  }
  return { rows, accuracy: mean, habits, credit };
}
