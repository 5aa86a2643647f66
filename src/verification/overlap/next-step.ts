import type { MarketModel } from "./market-model.ts";
import type { OverlapPolicy } from "./policy.ts";
import type { Posterior } from "./posterior.ts";

/**
 * `settled`: the promise is kept. `asking`: another answer is worth its price. `givenUp`: it is not, however sure the
 * label is or is not. `exhausted`: as many answers as the policy allows.
 */
export type NextStep = "settled" | "asking" | "givenUp" | "exhausted";

/** With fewer answers nobody has been contradicted yet, and a contributor has shown nothing. */
const givenUpMin = 2;
/** One answer often cannot turn a label where two can, so that several are looked at together. */
const aheadMax = 5;

/** @param answers how many votes the posterior was made of */
export function nextStep(model: MarketModel, policy: OverlapPolicy, found: Posterior, answers: number): NextStep {
  if (answers < policy.min) return answers >= policy.max ? "exhausted" : "asking";
  if (found.confidencePpm >= policy.targetPpm && answers > 0) return "settled";
  if (answers >= policy.max) return "exhausted";
  if (answers < givenUpMin) return "asking";
  return gainPerAnswerPpm(model, found) * policy.answersWorth >= 1_000_000 ? "asking" : "givenUp";
}

/**
 * How much likelier the label becomes to be right, an answer, with the best number of further answers up to `aheadMax`,
 * all from typical contributors: between the two leading classes, the value of a sample (Raiffa and Schlaifer, "Applied
 * Statistical Decision Theory", 1961).
 */
export function gainPerAnswerPpm({ typicalPpm, floorPpm, classes }: MarketModel, found: Posterior): number {
  const spread = floorPpm / classes;
  const top = found.confidencePpm - spread;
  const rival = Math.max(found.rivalPpm - spread, 0);
  const { right, heard } = betweenTwo(typicalPpm / 1_000_000, classes);
  const wrong = 1 - right;
  let most = 0;
  for (let ahead = 1; ahead <= aheadMax; ahead++) {
    let expected = 0;
    for (let agreeing = 0; agreeing <= ahead; agreeing++) {
      const one = power(right, agreeing) * power(wrong, ahead - agreeing);
      const other = power(wrong, agreeing) * power(right, ahead - agreeing);
      expected += binomial(ahead, agreeing) * Math.max(top * one, rival * other);
    }
    most = Math.max(most, (expected - top) / ahead);
  }
  return Math.max(Math.round(most * heard), 0);
}

/** Of the answers that name one of two classes the share that names the right one, and how many name one at all. */
function betweenTwo(accuracy: number, classes: number): { readonly right: number; readonly heard: number } {
  const other = (1 - accuracy) / Math.max(classes - 1, 1);
  const heard = accuracy + other;
  return { right: Math.max(accuracy, other) / heard, heard };
}

const power = (base: number, exponent: number): number => {
  let product = 1;
  for (let i = 0; i < exponent; i++) product *= base;
  return product;
};

const triangle: readonly (readonly number[])[] = [
  [1],
  [1, 1],
  [1, 2, 1],
  [1, 3, 3, 1],
  [1, 4, 6, 4, 1],
  [1, 5, 10, 10, 5, 1],
];
const binomial = (n: number, k: number): number => triangle[n]?.[k] as number;
