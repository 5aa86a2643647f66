import { log } from "../real.ts";

/** The prior is worth two checked answers, 1.4 of them right (notes of the field: a newcomer is right 7 times in 10). */
const priorChecked = 2;
const priorRight = 1.4;

/**
 * The log-odds weight of one vote in thousandths of a nat: ln(a (k − 1) / (1 − a)) for accuracy a among k choices, with
 * errors spread evenly over the other choices (the one-coin model). Never negative: somebody worse than chance counts
 * nothing rather than against.
 */
export function voteWeight(right: number, checked: number, choices: number): number {
  const accuracy = (right + priorRight) / (checked + priorChecked);
  const weight = Math.round(1000 * log((accuracy * Math.max(choices - 1, 1)) / (1 - accuracy)));
  return Math.max(weight, 0);
}
