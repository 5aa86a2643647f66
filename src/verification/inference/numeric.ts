/** Answers that are numbers, sorted by task, within a task by value: the same whatever order they came in. */
export interface NumericAnswers {
  readonly tasks: number;
  readonly offsets: Uint32Array;
  readonly values: Float64Array;
}

export function createNumericAnswers(tasks: number, task: ArrayLike<number>, value: ArrayLike<number>): NumericAnswers {
  const offsets = new Uint32Array(tasks + 1);
  for (let i = 0; i < task.length; i++) {
    const next = (task[i] as number) + 1;
    offsets[next] = (offsets[next] as number) + 1;
  }
  for (let t = 0; t < tasks; t++) offsets[t + 1] = (offsets[t + 1] as number) + (offsets[t] as number);
  const places = offsets.slice(0, tasks);
  const values = new Float64Array(task.length);
  for (let i = 0; i < task.length; i++) {
    const t = task[i] as number;
    values[places[t] as number] = value[i] as number;
    places[t] = (places[t] as number) + 1;
  }
  for (let t = 0; t < tasks; t++) values.subarray(offsets[t], offsets[t + 1]).sort();
  return { tasks, offsets, values };
}

export type NumericMethod = "mean" | "median" | "robust-mean";

const estimators: Readonly<Record<NumericMethod, (sorted: Float64Array) => number>> = {
  mean: meanOf,
  median: medianOf,
  "robust-mean": robustMeanOf,
};

/** One number a task; NaN where it has no answers. */
export function inferNumbers({ tasks, offsets, values }: NumericAnswers, method: NumericMethod): Float64Array {
  const estimate = estimators[method];
  return Float64Array.from({ length: tasks }, (_, t) => estimate(values.subarray(offsets[t], offsets[t + 1])));
}

function meanOf(values: Float64Array): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function medianOf(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2 === 1) return sorted[half] as number;
  return ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/** Huber's k for 95% efficiency where errors are normal, and what makes a median deviation a standard one. */
const tuning = 1.345;
const deviationToSigma = 1.4826;
const roundsMax = 50;

/**
 * Huber's M-estimate of location (Robust Estimation of a Location Parameter, 1964) by reweighting, with the median
 * absolute deviation as its scale: the mean where answers agree, the median of those far out.
 */
function robustMeanOf(sorted: Float64Array): number {
  let centre = medianOf(sorted);
  const scale = deviationToSigma * medianOf(sorted.map((each) => Math.abs(each - centre)).sort());
  if (!(scale > 0)) return centre;
  for (let round = 0; round < roundsMax; round++) {
    let sum = 0;
    let total = 0;
    for (const each of sorted) {
      const distance = Math.abs(each - centre);
      const weight = distance <= tuning * scale ? 1 : (tuning * scale) / distance;
      sum += weight * each;
      total += weight;
    }
    const next = sum / total;
    if (Math.abs(next - centre) <= 1e-12 * scale) return next;
    centre = next;
  }
  return centre;
}

export interface NumericScores {
  readonly tasks: number;
  /** Mean absolute error. */
  readonly mae: number;
  /** Root of the mean squared error. */
  readonly rmse: number;
}

/** @param truth NaN where it is not known */
export function scoreNumbers(numbers: Float64Array, truth: Float64Array): NumericScores | null {
  let tasks = 0;
  let errors = 0;
  let squares = 0;
  for (let t = 0; t < numbers.length; t++) {
    const error = (numbers[t] as number) - (truth[t] as number);
    if (Number.isNaN(error)) continue;
    tasks++;
    errors += Math.abs(error);
    squares += error * error;
  }
  return tasks === 0 ? null : { tasks, mae: errors / tasks, rmse: Math.sqrt(squares / tasks) };
}
