import type { Answers } from "./answers.ts";
import type { Inferred } from "./inferred.ts";

export interface LabelScores {
  /** Tasks whose truth is known and that have a label. */
  readonly tasks: number;
  readonly accuracy: number;
  /** Of class 1, where there are two classes; null otherwise. */
  readonly f1: number | null;
  /** Expected calibration error over ten bins: how far confidence and accuracy are apart, weighted by tasks. */
  readonly ece: number;
}

const bins = 10;

/**
 * How good labels are.
 *
 * @param truth the class of each task; −1 where it is not known; −2 where it is one that nobody answered
 */
export function scoreLabels({ labels, confidence }: Inferred, truth: Int32Array, classes: number): LabelScores | null {
  const right = new Float64Array(bins);
  const sure = new Float64Array(bins);
  const confusion = { both: 0, labelled: 0, true: 0 };
  let tasks = 0;
  for (let t = 0; t < truth.length; t++) {
    if (truth[t] === -1) continue;
    tasks++;
    const bin = Math.min(Math.floor((confidence[t] as number) * bins), bins - 1);
    sure[bin] = (sure[bin] as number) + (confidence[t] as number);
    right[bin] = (right[bin] as number) + Number(labels[t] === truth[t]);
    confusion.both += Number(labels[t] === 1 && truth[t] === 1);
    confusion.labelled += Number(labels[t] === 1);
    confusion.true += Number(truth[t] === 1);
  }
  if (tasks === 0) return null;
  const apart = right.reduce((sum, each, bin) => sum + Math.abs(each - (sure[bin] as number)), 0);
  const f1 = classes === 2 ? (2 * confusion.both) / Math.max(confusion.labelled + confusion.true, 1) : null;
  return { tasks, accuracy: right.reduce((sum, each) => sum + each, 0) / tasks, f1, ece: apart / tasks };
}

/** Votes on each label in each task with two answers or more. */
function* votesOfTasks({ tasks, classes, offsets, codes }: Answers): Generator<Map<number, number>> {
  for (let t = 0; t < tasks; t++) {
    const votes = new Map<number, number>();
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const label = (codes[i] as number) % classes;
      votes.set(label, (votes.get(label) ?? 0) + 1);
    }
    if ((offsets[t + 1] as number) - (offsets[t] as number) > 1) yield votes;
  }
}

/**
 * Krippendorff's alpha for nominal data: 1 − observed ÷ expected disagreement (Content Analysis, 2004, chapter 11). Null
 * where no task has two answers, or all answers of such tasks are the same.
 */
export function krippendorffAlpha(answers: Answers): number | null {
  const totals = new Float64Array(answers.classes);
  let observed = 0;
  let all = 0;
  for (const votes of votesOfTasks(answers)) {
    let count = 0;
    let squares = 0;
    for (const [label, each] of votes) {
      totals[label] = (totals[label] as number) + each;
      count += each;
      squares += each * each;
    }
    observed += (count * count - squares) / (count - 1);
    all += count;
  }
  const expected = (all * all - totals.reduce((sum, each) => sum + each * each, 0)) / (all - 1);
  return all === 0 || expected === 0 ? null : 1 - observed / expected;
}

/**
 * Fleiss' kappa (1971), with each task's agreement over its own number of answers, so that tasks may have different
 * numbers. Null where it is not defined.
 */
export function fleissKappa(answers: Answers): number | null {
  const totals = new Float64Array(answers.classes);
  let agreement = 0;
  let tasks = 0;
  let all = 0;
  for (const votes of votesOfTasks(answers)) {
    let count = 0;
    let squares = 0;
    for (const [label, each] of votes) {
      totals[label] = (totals[label] as number) + each;
      count += each;
      squares += each * each;
    }
    agreement += (squares - count) / (count * (count - 1));
    tasks++;
    all += count;
  }
  const byChance = totals.reduce((sum, each) => sum + (each / all) * (each / all), 0);
  return tasks === 0 || byChance === 1 ? null : (agreement / tasks - byChance) / (1 - byChance);
}
