import { createTables, expectStates, type Tables } from "../inference/expectation.ts";
import { logOfPositive } from "../inference/fast-real.ts";
import type { Controls } from "../inference/inferred.ts";
import { evidenceApart } from "../inference/leave-task-out.ts";
import { type ModelShape, maximise } from "../inference/model.ts";
import type { Lessons } from "./answer-window.ts";
import type { Case } from "./calibrate.ts";
import { newcomerAccuracy, type Row, surpriseOf } from "./market-model.ts";

/** What a fit of either form gives, before it is calibrated and made integers. */
export interface FittedContributors {
  readonly prior: Float64Array;
  readonly newcomer: Row;
  readonly rowOf: (contributor: number) => Row;
  readonly accuracyOf: (contributor: number) => number;
  readonly caseOf: (task: number, truth: number) => Case;
}

/** Strong priors: the model is asked whom to believe while most have answered little, and picks those who look best. */
const shape: Omit<ModelShape, "anchor"> = { kinds: 1, rowStrength: 20, accuracyStrength: 20, flatness: 0.75 };
/** Pooled rows are shrunk by a share of the answers and by a number: in small markets classes could change places. */
const anchorShare = 0.05;
const anchorAnswers = 400;
/** Few, as a model is adopted anew every time that answers grew by a tenth. */
const iterations = 6;

/**
 * Error matrices by expectation-maximisation with the hierarchical prior of `inference/model.ts`, from a start in which
 * everybody is a newcomer: shares of votes, the usual start, would make every agreement of two a certainty.
 */
export function fitMatrices({ answers, controls }: Lessons): FittedContributors {
  const { classes, contributors } = answers;
  const tables = createTables(answers, classes);
  const startError = (1 - newcomerAccuracy) / Math.max(classes - 1, 1);
  for (let cell = 0; cell < tables.likelihoods.length; cell++) {
    const label = Math.floor(cell / classes) % classes;
    tables.likelihoods[cell] = label === cell % classes ? newcomerAccuracy : startError;
  }
  tables.prior.fill(1 / classes);
  expectStates(answers, tables, controls);
  const anchor = anchorShare + anchorAnswers / Math.max(answers.codes.length, 1);
  for (let i = 0; i < iterations; i++) {
    maximise(answers, tables, { ...shape, anchor });
    mixPrior(tables.prior, controls);
    if (i < iterations - 1) expectStates(answers, tables, controls);
  }
  const prior = normalised(tables.prior);
  const evidenceOf = evidenceApart(answers, tables, { ...shape, anchor });
  return {
    prior,
    newcomer: averageRow(tables, contributors, classes),
    rowOf: (contributor) => {
      const size = classes * classes;
      return Int32Array.from(tables.likelihoods.subarray(contributor * size, (contributor + 1) * size), surpriseOf);
    },
    accuracyOf: (contributor) => accuracyOf(tables, prior, contributor),
    caseOf: (task, truth) => caseOf(evidenceOf(task), prior, truth),
  };
}

/** The learned prior is worth so many control tasks. */
const priorTasks = 100;

/**
 * Control tasks are a sample of the tasks: the shares of their classes are observed, whereas a learned prior feeds itself
 * where answers are few and one class is rare.
 */
function mixPrior(prior: Float64Array, controls: Controls): void {
  const total = prior.reduce((sum, each) => sum + each, 0);
  for (let c = 0; c < prior.length; c++) prior[c] = (priorTasks * (prior[c] as number)) / total;
  for (const truth of controls ?? []) if (truth >= 0) prior[truth] = (prior[truth] as number) + 1;
}

function normalised(values: Float64Array): Float64Array {
  const total = values.reduce((sum, each) => sum + each, 0);
  return values.map((each) => each / total);
}

function accuracyOf({ likelihoods }: Tables, prior: Float64Array, contributor: number): number {
  const classes = prior.length;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    sum += (prior[c] as number) * (likelihoods[(contributor * classes + c) * classes + c] as number);
  }
  return sum;
}

/** What all contributors' answers together look like, each of them counted alike. */
function averageRow({ likelihoods }: Tables, contributors: number, classes: number): Row {
  const size = classes * classes;
  return Int32Array.from({ length: size }, (_, cell) => {
    let sum = 0;
    for (let w = 0; w < contributors; w++) sum += likelihoods[w * size + cell] as number;
    return surpriseOf(sum / contributors);
  });
}

function caseOf(evidence: Float64Array, prior: Float64Array, truth: number): Case {
  const termsOf = (c: number) => ({
    prior: logOfPositive(prior[c] as number),
    evidence: evidence[c] as number,
  });
  const others = [...evidence.keys()].filter((c) => c !== truth).map(termsOf);
  return { ...termsOf(truth), others };
}
