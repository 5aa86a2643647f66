import type { Answers } from "./answers.ts";
import type { Tables } from "./expectation.ts";
import { classPosterior, type FitOptions, fitModel, iterate, startTables } from "./fit.ts";
import { decideLabels, type Inferred } from "./inferred.ts";
import type { ModelShape } from "./model.ts";

export const defaultFit: FitOptions = { controls: null, iterationsMax: 100, tolerance: 1e-5 };

/** Dawid-Skene with pooled priors, see `ModelShape`. */
export const pooledShape: ModelShape = { kinds: 1, rowStrength: 4, accuracyStrength: 4, anchor: 0.05, flatness: 0 };

export function inferByDawidSkene(answers: Answers, options: Partial<FitOptions> = {}): Inferred {
  const all = { ...defaultFit, ...options };
  const { tables, iterations } = fitModel(answers, pooledShape, all);
  return { ...decideLabels(answers, classPosterior(answers, tables), all.controls), iterations };
}

/**
 * Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm", 1979, without priors,
 * as other libraries have it: for comparison. What was never seen has a probability of 1e-10.
 */
export function inferByPlainDawidSkene(answers: Answers, options: Partial<FitOptions> = {}): Inferred {
  const all = { ...defaultFit, ...options };
  const start = startTables(answers, 1, all.controls, all.runner);
  const { tables, iterations } = iterate(answers, start, all, (each) => maximisePlainly(answers, each));
  return { ...decideLabels(answers, tables.posterior, all.controls), iterations };
}

const leastProbability = 1e-10;

export function maximisePlainly({ tasks, contributors, classes }: Answers, tables: Tables): void {
  const { counts, likelihoods, posterior, prior } = tables;
  for (let w = 0; w < contributors; w++) {
    for (let c = 0; c < classes; c++) {
      const first = w * classes * classes + c;
      let row = 0;
      for (let l = 0; l < classes; l++) row += counts[first + l * classes] as number;
      for (let l = 0; l < classes; l++) {
        const cell = first + l * classes;
        const share = row > 0 ? (counts[cell] as number) / row : 0;
        likelihoods[cell] = Math.max(share, leastProbability);
      }
    }
  }
  const shares = new Float64Array(classes);
  for (let i = 0; i < posterior.length; i++)
    shares[i % classes] = (shares[i % classes] as number) + (posterior[i] as number);
  for (let c = 0; c < classes; c++) {
    prior[c] = Math.max((shares[c] as number) / Math.max(tasks, 1), leastProbability);
  }
}
