import { expOfNegative } from "../fast-real.ts";

/** Chances closer to 0 and 1 than that are taken for it. */
const least = 1e-12;

/** 1 ÷ (1 + e^−x), between 1e-12 and 1 − 1e-12. */
export function chanceOf(x: number): number {
  const small = expOfNegative(-Math.abs(x));
  const chance = x >= 0 ? 1 / (1 + small) : small / (1 + small);
  return Math.min(Math.max(chance, least), 1 - least);
}

/** Makes probabilities of logarithms of relative ones, in place. */
export function normaliseLogs(scores: Float64Array): void {
  let most = -Infinity;
  for (const each of scores) most = Math.max(most, each);
  let total = 0;
  for (let i = 0; i < scores.length; i++) {
    scores[i] = expOfNegative((scores[i] as number) - most);
    total += scores[i] as number;
  }
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] as number) / total;
}
