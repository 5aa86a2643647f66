import type { Codes } from "./answers.ts";
import type { Tables } from "./expectation.ts";

/** So many probabilities of 1e-15 and more can be multiplied before the product is too small for a double. */
export const plainProductMax = 16;

/** A power of two, so that to scale by it changes no digit. */
const scale = 2 ** 200;

/**
 * The relative probability of each state after any number of answers, into `scores`, the largest 1: products with an
 * exponent of their own, so that a state may become very improbable and come back.
 */
export function multiplyLong(tables: Tables, codes: Codes, start: number, end: number): void {
  const { scores, powers, states } = tables;
  for (let z = 0; z < states; z++) multiplyState(tables, z, codes, start, end);
  let most = 0;
  for (let z = 1; z < states; z++) {
    const higher = (powers[z] as number) - (powers[most] as number);
    if (higher > 0 || (higher === 0 && (scores[z] as number) > (scores[most] as number))) most = z;
  }
  const [mantissa, power] = [scores[most] as number, powers[most] as number];
  for (let z = 0; z < states; z++) {
    const lower = power - (powers[z] as number);
    const share = (scores[z] as number) / mantissa;
    // Two powers lower is less than 2^-200 of the largest.
    scores[z] = lower === 0 ? share : lower === 1 ? share / scale : 0;
  }
}

/** Leaves mantissa × 2^(200 × power), with 1 ≤ mantissa < 2^200. */
function multiplyState(tables: Tables, z: number, codes: Codes, start: number, end: number): void {
  const { likelihoods, states, prior, scores, powers } = tables;
  let mantissa = prior[z] as number;
  let power = 0;
  for (let i = start; i <= end; i++) {
    while (mantissa < 1 && mantissa > 0) {
      mantissa *= scale;
      power--;
    }
    while (mantissa >= scale) {
      mantissa /= scale;
      power++;
    }
    if (i < end) mantissa *= likelihoods[(codes[i] as number) * states + z] as number;
  }
  scores[z] = mantissa;
  powers[z] = power;
}
