import { type Answers, selectAnswers } from "./answers.ts";
import { logOfPositive } from "./fast-real.ts";
import { type FitOptions, fitModel } from "./fit.ts";
import type { ModelShape } from "./model.ts";

/** The probability that a model gave to each answer before it saw it, in the order of the layout. */
export type Predictions = Float64Array;

const folds = 4;
/** A single surprise must not decide everything. */
const leastProbability = 1e-6;

/** Each fold leaves out every fourth answer, spread over all tasks; a model that saw the rest predicts it. */
export function predictHeldOut(answers: Answers, shape: ModelShape, options: FitOptions): Predictions {
  const predictions = new Float64Array(answers.codes.length);
  for (let fold = 0; fold < folds; fold++) {
    const isHeldOut = (place: number, task: number): boolean =>
      (place - (answers.offsets[task] as number) + task) % folds === fold;
    const rest = selectAnswers(answers, (place, task) => !isHeldOut(place, task));
    const { states, likelihoods, posterior } = fitModel(rest, shape, options).tables;
    for (let t = 0; t < answers.tasks; t++) {
      for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
        if (!isHeldOut(i, t)) continue;
        const cell = (answers.codes[i] as number) * states;
        let probability = 0;
        for (let z = 0; z < states; z++) {
          probability += (posterior[t * states + z] as number) * (likelihoods[cell + z] as number);
        }
        predictions[i] = Math.max(probability, leastProbability);
      }
    }
  }
  return predictions;
}

/** The surprise of an answer in nats, in the mean. */
export function meanLoss(predictions: Predictions): number {
  let sum = 0;
  for (const each of predictions) sum -= logOfPositive(each);
  return sum / Math.max(predictions.length, 1);
}

/** How much better a predicts than b, in nats an answer, and how sure that is. */
export function meanGain(a: Predictions, b: Predictions): { readonly mean: number; readonly standardError: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < a.length; i++) {
    const gain = logOfPositive(a[i] as number) - logOfPositive(b[i] as number);
    sum += gain;
    squares += gain * gain;
  }
  const mean = a.length === 0 ? 0 : sum / a.length;
  const variance = a.length === 0 ? 0 : squares / a.length - mean * mean;
  return { mean, standardError: Math.sqrt(Math.max(variance, 0) / Math.max(a.length, 1)) };
}

const rounds = 60;

/** The weights of the mixture of models that predicts best, by expectation-maximisation from equal weights. */
export function stackWeights(models: readonly Predictions[]): Float64Array {
  const count = models.length;
  const answers = models[0]?.length ?? 0;
  let weights = new Float64Array(count).fill(1 / count);
  for (let round = 0; round < rounds && answers > 0; round++) {
    const next = new Float64Array(count);
    for (let i = 0; i < answers; i++) {
      let mixture = 0;
      for (let m = 0; m < count; m++) mixture += (weights[m] as number) * ((models[m] as Predictions)[i] as number);
      for (let m = 0; m < count; m++) {
        const share = ((weights[m] as number) * ((models[m] as Predictions)[i] as number)) / mixture;
        next[m] = (next[m] as number) + share / answers;
      }
    }
    weights = next;
  }
  return weights;
}
