import type { Answers } from "./answers.ts";
import type { Tables } from "./expectation.ts";
import { expOfNegative, logOfPositive } from "./fast-real.ts";
import type { Controls } from "./inferred.ts";
import { type ModelShape, pooledRows } from "./model.ts";

const tiny = 1e-9;
const leastLikelihood = 1e-12;

/**
 * The posterior of the classes of each task, by error matrices from which the task itself was taken: one step of a
 * jackknife. A task on which a contributor's matrix rests must not also be judged by it; with few answers a
 * contributor that makes posteriors far too sure.
 *
 * @returns `tasks × classes`
 */
export function posteriorApart(answers: Answers, tables: Tables, shape: ModelShape, controls: Controls): Float64Array {
  const { tasks, classes, offsets } = answers;
  const { states, prior, posterior } = tables;
  const apart = new Float64Array(tasks * classes);
  const totals = totalsOf(answers, tables, shape);
  const logPrior = prior.map(logOfPositive);
  const scores = new Float64Array(states);
  for (let t = 0; t < tasks; t++) {
    const known = controls?.[t] ?? -1;
    if (known >= 0 || offsets[t] === offsets[t + 1]) {
      for (let z = 0; z < states; z++) add(apart, t * classes + (z % classes), posterior[t * states + z] as number);
      continue;
    }
    scores.set(logPrior);
    addTask(answers, tables, shape, totals, t, scores);
    let most = -Infinity;
    for (const each of scores) most = Math.max(most, each);
    let total = 0;
    for (let z = 0; z < states; z++) total += scores[z] = expOfNegative((scores[z] as number) - most);
    for (let z = 0; z < states; z++) add(apart, t * classes + (z % classes), (scores[z] as number) / total);
  }
  return apart;
}

/** The logarithms of the likelihoods of a task's answers in each state, by matrices from which it was taken. */
export function evidenceApart(answers: Answers, tables: Tables, shape: ModelShape): (task: number) => Float64Array {
  const totals = totalsOf(answers, tables, shape);
  return (task) => {
    const scores = new Float64Array(tables.states);
    addTask(answers, tables, shape, totals, task, scores);
    return scores;
  };
}

function add(values: Float64Array, at: number, value: number): void {
  values[at] = (values[at] as number) + value;
}

/** What the error matrices were made of: see `maximise`. */
interface Totals {
  readonly pooled: Float64Array;
  /** Of each contributor and state: expected answers. */
  readonly rows: Float64Array;
  /** Of each contributor: answers, right ones, and right ones if it were the pool's average. */
  readonly all: Float64Array;
  readonly right: Float64Array;
  readonly expected: Float64Array;
}

function totalsOf(answers: Answers, tables: Tables, shape: ModelShape): Totals {
  const { contributors, classes } = answers;
  const { states, counts } = tables;
  const pooled = pooledRows(answers, tables, shape.anchor);
  const rows = new Float64Array(contributors * states);
  const [all, right, expected] = [0, 1, 2].map(() => new Float64Array(contributors)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let w = 0; w < contributors; w++) {
    const base = w * classes * states;
    for (let z = 0; z < states; z++) {
      const truth = z % classes;
      let row = 0;
      for (let l = 0; l < classes; l++) row += counts[base + l * states + z] as number;
      rows[w * states + z] = row;
      add(all, w, row);
      add(right, w, counts[base + truth * states + z] as number);
      add(expected, w, row * (pooled[z * classes + truth] as number));
    }
  }
  return { pooled, rows, all, right, expected };
}

/** Adds the logarithms of the likelihoods of a task's answers, as they are without the task. */
function addTask(
  { offsets, codes, classes }: Answers,
  { states, counts, posterior }: Tables,
  { rowStrength, accuracyStrength }: ModelShape,
  { pooled, rows, all, right, expected }: Totals,
  t: number,
  scores: Float64Array,
): void {
  const end = offsets[t + 1] as number;
  const row = t * states;
  let expectedHere = 0;
  for (let z = 0; z < states; z++) {
    expectedHere += (posterior[row + z] as number) * (pooled[z * classes + (z % classes)] as number);
  }
  for (let from = offsets[t] as number, to = from; from < end; from = to) {
    // Codes are in order: the answers of one contributor are together.
    const w = Math.floor((codes[from] as number) / classes);
    for (to = from; to < end && Math.floor((codes[to] as number) / classes) === w; ) to++;
    let rightHere = 0;
    for (let i = from; i < to; i++) {
      for (let z = (codes[i] as number) % classes; z < states; z += classes) rightHere += posterior[row + z] as number;
    }
    const allApart = Math.max((all[w] as number) - (to - from), 0);
    const rightApart = Math.max((right[w] as number) - rightHere, 0);
    const expectedApart = Math.max((expected[w] as number) - (to - from) * expectedHere, 0);
    const pool = (expectedApart + tiny / 2) / (allApart + tiny);
    const own = (rightApart + accuracyStrength * pool) / (allApart + accuracyStrength);
    const better = (own * (1 - pool)) / ((1 - own) * pool);
    for (let i = from; i < to; i++) {
      const code = codes[i] as number;
      const l = code % classes;
      let same = 0;
      for (let j = from; j < to; j++) same += Number(codes[j] === code);
      for (let z = 0; z < states; z++) {
        const truth = z % classes;
        const here = posterior[row + z] as number;
        const ofPool = pooled[z * classes + truth] as number;
        const moved = (ofPool * better) / (1 - ofPool + ofPool * better);
        const mean = l === truth ? moved : ((pooled[z * classes + l] as number) * (1 - moved)) / (1 - ofPool);
        const count = Math.max((counts[code * states + z] as number) - same * here, 0);
        const rowApart = Math.max((rows[w * states + z] as number) - (to - from) * here, 0);
        const likelihood = (count + rowStrength * mean) / (rowApart + rowStrength);
        scores[z] = (scores[z] as number) + logOfPositive(Math.max(likelihood, leastLikelihood));
      }
    }
  }
}
