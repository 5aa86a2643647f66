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

export interface CalibrationBin {
  /** Confidence from here, up to but not including `to`, of the last bin including it. */
  readonly from: number;
  readonly to: number;
  readonly tasks: number;
  /** The mean of these tasks' confidence, and the share of them that is right; null where there are none. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** How often labels are right by how sure they are; the bins of `scoreLabels`. */
export function calibrationOf({ labels, confidence }: Inferred, truth: Int32Array): readonly CalibrationBin[] {
  const [tasks, sure, right] = [0, 1, 2].map(() => new Float64Array(bins)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let t = 0; t < truth.length; t++) {
    if (truth[t] === -1) continue;
    const bin = Math.min(Math.floor((confidence[t] as number) * bins), bins - 1);
    tasks[bin] = (tasks[bin] as number) + 1;
    sure[bin] = (sure[bin] as number) + (confidence[t] as number);
    right[bin] = (right[bin] as number) + Number(labels[t] === truth[t]);
  }
  return Array.from(tasks, (count, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    tasks: count,
    confidence: count === 0 ? null : (sure[bin] as number) / count,
    accuracy: count === 0 ? null : (right[bin] as number) / count,
  }));
}
