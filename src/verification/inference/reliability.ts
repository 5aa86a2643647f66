import type { Answers } from "./answers.ts";

/** How far apart two labels are: equal or not; by their ranks among all answers; by their values. */
export type Scale = "nominal" | "ordinal" | "interval";

/**
 * Krippendorff's alpha: 1 − observed ÷ expected disagreement (Content Analysis, 2004, chapter 11), over tasks with two
 * answers or more. Null where there are none, or where all their answers are the same.
 *
 * @param values of each label, for `interval`; labels are in order for `ordinal`
 */
export function krippendorffAlpha(
  answers: Answers,
  scale: Scale = "nominal",
  values: ArrayLike<number> = [],
): number | null {
  const totals = pairableTotals(answers);
  if (scale === "nominal") return nominalAlpha(answers, totals);
  return alphaOfNumbers(answers, totals, scale === "ordinal" ? middleRanks(totals) : values);
}

/** How often each label was given in tasks with two answers or more. */
function pairableTotals(answers: Answers): Float64Array {
  const totals = new Float64Array(answers.classes);
  forEachTask(answers, (votes, labels) => {
    for (const label of labels) totals[label] = (totals[label] as number) + (votes[label] as number);
  });
  return totals;
}

function nominalAlpha(answers: Answers, totals: Float64Array): number | null {
  let observed = 0;
  forEachTask(answers, (votes, labels, count) => {
    let squares = 0;
    for (const label of labels) squares += (votes[label] as number) ** 2;
    observed += (count * count - squares) / (count - 1);
  });
  const all = sumOf(totals);
  const expected = (all * all - totals.reduce((sum, each) => sum + each * each, 0)) / (all - 1);
  return all === 0 || expected === 0 ? null : 1 - observed / expected;
}

/** Squared distances, so that sums of pairs come from sums of values and of squares. */
function alphaOfNumbers(answers: Answers, totals: Float64Array, values: ArrayLike<number>): number | null {
  const all = sumOf(totals);
  // From their mean, which changes no distance, so that no digits are lost.
  const mean = totals.reduce((sum, each, label) => sum + each * (values[label] as number), 0) / all;
  let observed = 0;
  forEachTask(answers, (votes, labels, count) => {
    let sum = 0;
    let squares = 0;
    for (const label of labels) {
      const value = (values[label] as number) - mean;
      sum += (votes[label] as number) * value;
      squares += (votes[label] as number) * value * value;
    }
    observed += (count * squares - sum * sum) / (count - 1);
  });
  const squares = totals.reduce((sum, each, label) => sum + each * ((values[label] as number) - mean) ** 2, 0);
  const expected = (all * squares) / (all - 1);
  return all === 0 || !(expected > 0) ? null : 1 - observed / expected;
}

/** The ordinal distance of two labels is the difference of these. */
function middleRanks(totals: Float64Array): Float64Array {
  let before = 0;
  return totals.map((each) => {
    before += each;
    return before - each / 2;
  });
}

/**
 * Fleiss' kappa (1971), with each task's agreement over its own number of answers, so that tasks may have different
 * numbers. Null where it is not defined.
 */
export function fleissKappa(answers: Answers): number | null {
  const totals = pairableTotals(answers);
  const all = sumOf(totals);
  let agreement = 0;
  let tasks = 0;
  forEachTask(answers, (votes, labels, count) => {
    let squares = 0;
    for (const label of labels) squares += (votes[label] as number) ** 2;
    agreement += (squares - count) / (count * (count - 1));
    tasks++;
  });
  const byChance = totals.reduce((sum, each) => sum + (each / all) * (each / all), 0);
  return tasks === 0 || byChance === 1 ? null : (agreement / tasks - byChance) / (1 - byChance);
}

/** Each task with two answers or more: its votes by label, the labels that have any, and how many there are. */
function forEachTask(
  { tasks, classes, offsets, codes }: Answers,
  take: (votes: Uint32Array, labels: readonly number[], count: number) => void,
): void {
  const votes = new Uint32Array(classes);
  const labels: number[] = [];
  for (let t = 0; t < tasks; t++) {
    const start = offsets[t] as number;
    const end = offsets[t + 1] as number;
    if (end - start < 2) continue;
    labels.length = 0;
    for (let i = start; i < end; i++) {
      const label = (codes[i] as number) % classes;
      if (votes[label] === 0) labels.push(label);
      votes[label] = (votes[label] as number) + 1;
    }
    take(votes, labels, end - start);
    for (const label of labels) votes[label] = 0;
  }
}

const sumOf = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0);
