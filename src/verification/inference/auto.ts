import type { Answers } from "./answers.ts";
import { cellsMax, cellsOf, classPosterior, type FitOptions, fitModel } from "./fit.ts";
import { type Controls, decideLabels, type Inferred } from "./inferred.ts";
import type { ModelShape } from "./model.ts";
import { inferByOneCoin } from "./one-coin.ts";
import { meanGain, type Predictions, predictHeldOut, stackWeights } from "./predict.ts";

/**
 * The robust default. No model is best everywhere: with few answers a contributor error matrices are noise and majority
 * wins, with many they are worth several points, and on hard tasks answers depend on one another. So each of some models
 * predicts answers that it has not seen, and the labels are the models' average, weighted by stacking (Yao, Vehtari,
 * Simpson and Gelman, "Using stacking to average Bayesian predictive distributions", 2018). No truth takes part.
 */
export interface AutoInferred extends Inferred {
  readonly flatness: number;
  readonly models: readonly { readonly shape: ModelShape; readonly weight: number }[];
}

/** Nothing can be learned against a strength like that. */
const fixed = 1e9;

const shapesOf = (flatness: number): readonly ModelShape[] => [
  // Every contributor equally good: majority, as a model. Each with an accuracy of its own: one coin.
  { kinds: 1, rowStrength: fixed, accuracyStrength: fixed, anchor: fixed, flatness },
  { kinds: 1, rowStrength: fixed, accuracyStrength: 4, anchor: fixed, flatness },
  ...[1, 2, 3].flatMap((kinds) =>
    [4, 8, 16].map((rowStrength) => ({ kinds, rowStrength, accuracyStrength: 4, anchor: 0.05, flatness })),
  ),
];

/** Half the class prior unless the answers say otherwise: see `ModelShape.flatness`. */
const usualFlatness = 0.5;
/** By so many standard errors the full prior must predict better. */
const errorsNeeded = 2;
/** Weights below this are left out, as they would move nothing. */
const leastWeight = 0.01;

const heldOutFit: FitOptions = { controls: null, iterationsMax: 25, tolerance: 1e-4 };
const wholeFit: FitOptions = { controls: null, iterationsMax: 40, tolerance: 1e-5 };

export function inferByAuto(answers: Answers, controls: Controls = null): AutoInferred {
  if (cellsOf(answers, 1) > cellsMax || answers.classes < 2) {
    return { ...inferByOneCoin(answers, { controls }), flatness: 1, models: [] };
  }
  const predict = (shape: ModelShape): Predictions => predictHeldOut(answers, shape, { ...heldOutFit, controls });
  const flatness = chooseFlatness(predict);
  const shapes = shapesOf(flatness).filter(({ kinds }) => cellsOf(answers, kinds) <= cellsMax);
  const weights = stackWeights(shapes.map(predict));
  const models = shapes
    .map((shape, i) => ({ shape, weight: weights[i] as number }))
    .filter(({ weight }) => weight >= leastWeight);
  return average(answers, models, flatness, controls);
}

/** The usual one, unless the full prior predicts better beyond doubt. Asked of models with one kind only: their states
 * cannot change places. */
function chooseFlatness(predict: (shape: ModelShape) => Predictions): number {
  const best = (flatness: number): Predictions => {
    const all = shapesOf(flatness)
      .filter(({ kinds, anchor }) => kinds === 1 && anchor < 1)
      .map(predict);
    return all.reduce((a, b) => (meanGain(b, a).mean > 0 ? b : a));
  };
  const { mean, standardError } = meanGain(best(0), best(usualFlatness));
  return mean > errorsNeeded * standardError ? 0 : usualFlatness;
}

function average(answers: Answers, models: AutoInferred["models"], flatness: number, controls: Controls): AutoInferred {
  const posterior = new Float64Array(answers.tasks * answers.classes);
  const total = models.reduce((sum, { weight }) => sum + weight, 0);
  let iterations = 0;
  for (const { shape, weight } of models) {
    const fitted = fitModel(answers, shape, { ...wholeFit, controls });
    const one = classPosterior(answers, fitted.tables);
    for (let i = 0; i < posterior.length; i++) {
      posterior[i] = (posterior[i] as number) + (weight / total) * (one[i] as number);
    }
    iterations += fitted.iterations;
  }
  return { ...decideLabels(answers, posterior, controls), iterations, flatness, models };
}
