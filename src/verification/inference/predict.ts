import { type Answers, selectAnswers } from "./answers.ts";
import { logOfPositive } from "./fast-real.ts";
import { type FitOptions, fitModel } from "./fit.ts";
import type { ModelShape } from "./model.ts";

/** The probability that a model gave to each answer before it saw it, in the order of the layout. */
export type Predictions = Float64Array;

const manyAnswers = 100_000;

/** With few answers, what is left out is missed: then an eighth at a time. */
export const foldsOf = ({ codes }: Answers): number => (codes.length <= manyAnswers ? 8 : 4);
/** A single surprise must not decide everything. */
const leastProbability = 1e-6;

/** Each fold leaves out every eighth or fourth answer, starting with another one in each task. */
const foldOf = ({ offsets }: Answers, place: number, task: number, folds: number): number =>
  (place - (offsets[task] as number) + task) % folds;

/** A model predicts each answer after it saw the other folds. */
export function predictHeldOut(
  answers: Answers,
  shape: ModelShape,
  options: FitOptions,
  onFold: () => void = () => {},
): Predictions {
  const predictions = new Float64Array(answers.codes.length);
  const folds = foldsOf(answers);
  for (let fold = 0; fold < folds; fold++) {
    const rest = selectAnswers(answers, (place, task) => foldOf(answers, place, task, folds) !== fold);
    const { states, likelihoods, posterior } = fitModel(rest, shape, options).tables;
    for (let t = 0; t < answers.tasks; t++) {
      for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
        if (foldOf(answers, i, t, folds) !== fold) continue;
        const cell = (answers.codes[i] as number) * states;
        let probability = 0;
        for (let z = 0; z < states; z++) {
          probability += (posterior[t * states + z] as number) * (likelihoods[cell + z] as number);
        }
        predictions[i] = Math.max(probability, leastProbability);
      }
    }
    onFold();
  }
  return predictions;
}

/** How many answers of its own the habit of all is worth to a contributor: the one that predicts best is taken. */
const habitStrengths = [0.5, 1, 2, 4, 8, 32];

/**
 * What contributors' habits alone predict: how often each gave each label, whatever the task. A model of tasks that
 * does not beat it knows nothing about tasks.
 */
export function predictByHabit(answers: Answers): Predictions {
  const { tasks, contributors, classes, offsets, codes } = answers;
  const candidates = habitStrengths.map(() => new Float64Array(codes.length));
  const folds = foldsOf(answers);
  for (let fold = 0; fold < folds; fold++) {
    const said = new Float64Array(contributors * classes);
    const all = new Float64Array(contributors);
    const pool = new Float64Array(classes).fill(0.5);
    for (let t = 0; t < tasks; t++) {
      for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
        if (foldOf(answers, i, t, folds) === fold) continue;
        const code = codes[i] as number;
        const by = Math.floor(code / classes);
        said[code] = (said[code] as number) + 1;
        all[by] = (all[by] as number) + 1;
        pool[code % classes] = (pool[code % classes] as number) + 1;
      }
    }
    const total = pool.reduce((sum, each) => sum + each, 0);
    for (let t = 0; t < tasks; t++) {
      for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
        if (foldOf(answers, i, t, folds) !== fold) continue;
        const code = codes[i] as number;
        const seen = all[Math.floor(code / classes)] as number;
        const ofAll = (pool[code % classes] as number) / total;
        for (const [k, strength] of habitStrengths.entries()) {
          (candidates[k] as Predictions)[i] = ((said[code] as number) + strength * ofAll) / (seen + strength);
        }
      }
    }
  }
  return candidates.reduce((best, each) => (meanLoss(each) < meanLoss(best) ? each : best));
}

/** The surprise of an answer in nats, in the mean. */
export function meanLoss(predictions: Predictions): number {
  let sum = 0;
  for (const each of predictions) sum -= logOfPositive(each);
  return sum / Math.max(predictions.length, 1);
}

export interface Gain {
  /** Nats an answer. */
  readonly mean: number;
  readonly standardError: number;
}

/** How much better a predicts than b, and how sure that is: answers of a task count as one observation. */
export function meanGain(answers: Answers, a: Predictions, b: Predictions): Gain {
  const { tasks, offsets } = answers;
  let sum = 0;
  let squares = 0;
  for (let t = 0; t < tasks; t++) {
    let gain = 0;
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      gain += logOfPositive(a[i] as number) - logOfPositive(b[i] as number);
    }
    sum += gain;
    squares += gain * gain;
  }
  const mean = sum / Math.max(tasks, 1);
  const variance = Math.max(squares / Math.max(tasks, 1) - mean * mean, 0);
  const perAnswer = tasks / Math.max(a.length, 1);
  return { mean: mean * perAnswer, standardError: Math.sqrt(variance / Math.max(tasks, 1)) * perAnswer };
}

const rounds = 60;

/** The weights of the mixture of models that predicts best, by expectation-maximisation from equal weights. */
export function stackWeights(models: readonly Predictions[]): Float64Array {
  const count = models.length;
  const answers = models[0]?.length ?? 0;
  let weights: Float64Array = new Float64Array(count).fill(1 / count);
  // Side by side, in place of one array a model: each round reads them all.
  const side = new Float64Array(answers * count);
  for (const [m, each] of models.entries()) for (let i = 0; i < answers; i++) side[i * count + m] = each[i] as number;
  for (let round = 0; round < rounds && answers > 0; round++) weights = reweigh(side, weights, answers);
  return weights;
}

function reweigh(predictions: Float64Array, weights: Float64Array, answers: number): Float64Array {
  const count = weights.length;
  const next = new Float64Array(count);
  for (let row = 0; row < predictions.length; row += count) {
    let mixture = 0;
    for (let m = 0; m < count; m++) mixture += (weights[m] as number) * (predictions[row + m] as number);
    for (let m = 0; m < count; m++) {
      const share = ((weights[m] as number) * (predictions[row + m] as number)) / mixture;
      next[m] = (next[m] as number) + share / answers;
    }
  }
  return next;
}

/** What the mixture of models predicts. */
export function mixPredictions(models: readonly Predictions[], weights: Float64Array): Predictions {
  const mixture = new Float64Array(models[0]?.length ?? 0);
  for (const [m, each] of models.entries()) {
    for (let i = 0; i < mixture.length; i++) {
      mixture[i] = (mixture[i] as number) + (weights[m] as number) * (each[i] as number);
    }
  }
  return mixture;
}
