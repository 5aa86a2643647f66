import { expOfNegative, logOfPositive } from "../fast-real.ts";

/** From here on the asymptotic series is good to 15 digits. */
const seriesFrom = 10;

/** ψ(x), the derivative of ln Γ(x), for x > 0 (Abramowitz and Stegun, 6.3.5 and 6.3.18). */
export function digamma(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < seriesFrom; at++) sum -= 1 / at;
  const square = 1 / (at * at);
  const series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (1 / 132)))));
  return sum + logOfPositive(at) - 0.5 / at - series;
}

/** e^ψ(x): what variational Bayes has in place of a count. */
export function expOfDigamma(x: number): number {
  const value = digamma(x);
  return value <= 0 ? expOfNegative(value) : 1 / expOfNegative(-value);
}
