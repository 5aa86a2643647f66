import type { Answers } from "./answers.ts";

/** What a method makes of the answers. */
export interface Inferred {
  /** The label of each task; −1 where it has no answers and no known truth. */
  readonly labels: Int32Array;
  /** The probability of each label, as the method sees it. */
  readonly confidence: Float64Array;
  readonly iterations: number;
}

/** The true label of each control task, −1 for every other task; null where there are none. */
export type Controls = Int32Array | null;

/** What two probabilities may differ by and still be a tie: the reduction order must not decide. */
const tieWidth = 1e-9;

/**
 * The most probable class of each task. Ties go to the class with more answers, then to the lower index.
 *
 * @param posterior of each task and class, `tasks × classes`
 */
export function decideLabels(
  answers: Answers,
  posterior: Float64Array,
  controls: Controls,
): Omit<Inferred, "iterations"> {
  const { tasks, classes, offsets, codes } = answers;
  const labels = new Int32Array(tasks).fill(-1);
  const confidence = new Float64Array(tasks);
  const votes = new Uint32Array(classes);
  for (let t = 0; t < tasks; t++) {
    const start = offsets[t] as number;
    const end = offsets[t + 1] as number;
    const known = controls?.[t] ?? -1;
    for (let i = start; i < end; i++)
      votes[(codes[i] as number) % classes] = (votes[(codes[i] as number) % classes] as number) + 1;
    if (known >= 0 || end > start) {
      const label = known >= 0 ? known : mostProbable(posterior, t * classes, votes);
      labels[t] = label;
      confidence[t] = known >= 0 ? 1 : Math.min(posterior[t * classes + label] as number, 1);
    }
    for (let i = start; i < end; i++) votes[(codes[i] as number) % classes] = 0;
  }
  return { labels, confidence };
}

function mostProbable(posterior: Float64Array, row: number, votes: Uint32Array): number {
  let most = 0;
  for (let c = 0; c < votes.length; c++) most = Math.max(most, posterior[row + c] as number);
  let best = -1;
  for (let c = 0; c < votes.length; c++) {
    if ((posterior[row + c] as number) < most - tieWidth) continue;
    if (best < 0 || (votes[c] as number) > (votes[best] as number)) best = c;
  }
  return best;
}
