import type { ErrorCell } from "../../verification/inference/error-matrices.ts";
import type { CalibrationBin, LabelScores } from "../../verification/inference/metrics.ts";

/** What inference gives, categorical or numeric. */
export interface Outcome {
  readonly iterations: number;
  readonly seconds: number;
  /** A line of the output for each task. */
  readonly labelOf: (task: number) => string;
  readonly probabilityOf: (task: number) => string;
  readonly scores: Scores;
  readonly agreement: Agreement;
  /** Null without truth. */
  readonly calibration: readonly CalibrationBin[] | null;
  /** The error matrices of contributors, row by row; made when asked for. */
  readonly errors: () => Iterable<ErrorCell>;
  readonly comparison: Comparison | null;
}

export interface Agreement {
  /** Krippendorff's, nominal; of labels that are all numbers also ordinal and interval. */
  readonly alpha: number | null;
  readonly alphaOrdinal: number | null;
  readonly alphaInterval: number | null;
  /** Fleiss'. */
  readonly kappa: number | null;
  /** How much tasks split those who answered them: the mean entropy of their votes, 0 to 1. */
  readonly difficulty: number | null;
}

export const noAgreement: Agreement = {
  alpha: null,
  alphaOrdinal: null,
  alphaInterval: null,
  kappa: null,
  difficulty: null,
};

/** Null where there is no truth, or where the measure is of another kind of answers. */
export interface Scores {
  readonly scoredTasks: number;
  readonly accuracy: number | null;
  readonly f1: number | null;
  readonly mae: number | null;
  readonly rmse: number | null;
  readonly ece: number | null;
}

/** What majority of at most five answers a task would have cost and scored. */
export interface Comparison {
  readonly method: "majority of 5";
  readonly answers: number;
  readonly answersPerTask: number;
  readonly accuracy: number | null;
}

export const noScores: Scores = { scoredTasks: 0, accuracy: null, f1: null, mae: null, rmse: null, ece: null };

export const scoresOf = (scores: LabelScores | null): Scores =>
  scores === null
    ? noScores
    : { ...noScores, scoredTasks: scores.tasks, accuracy: scores.accuracy, f1: scores.f1, ece: scores.ece };
