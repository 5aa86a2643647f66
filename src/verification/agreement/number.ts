import { type NumberSchema, toleranceAt, unitBounds } from "../answers/number.ts";
import { type Agreement, countingWeights, lowerMedian, million, probabilityPpm, type Vote } from "./vote.ts";

/**
 * The weighted mean of the answers within tolerance of their weighted lower median: as exact as a mean where answers
 * agree, as robust as a median where they do not (a skipped mean: Huber, Robust Statistics, 1981). Rounded to the
 * nearest unit, halves towards the lower. Confidence: the posterior that those within tolerance of the label are right,
 * against all others together.
 */
export function agreeOnNumber(schema: NumberSchema, votes: readonly Vote<number>[]): Agreement<number> {
  if (votes.length === 0) return { label: unitBounds(schema).min, confidencePpm: 0 };
  const weights = countingWeights(votes);
  const median = lowerMedian(
    votes.map(({ answer }) => answer),
    weights,
  );
  const label = meanAround(schema, votes, weights, median);
  const ahead = votes.reduce(
    (sum, { answer, weight }) => sum + (matchNumber(schema, answer, label) === million ? weight : -weight),
    0,
  );
  return { label, confidencePpm: probabilityPpm(ahead) };
}

/** In exact integers: sums of weights and values leave the safe range. */
function meanAround(
  schema: NumberSchema,
  votes: readonly Vote<number>[],
  weights: readonly number[],
  median: number,
): number {
  let sum = 0n;
  let total = 0n;
  for (const [i, { answer }] of votes.entries()) {
    if (matchNumber(schema, answer, median) < million) continue;
    sum += BigInt(answer - median) * BigInt(weights[i] as number);
    total += BigInt(weights[i] as number);
  }
  return median + Number(halvesDown(sum, total));
}

/** part ÷ whole to the nearest integer, halves down. */
function halvesDown(part: bigint, whole: bigint): bigint {
  const twice = 2n * part - whole;
  const towardsZero = twice / (2n * whole);
  const floor = twice % (2n * whole) < 0n ? towardsZero - 1n : towardsZero;
  return floor * 2n * whole === twice ? floor : floor + 1n;
}

/** All within tolerance of the label, otherwise nothing. */
export const matchNumber = (schema: NumberSchema, answer: number, label: number): number =>
  Math.abs(answer - label) <= toleranceAt(schema, label) ? million : 0;
