import { expOfNegative, logOfPositive } from "../inference/fast-real.ts";
import { exp } from "../real.ts";

/**
 * Log-odds of being informative: the evidence, and how common the uninformative are among contributors with about as
 * many answers (empirical Bayes). So a flood of fresh keys makes the market careful with fresh keys, and where nobody
 * cheats the few answers of a newcomer are enough.
 *
 * @param evidence of each contributor, in nats
 * @param answers how many each gave; those without any get the odds of somebody who gave one
 */
export function weighPrevalence(evidence: Float64Array, answers: Float64Array): Float64Array {
  const gains = evidence.map((each) => exp(Math.min(Math.max(each, -evidenceMax), evidenceMax)));
  const ofSize = Array.from({ length: sizesMax }, (): number[] => []);
  for (let w = 0; w < answers.length; w++) ofSize[sizeOf(answers[w] as number)]?.push(w);
  const hasAnswers = (w: number): boolean => (answers[w] as number) > 0;
  const everywhere = uninformativeShare(
    gains.filter((_, w) => hasAnswers(w)),
    priorShare,
  );
  const odds = new Float64Array(evidence.length);
  for (const same of ofSize) {
    const theirs = Float64Array.from(same.filter(hasAnswers), (w) => gains[w] as number);
    const share = uninformativeShare(theirs, everywhere);
    const before = logOfPositive((1 - share) / share);
    for (const w of same) odds[w] = (evidence[w] as number) + before;
  }
  return odds;
}

/** Sizes double: 1, 2 to 3, 4 to 7 answers and so on. */
const sizesMax = 32;
const sizeOf = (count: number): number => Math.min(31 - Math.clz32(Math.max(count, 1)), sizesMax - 1);

const evidenceMax = 30;
/** Before anything is seen, one contributor in five is uninformative: worth five contributors. */
const priorShare = 0.2;
const priorStrength = 5;
/** The shares that are weighed against each other: sixteenths. Never below a tenth: nobody comes with credit. */
const steps = 16;
const leastShare = 0.1;

/** The share of contributors that are uninformative, in the mean over what the evidence of those leaves likely. */
function uninformativeShare(gains: Float64Array, expected: number): number {
  const logs = new Float64Array(steps - 1);
  for (let k = 1; k < steps; k++) {
    const share = k / steps;
    let sum = priorStrength * (expected * logOfPositive(share) + (1 - expected) * logOfPositive(1 - share));
    for (const gain of gains) sum += logOfPositive((1 - share) * gain + share);
    logs[k - 1] = sum;
  }
  const most = logs.reduce((a, b) => Math.max(a, b));
  let total = 0;
  let mean = 0;
  logs.forEach((each, k) => {
    const weight = expOfNegative(each - most);
    total += weight;
    mean += (weight * (k + 1)) / steps;
  });
  return Math.max(mean / total, leastShare);
}

/** The probability with these log-odds. */
export function chance(odds: number): number {
  const small = expOfNegative(odds < 0 ? odds : -odds);
  return odds < 0 ? small / (1 + small) : 1 / (1 + small);
}
