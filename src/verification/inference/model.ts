import type { Answers } from "./answers.ts";
import type { Tables } from "./expectation.ts";
import { expOfNegative, logOfPositive } from "./fast-real.ts";

/**
 * A Dawid-Skene model (1979) with a hierarchical prior. Each contributor has an error matrix; its rows are shrunk to
 * rows that all contributors pool, moved so that they fit how often this contributor is right. A contributor with few
 * answers is thereby the pool's average one, with more answers one of a certain accuracy, and with many its own.
 */
export interface ModelShape {
  /**
   * How many kinds of tasks of each class: 1, or more where tasks of a class are answered in different ways (easy and
   * misleading ones, say), which makes answers depend on one another given the class (after Li, Rubinstein and Cohn,
   * "Exploiting worker correlation for label aggregation in crowdsourcing", 2019).
   */
  readonly kinds: number;
  /** How many answers in a row the pooled row is worth. */
  readonly rowStrength: number;
  /** How many answers the pool's accuracy is worth against a contributor's own. */
  readonly accuracyStrength: number;
  /** How many of all answers, as a share, the pooled rows are shrunk by to ones with evenly spread errors. */
  readonly anchor: number;
  /** The class prior is taken to the power of 1 − flatness: a learned prior feeds itself where contributors are weak. */
  readonly flatness: number;
}

/** A prior count of each cell, so that nothing is impossible. */
const leastCount = 0.5;
const tiny = 1e-9;
const leastLikelihood = 1e-12;

/**
 * Sets `likelihoods` and `prior` from `counts` and `posterior`.
 *
 * @param sums of the posterior of each state, where chunks (chunks.ts) have them already
 */
export function maximise(answers: Answers, tables: Tables, shape: ModelShape, sums: Float64Array | null = null): void {
  const pooled = pooledRows(answers, tables, shape.anchor);
  setLikelihoods(answers, tables, shape, pooled);
  setPrior(answers, tables, shape.flatness, sums);
}

/** What all contributors answer in each state: `states × classes`, rows that sum to 1. */
export function pooledRows(
  { contributors, classes }: Answers,
  { states, counts }: Tables,
  anchor: number,
): Float64Array {
  const rows = new Float64Array(states * classes);
  for (let w = 0; w < contributors; w++) addCounts(rows, counts, w * classes * states, states, classes);
  let all = 0;
  let right = 0;
  for (let z = 0; z < states; z++) {
    for (let l = 0; l < classes; l++) all += rows[z * classes + l] as number;
    right += rows[z * classes + (z % classes)] as number;
  }
  const accuracy = (right + tiny) / (all + 2 * tiny);
  const strength = leastCount + (anchor * all) / states;
  for (let z = 0; z < states; z++) {
    let sum = 0;
    for (let l = 0; l < classes; l++) {
      const even = l === z % classes ? accuracy : (1 - accuracy) / Math.max(classes - 1, 1);
      const value = (rows[z * classes + l] as number) + strength * even;
      rows[z * classes + l] = value;
      sum += value;
    }
    for (let l = 0; l < classes; l++) rows[z * classes + l] = (rows[z * classes + l] as number) / sum;
  }
  return rows;
}

function addCounts(rows: Float64Array, counts: Float64Array, base: number, states: number, classes: number): void {
  for (let l = 0; l < classes; l++) {
    for (let z = 0; z < states; z++) {
      rows[z * classes + l] = (rows[z * classes + l] as number) + (counts[base + l * states + z] as number);
    }
  }
}

function setLikelihoods(
  answers: Answers,
  { states, counts, likelihoods }: Tables,
  shape: ModelShape,
  pooled: Float64Array,
): void {
  const { contributors, classes } = answers;
  const { rowStrength } = shape;
  for (let w = 0; w < contributors; w++) {
    const base = w * classes * states;
    const better = oddsRatio(counts, base, states, classes, pooled, shape.accuracyStrength);
    for (let z = 0; z < states; z++) {
      const truth = z % classes;
      let total = rowStrength;
      for (let l = 0; l < classes; l++) total += counts[base + l * states + z] as number;
      const pool = pooled[z * classes + truth] as number;
      const moved = (pool * better) / (1 - pool + pool * better);
      // Of very many answers that are all alike, rounding leaves no odds to compare.
      const right = Number.isNaN(moved) ? pool : moved;
      const wrong = classes === 1 || pool === 1 ? 0 : (1 - right) / (1 - pool);
      for (let l = 0; l < classes; l++) {
        const expected = l === truth ? right : (pooled[z * classes + l] as number) * wrong;
        const cell = base + l * states + z;
        likelihoods[cell] = Math.max(((counts[cell] as number) + rowStrength * expected) / total, leastLikelihood);
      }
    }
  }
}

/** How much better than the pool on the same tasks a contributor is: the ratio of the odds of being right. */
function oddsRatio(
  counts: Float64Array,
  base: number,
  states: number,
  classes: number,
  pooled: Float64Array,
  strength: number,
): number {
  let right = 0;
  let all = 0;
  let expected = 0;
  for (let z = 0; z < states; z++) {
    const truth = z % classes;
    right += counts[base + truth * states + z] as number;
    let row = 0;
    for (let l = 0; l < classes; l++) row += counts[base + l * states + z] as number;
    all += row;
    expected += row * (pooled[z * classes + truth] as number);
  }
  const pool = (expected + tiny) / (all + 2 * tiny);
  const own = (right + strength * pool) / (all + strength);
  return (own * (1 - pool)) / ((1 - own) * pool);
}

function setPrior({ tasks, classes }: Answers, tables: Tables, flatness: number, sums: Float64Array | null): void {
  const { states, prior } = tables;
  const ofState = sums === null ? sumStates(tasks, tables) : sums.map((each) => Math.max(each, 0) + 1);
  const ofClass = new Float64Array(classes);
  for (let z = 0; z < states; z++) {
    ofClass[z % classes] = (ofClass[z % classes] as number) + (ofState[z] as number);
  }
  const all = tasks + states;
  for (let z = 0; z < states; z++) {
    const share = (ofClass[z % classes] as number) / all;
    prior[z] = (ofState[z] as number) / all / expOfNegative(flatness * logOfPositive(share));
  }
}

/** And 1 each. */
function sumStates(tasks: number, { states, posterior }: Tables): Float64Array {
  const sums = new Float64Array(states).fill(1);
  for (let t = 0; t < tasks; t++) {
    for (let z = 0; z < states; z++) sums[z] = (sums[z] as number) + (posterior[t * states + z] as number);
  }
  return sums;
}
