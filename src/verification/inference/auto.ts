import { type Answers, selectAnswers } from "./answers.ts";
import { cellsMax, cellsOf, classPosterior, type FitOptions, fitModel } from "./fit.ts";
import { type Controls, decideLabels, type Inferred } from "./inferred.ts";
import { inferByMajority } from "./majority.ts";
import type { ModelShape } from "./model.ts";
import { inferByOneCoin } from "./one-coin.ts";
import { meanGain, meanLoss, type Predictions, predictHeldOut, stackWeights } from "./predict.ts";

/**
 * The robust default. No model is best everywhere: with few answers a contributor error matrices are noise and majority
 * wins, with many they are worth several points, and on hard tasks answers depend on one another. So each of some models
 * predicts answers that it has not seen, and the labels are the models' average, weighted by stacking (Yao, Vehtari,
 * Simpson and Gelman, "Using stacking to average Bayesian predictive distributions", 2018). No truth takes part.
 */
export interface AutoInferred extends Inferred {
  /** Empty where no ensemble earned trust, and the labels are the majority's. */
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
/** The share of tasks on which an ensemble may contradict the votes on credit. */
const creditMax = 0.15;
/** More than that is paid for by what contributors explain, with a fifth on top. */
const interest = 1.2;

/** Of more answers than that, models are judged by a part of the tasks, and only the best take part. */
const judgedMax = 250_000;
const modelsMaxOfMany = 3;

const heldOutFit: FitOptions = { controls: null, iterationsMax: 25, tolerance: 1e-4 };
const wholeFit: FitOptions = { controls: null, iterationsMax: 40, tolerance: 1e-5 };

export function inferByAuto(answers: Answers, controls: Controls = null): AutoInferred {
  if (answers.classes < 2) return { ...inferByMajority(answers, controls), models: [] };
  if (cellsOf(answers, 1) > cellsMax) return { ...inferByOneCoin(answers, { controls }), models: [] };
  const sample = sampleTasks(answers);
  const predict = (shape: ModelShape): Predictions => predictHeldOut(sample, shape, { ...heldOutFit, controls });
  const chosen = chooseFlatness(predict);
  for (const flatness of [chosen, ...[usualFlatness, 1].filter((each) => each > chosen)]) {
    const shapes = shapesOf(flatness).filter(({ kinds }) => cellsOf(answers, kinds) <= cellsMax);
    const predictions = shapes.map(predict);
    const weights = stackWeights(predictions);
    const models = shapes
      .map((shape, i) => ({ shape, weight: weights[i] as number }))
      .filter(({ weight }) => weight >= leastWeight)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, sample === answers ? shapes.length : modelsMaxOfMany);
    const inferred = average(answers, models, controls);
    const apart = predictions.filter((_, i) => shapes[i]?.kinds === 1);
    const explained = explainedByContributors(predict(blindShape(flatness)), apart);
    if (contradicted(answers, inferred, controls) <= Math.max(creditMax, explained / interest)) return inferred;
  }
  return { ...inferByMajority(answers, controls), models: [] };
}

function sampleTasks(answers: Answers): Answers {
  const step = Math.ceil(answers.codes.length / judgedMax);
  return step <= 1 ? answers : selectAnswers(answers, (_, task) => task % step === 0);
}

/**
 * The usual one, unless the full prior predicts better beyond doubt. Asked of models with one kind only: their states
 * cannot change places.
 */
function chooseFlatness(predict: (shape: ModelShape) => Predictions): number {
  const best = (flatness: number): Predictions => {
    const shapes = shapesOf(flatness).filter(({ kinds, anchor }) => kinds === 1 && anchor < 1);
    return shapes.map(predict).reduce((a, b) => (meanGain(b, a).mean > 0 ? b : a));
  };
  const { mean, standardError } = meanGain(best(0), best(usualFlatness));
  return mean > errorsNeeded * standardError ? 0 : usualFlatness;
}

/** Error matrices that all contributors share. */
const blindShape = (flatness: number): ModelShape => ({
  kinds: 1,
  rowStrength: fixed,
  accuracyStrength: fixed,
  anchor: 0.05,
  flatness,
});

/**
 * The share of the surprise at held-out answers that telling contributors apart takes away. Only that can justify
 * labels against the votes: where contributors cannot be told apart, a model is free to call anything a class, and
 * predicts as well with labels that are wrong.
 */
function explainedByContributors(blind: Predictions, models: readonly Predictions[]): number {
  const losses = models.map((each) => meanLoss(each));
  return 1 - Math.min(...losses) / meanLoss(blind);
}

/** The share of tasks whose label has fewer votes than another one. */
function contradicted(answers: Answers, { labels }: Inferred, controls: Controls): number {
  const votes = new Map<number, number>();
  let against = 0;
  let asked = 0;
  for (let t = 0; t < answers.tasks; t++) {
    if ((controls?.[t] ?? -1) >= 0 || answers.offsets[t] === answers.offsets[t + 1]) continue;
    votes.clear();
    for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
      const label = (answers.codes[i] as number) % answers.classes;
      votes.set(label, (votes.get(label) ?? 0) + 1);
    }
    asked++;
    if ((votes.get(labels[t] as number) ?? 0) < Math.max(...votes.values())) against++;
  }
  return against / Math.max(asked, 1);
}

function average(answers: Answers, models: AutoInferred["models"], controls: Controls): AutoInferred {
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
  return { ...decideLabels(answers, posterior, controls), iterations, models };
}
