import { expOfNegative, logOfPositive } from "../inference/fast-real.ts";
import { usualDiscount, usualFloor } from "./market-model.ts";

/** A control task with its answers, as the model would see it had it not known the truth. */
export interface Case {
  /** ln of the prior and of the likelihood of the answers, of the true class. */
  readonly prior: number;
  readonly evidence: number;
  /** The same of all others. */
  readonly others: readonly { readonly prior: number; readonly evidence: number }[];
}

export interface Calibration {
  readonly discount: number;
  readonly floor: number;
}

const discounts = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1];
const floors = [0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12, 0.16, 0.22, 0.3];
/** The usual discount is known up to a factor of about 1.5, the usual floor as if from 40 tasks. */
const discountSpread = 0.4;
const floorTasks = 40;

/**
 * How much of the evidence to believe, and how often not to believe any: the most probable pair given the control tasks.
 * Posteriors of models that take answers for independent are too sure of themselves (Guo, Pleiss, Sun and Weinberger,
 * "On calibration of modern neural networks", 2017, for temperatures; the floor is what tempering cannot repair: whole
 * crowds that are wrong). Without control tasks: the usual ones.
 */
export function calibrate(cases: readonly Case[], classes: number): Calibration {
  let best: Calibration = { discount: usualDiscount, floor: usualFloor };
  let most = -Infinity;
  for (const discount of discounts) {
    const right = Float64Array.from(cases, (each) => probabilityOfTruth(each, discount));
    const apart = logOfPositive(discount / usualDiscount) / discountSpread;
    for (const floor of floors) {
      let sum = -(apart * apart) / 2;
      sum += floorTasks * (usualFloor * logOfPositive(floor) + (1 - usualFloor) * logOfPositive(1 - floor));
      for (const each of right) sum += logOfPositive((1 - floor) * each + floor / classes);
      if (sum > most) {
        most = sum;
        best = { discount, floor };
      }
    }
  }
  return best;
}

function probabilityOfTruth({ prior, evidence, others }: Case, discount: number): number {
  const score = prior + discount * evidence;
  let most = score;
  for (const other of others) most = Math.max(most, other.prior + discount * other.evidence);
  let total = expOfNegative(score - most);
  const own = total;
  for (const other of others) total += expOfNegative(other.prior + discount * other.evidence - most);
  return own / total;
}
