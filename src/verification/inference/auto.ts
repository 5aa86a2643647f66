import { type Answers, sampleTasks } from "./answers.ts";
import { type Canonical, canonicalise } from "./canonical.ts";
import { type ChunkRunner, oneThread } from "./chunks.ts";
import { expOfNegative, logOfPositive } from "./fast-real.ts";
import { cellsMax, cellsOf, type FitOptions, fitModel } from "./fit.ts";
import { type Controls, decideLabels, type Inferred } from "./inferred.ts";
import { posteriorApart } from "./leave-task-out.ts";
import { addVoteShares, inferByMajority } from "./majority.ts";
import type { ModelShape } from "./model.ts";
import { inferByOneCoin } from "./one-coin.ts";
import {
  foldsOf,
  meanGain,
  meanLoss,
  mixPredictions,
  type Predictions,
  predictByHabit,
  predictHeldOut,
  stackWeights,
} from "./predict.ts";
import { type OnProgress, Steps } from "./steps.ts";

/**
 * The robust default. No model is best everywhere: with few answers a contributor error matrices are noise and majority
 * wins, with many they are worth several points, and on hard tasks answers depend on one another. So each of some models
 * predicts answers that it has not seen, and the labels are the models' average, weighted by stacking (Yao, Vehtari,
 * Simpson and Gelman, "Using stacking to average Bayesian predictive distributions", 2018). No truth takes part.
 *
 * What predicts well need not mean what it should: where contributors cannot be told apart, or where their habits explain
 * all that they say, a model is free to call anything a class. Labels against the votes must therefore be paid for with
 * what the model explains beyond that; otherwise the labels are the majority's.
 */
export interface AutoInferred extends Inferred {
  /** Empty where no ensemble earned trust, and the labels are the majority's. */
  readonly models: readonly WeightedShape[];
}

interface WeightedShape {
  readonly shape: ModelShape;
  readonly weight: number;
}

/** Nothing can be learned against a strength like that. */
const fixed = 1e9;

const shapesOf = (flatness: number): readonly ModelShape[] => [
  // Every contributor equally good: majority, as a model. Each with an accuracy of its own: one coin.
  { kinds: 1, rowStrength: fixed, accuracyStrength: fixed, anchor: fixed, flatness },
  { kinds: 1, rowStrength: fixed, accuracyStrength: 4, anchor: fixed, flatness },
  ...[1, 2, 3].flatMap((kinds) =>
    [4, 16].map((rowStrength) => ({ kinds, rowStrength, accuracyStrength: 4, anchor: 0.05, flatness })),
  ),
];
/** Of those, the ones that may tell which class prior predicts better: with one kind, states cannot change places. */
const comparedShapes = [1, 2, 3];

/** A kind of tasks is told from the others by so many of a class or more: of fewer it is what happens to fit. */
const tasksOfState = 10;

/** Error matrices that all contributors share. */
const blindShape = (flatness: number): ModelShape => ({
  kinds: 1,
  rowStrength: fixed,
  accuracyStrength: fixed,
  anchor: 0.05,
  flatness,
});

/** Half the class prior unless the answers say otherwise: see `ModelShape.flatness`. */
const usualFlatness = 0.5;
/** By so many standard errors something must be better to count as better. */
const errorsNeeded = 2;
/** Weights below this are left out, as they would move nothing. */
const leastWeight = 0.01;
/** The share of tasks on which an ensemble may contradict the votes without telling contributors apart. */
const creditMax = 0.15;
/** More than that is paid for by what contributors explain, with a fifth on top. */
const interest = 1.2;
/** And in any case, it is at most so often the share of surprise that tasks explain beyond habits, times trust. */
const boldness = 4;
/** How many answers of one task are worth one that knows nothing of the others: Kish's design effect (1965). */
const designEffect = 1.5;
/** So many answers of a contributor make error matrices worth as much as the votes as they are. */
const answersToKnow = 16;

/**
 * Of more answers than that, models are judged by a part of the tasks, and only the best take part. The part is larger
 * where contributors are many: each must be known by about as many answers as it takes to tell them apart.
 */
const judgedMax = 250_000;
const judgedOfContributor = 64;
const judgedOfManyMax = 2 ** 24;
const modelsMaxOfMany = 3;

const heldOutFit: FitOptions = { controls: null, iterationsMax: 25, tolerance: 1e-4 };
const wholeFit: FitOptions = { controls: null, iterationsMax: 40, tolerance: 1e-5 };

