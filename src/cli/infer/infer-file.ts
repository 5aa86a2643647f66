import { type Answers, createAnswers, selectAnswers } from "../../verification/inference/answers.ts";
import type { ChunkRunner } from "../../verification/inference/chunks.ts";
import { voteEntropies } from "../../verification/inference/difficulty.ts";
import { errorMatrices } from "../../verification/inference/error-matrices.ts";
import { inferByMajority } from "../../verification/inference/majority.ts";
import { calibrationOf, scoreLabels } from "../../verification/inference/metrics.ts";
import {
  createNumericAnswers,
  inferNumbers,
  type NumericMethod,
  scoreNumbers,
} from "../../verification/inference/numeric.ts";
import { fleissKappa, krippendorffAlpha } from "../../verification/inference/reliability.ts";
import type { OnProgress } from "../../verification/inference/steps.ts";
import { asNumber } from "./interner.ts";
import { categoricalMethods } from "./methods.ts";
import { type Agreement, type Comparison, noAgreement, noScores, type Outcome, scoresOf } from "./outcome.ts";
import type { AnswerFile } from "./read-answers.ts";

export interface InferOptions {
  readonly isCompared: boolean;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly onProgress: OnProgress;
  readonly runner: ChunkRunner;
}

export function inferLabels(
  file: AnswerFile,
  method: string,
  { isCompared, clock, onProgress, runner }: InferOptions,
): Outcome {
  const answers = createAnswers({
    ...file,
    tasks: file.tasks.length,
    classes: file.labels.length,
  });
  const start = clock();
  const infer = categoricalMethods[method] as (typeof categoricalMethods)[string];
  const inferred = infer(answers, file.controls?.labels ?? null, onProgress, runner);
  const seconds = (clock() - start) / 1_000;
  const truth = unknownTruth(file);
  return {
    iterations: inferred.iterations,
    seconds,
    labelOf: (task) => file.labels[inferred.labels[task] as number] ?? "",
    probabilityOf: (task) => (inferred.confidence[task] as number).toFixed(6),
    scores: scoresOf(truth === null ? null : scoreLabels(inferred, truth, answers.classes)),
    agreement: agreementOf(answers, file.labels),
    calibration: truth === null ? null : calibrationOf(inferred, truth),
    errors: () => errorMatrices(answers, inferred),
    comparison: isCompared ? compare(answers, truth) : null,
  };
}

function agreementOf(answers: Answers, labels: readonly string[]): Agreement {
  const values = labels.map(asNumber);
  const areNumbers = !values.some(Number.isNaN);
  const entropies = voteEntropies(answers).filter((each) => !Number.isNaN(each));
  return {
    alpha: krippendorffAlpha(answers),
    alphaOrdinal: areNumbers ? krippendorffAlpha(answers, "ordinal") : null,
    alphaInterval: areNumbers ? krippendorffAlpha(answers, "interval", values) : null,
    kappa: fleissKappa(answers),
    difficulty: entropies.length === 0 ? null : entropies.reduce((sum, each) => sum + each, 0) / entropies.length,
  };
}

/** The truth of the tasks that were not given away as controls. */
function unknownTruth({ truth, controls }: AnswerFile): Int32Array | null {
  if (truth === null || controls === null) return truth?.labels ?? null;
  return truth.labels.map((label, task) => ((controls.labels[task] as number) >= 0 ? -1 : label));
}

const votesOfMajority = 5;
const windowsCompared = 10;

/**
 * Five answers of each task, taken from ten places of its circle of answers in turn, so that it does not matter whose
 * come first: the mean accuracy is that of majority of any five.
 */
function compare(answers: Answers, truth: Int32Array | null): Comparison {
  let taken = 0;
  let accuracy = 0;
  for (let window = 0; window < windowsCompared; window++) {
    const five = selectAnswers(answers, (place, task) => {
      const first = answers.offsets[task] as number;
      const count = (answers.offsets[task + 1] as number) - first;
      const start = Math.floor((window * count) / windowsCompared);
      return (place - first - start + count) % count < votesOfMajority;
    });
    taken = five.codes.length;
    const scores = truth === null ? null : scoreLabels(inferByMajority(five), truth, five.classes);
    accuracy += (scores?.accuracy ?? Number.NaN) / windowsCompared;
  }
  return {
    method: "majority of 5",
    answers: taken,
    answersPerTask: taken / answers.tasks,
    accuracy: Number.isNaN(accuracy) ? null : accuracy,
  };
}

export function inferNumeric(file: AnswerFile, method: NumericMethod, { clock }: Pick<InferOptions, "clock">): Outcome {
  const values = Float64Array.from(file.labels, Number);
  const start = clock();
  const answers = createNumericAnswers(
    file.tasks.length,
    file.task,
    Float64Array.from(file.label, (label) => values[label] as number),
  );
  const numbers = inferNumbers(answers, method);
  const seconds = (clock() - start) / 1_000;
  const { controls } = file;
  for (const [task, label] of controls?.labels.entries() ?? []) {
    if (label >= 0) numbers[task] = values[label] as number;
  }
  const truth = unknownTruth(file);
  const truths = truth === null ? null : Float64Array.from(truth, (label) => values[label] ?? Number.NaN);
  const scores = truths === null ? null : scoreNumbers(numbers, truths);
  return {
    iterations: 0,
    seconds,
    labelOf: (task) => `${numbers[task] as number}`,
    probabilityOf: () => "",
    scores: scores === null ? noScores : { ...noScores, scoredTasks: scores.tasks, mae: scores.mae, rmse: scores.rmse },
    agreement: noAgreement,
    calibration: null,
    errors: () => [],
    comparison: null,
  };
}