export function inferByAuto(
  answers: Answers,
  controls: Controls = null,
  onProgress: OnProgress = () => {},
  runner: ChunkRunner = oneThread,
): AutoInferred {
  if (answers.classes < 2 || answers.codes.length === 0) return { ...inferByMajority(answers, controls), models: [] };
  if (cellsOf(answers, 1) > cellsMax) return { ...inferByOneCoin(answers, { controls }), models: [] };
  const canonical = canonicalise(answers, controls);
  const judge = new Judge(canonical, onProgress);
  for (const flatness of judge.flatnesses()) {
    const models = judge.weigh(flatness);
    const { posterior, iterations } = averageOf(canonical, models, judge, runner);
    const decided = decideLabels(answers, renumbered(answers, posterior, canonical), controls);
    if (judge.canAfford(flatness, contradicted(answers, decided, controls))) return { ...decided, iterations, models };
  }
  return { ...inferByMajority(answers, controls), models: [] };
}

/** Models are judged by one task in so many. */
export function judgedStep(answers: number, contributors: number): number {
  const judged = Math.max(judgedMax, Math.min(judgedOfContributor * contributors, judgedOfManyMax));
  return Math.ceil(answers / judged);
}

/** Knows how well models predict. */
class Judge {
  readonly steps: Steps;
  readonly step: number;
  readonly #answers: Answers;
  readonly #sample: Answers;
  readonly #controls: Controls;
  readonly #modelsMax: number;
  readonly #predictions = new Map<string, Predictions>();
  readonly #weights = new Map<number, Float64Array>();
  readonly #habit: Predictions;
  readonly #trust: number;

  constructor({ answers, controls }: Canonical, onProgress: OnProgress) {
    this.#answers = answers;
    this.step = judgedStep(answers.codes.length, answers.contributors);
    // Canonical numbers are hashes' order: every so many tasks are tasks by chance.
    this.#sample = sampleTasks(answers, this.step);
    this.#modelsMax = answers.codes.length <= judgedMax ? Infinity : modelsMaxOfMany;
    this.#controls = controls?.filter((_, task) => task % this.step === 0) ?? null;
    this.#habit = predictByHabit(this.#sample);
    this.#trust = trustOf(answers);
    const shapes = shapesOf(usualFlatness).length;
    const judging = (shapes + comparedShapes.length + 1) * foldsOf(this.#sample) * heldOutFit.iterationsMax;
    const fitting = this.step * Math.min(shapes, this.#modelsMax) * wholeFit.iterationsMax;
    this.steps = new Steps(judging + fitting, onProgress);
  }

  /** The ones to try in turn: first the full class prior, if that predicts better beyond doubt. */
  *flatnesses(): Generator<number> {
    const best = (flatness: number): Predictions =>
      comparedShapes
        .map((index) => this.#predict(shapesOf(flatness)[index] as ModelShape))
        .reduce((a, b) => (meanLoss(b) < meanLoss(a) ? b : a));
    const { mean, standardError } = meanGain(this.#sample, best(0), best(usualFlatness));
    if (mean > errorsNeeded * standardError) yield 0;
    yield usualFlatness;
  }

  weigh(flatness: number): readonly WeightedShape[] {
    const shapes = this.#shapes(flatness);
    const weights = this.#stack(flatness);
    return shapes
      .map((shape, i) => ({ shape, weight: weights[i] as number }))
      .filter(({ weight }) => weight >= leastWeight)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, this.#modelsMax);
  }

  /** Whether labels may differ from the votes on that share of tasks. */
  canAfford(flatness: number, share: number): boolean {
    const shapes = this.#shapes(flatness);
    const predictions = shapes.map((shape) => this.#predict(shape));
    const apart = comparedShapes.map((index) => meanLoss(predictions[index] as Predictions));
    const byContributors = 1 - Math.min(...apart) / meanLoss(this.#predict(blindShape(flatness)));
    const mixture = mixPredictions(predictions, this.#stack(flatness));
    const { mean, standardError } = meanGain(this.#sample, mixture, this.#habit);
    const byTasks = (mean - errorsNeeded * standardError) / meanLoss(this.#habit);
    return share <= Math.max(creditMax, byContributors / interest) && share <= boldness * this.#trust * byTasks;
  }

  #stack(flatness: number): Float64Array {
    const known = this.#weights.get(flatness);
    if (known !== undefined) return known;
    const found = stackWeights(this.#shapes(flatness).map((shape) => this.#predict(shape)));
    this.#weights.set(flatness, found);
    return found;
  }

  #shapes(flatness: number): readonly ModelShape[] {
    const { tasks, classes } = this.#answers;
    const kindsMax = Math.max(Math.floor(tasks / (tasksOfState * classes)), 1);
    return shapesOf(flatness).filter(({ kinds }) => kinds <= kindsMax && cellsOf(this.#answers, kinds) <= cellsMax);
  }

  #predict(shape: ModelShape): Predictions {
    const key = JSON.stringify(shape);
    const known = this.#predictions.get(key);
    if (known !== undefined) return known;
    const options = { ...heldOutFit, controls: this.#controls };
    const found = predictHeldOut(this.#sample, shape, options, () => this.steps.take(heldOutFit.iterationsMax));
    this.#predictions.set(key, found);
    return found;
  }
}

/** The share of tasks whose label has fewer votes than another one. */
function contradicted(answers: Answers, { labels }: Pick<Inferred, "labels">, controls: Controls): number {
  const votes = new Uint32Array(answers.classes);
  let against = 0;
  let asked = 0;
  for (let t = 0; t < answers.tasks; t++) {
    const start = answers.offsets[t] as number;
    const end = answers.offsets[t + 1] as number;
    if ((controls?.[t] ?? -1) >= 0 || start === end) continue;
    let most = 0;
    for (let i = start; i < end; i++) {
      const label = (answers.codes[i] as number) % answers.classes;
      const count = (votes[label] as number) + 1;
      votes[label] = count;
      most = Math.max(most, count);
    }
    asked++;
    if ((votes[labels[t] as number] as number) < most) against++;
    for (let i = start; i < end; i++) votes[(answers.codes[i] as number) % answers.classes] = 0;
  }
  return against / Math.max(asked, 1);
}

/** The models' average, tempered for answers that depend on one another, and mixed with the shares of votes. */
function averageOf(
  { answers, controls }: Canonical,
  models: readonly WeightedShape[],
  { steps, step }: Judge,
  runner: ChunkRunner,
): { posterior: Float64Array; iterations: number } {
  const { classes } = answers;
  const average = new Float64Array(answers.tasks * classes);
  const total = models.reduce((sum, { weight }) => sum + weight, 0);
  let iterations = 0;
  for (const { shape, weight } of models) {
    const onIteration = (): void => steps.take(step);
    const fitted = fitModel(answers, shape, { ...wholeFit, controls, onIteration, runner });
    const one = posteriorApart(answers, fitted.tables, shape, controls);
    for (let i = 0; i < average.length; i++) {
      average[i] = (average[i] as number) + (weight / total) * (one[i] as number);
    }
    iterations += fitted.iterations;
    steps.take(step * (wholeFit.iterationsMax - fitted.iterations));
  }
  const trust = trustOf(answers);
  const shares = new Float64Array(average.length);
  addVoteShares(answers, shares, classes);
  for (let row = 0; row < average.length; row += classes) {
    temper(average, row, classes);
    for (let i = row; i < row + classes; i++) {
      average[i] = trust * (average[i] as number) + (1 - trust) * (shares[i] as number);
    }
  }
  return { posterior: average, iterations };
}

const leastProbability = 1e-300;

function temper(posterior: Float64Array, row: number, classes: number): void {
  let total = 0;
  for (let i = row; i < row + classes; i++) {
    const log = logOfPositive(Math.max(posterior[i] as number, leastProbability));
    posterior[i] = expOfNegative(Math.min(log, 0) / designEffect);
    total += posterior[i] as number;
  }
  for (let i = row; i < row + classes; i++) posterior[i] = (posterior[i] as number) / total;
}

/** Half of all answers are of contributors with at most that many. */
function medianAnswers({ codes, contributors, classes }: Answers): number {
  const of = new Int32Array(contributors);
  for (const code of codes) {
    const by = Math.floor(code / classes);
    of[by] = (of[by] as number) + 1;
  }
  of.sort();
  let seen = 0;
  for (const each of of) {
    seen += each;
    if (2 * seen >= codes.length) return each;
  }
  return 0;
}

/** How far contributors can be known: from 0 to 1, by how much most answers' contributors answered. */
function trustOf(answers: Answers): number {
  const known = medianAnswers(answers);
  return known / (known + answersToKnow);
}

/** By the numbers that tasks and labels had before. */
function renumbered({ classes }: Answers, posterior: Float64Array, { tasks, labels }: Canonical): Float64Array {
  const before = new Float64Array(posterior.length);
  for (let t = 0; t < tasks.length; t++) {
    const to = (tasks[t] as number) * classes;
    for (let c = 0; c < classes; c++) before[to + (labels[c] as number)] = posterior[t * classes + c] as number;
  }
  return before;
}
