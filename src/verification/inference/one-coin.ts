import type { Answers, Codes } from "./answers.ts";
import { expOfNegative, logOfPositive } from "./fast-real.ts";
import type { FitOptions } from "./fit.ts";
import type { Controls, Inferred } from "./inferred.ts";
import { inferByMajority } from "./majority.ts";

/** The accuracy of each contributor is shrunk to that of all, which is worth so many answers. */
const strength = 4;
/** Nobody is quite perfect. */
const leastError = 1e-6;

const defaults: FitOptions = { controls: null, iterationsMax: 100, tolerance: 1e-5 };

/**
 * The one-coin model: a contributor is right with one probability whatever the class, and wrong evenly over the other
 * classes (Dawid-Skene with one parameter each). The class prior is flat. Nothing is kept per class, so ten thousand
 * classes cost what two do.
 */
export function inferByOneCoin(answers: Answers, options: Partial<FitOptions> = {}): Inferred {
  const { controls, iterationsMax, tolerance } = { ...defaults, ...options };
  const right = firstShares(answers, controls);
  const weights = new Float64Array(answers.contributors);
  let iterations = 0;
  let moved = Infinity;
  while (iterations < iterationsMax && moved > tolerance && answers.codes.length > 0) {
    setWeights(answers, right, weights);
    moved = weigh(answers, weights, right, controls);
    iterations++;
  }
  return { ...inferByWeights(answers, weights, controls), iterations };
}

/** One round from majority: every vote weighs the log-odds of its contributor's agreement with it. */
export function inferByWeightedMajority(answers: Answers, controls: Controls = null): Inferred {
  const { labels } = inferByMajority(answers, controls);
  const right = new Float64Array(answers.codes.length);
  for (let t = 0; t < answers.tasks; t++) {
    for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
      right[i] = Number((answers.codes[i] as number) % answers.classes === labels[t]);
    }
  }
  const weights = new Float64Array(answers.contributors);
  setWeights(answers, right, weights);
  for (let w = 0; w < weights.length; w++) weights[w] = Math.max(weights[w] as number, 0);
  return { ...inferByWeights(answers, weights, controls), iterations: 1 };
}

/** The probability that each answer is right: to begin with, the share of its task's answers that say the same. */
function firstShares(answers: Answers, controls: Controls): Float64Array {
  const right = new Float64Array(answers.codes.length);
  const votes = new Float64Array(answers.classes);
  for (let t = 0; t < answers.tasks; t++) {
    const start = answers.offsets[t] as number;
    const end = answers.offsets[t + 1] as number;
    const known = controls?.[t] ?? -1;
    for (let i = start; i < end; i++) {
      const label = (answers.codes[i] as number) % answers.classes;
      votes[label] = (votes[label] as number) + 1;
    }
    for (let i = start; i < end; i++) {
      const label = (answers.codes[i] as number) % answers.classes;
      right[i] = known >= 0 ? Number(label === known) : (votes[label] as number) / (end - start);
    }
    for (let i = start; i < end; i++) votes[(answers.codes[i] as number) % answers.classes] = 0;
  }
  return right;
}

/** ln(a (k − 1) / (1 − a)) of each contributor's accuracy a among k classes. */
function setWeights({ codes, classes }: Answers, right: Float64Array, weights: Float64Array): void {
  const rightOf = new Float64Array(weights.length);
  const allOf = new Float64Array(weights.length);
  let rightOfAll = 0;
  for (let i = 0; i < codes.length; i++) {
    const w = Math.floor((codes[i] as number) / classes);
    rightOf[w] = (rightOf[w] as number) + (right[i] as number);
    allOf[w] = (allOf[w] as number) + 1;
    rightOfAll += right[i] as number;
  }
  const pooled = rightOfAll / Math.max(codes.length, 1);
  for (let w = 0; w < weights.length; w++) {
    const share = ((rightOf[w] as number) + strength * pooled) / ((allOf[w] as number) + strength);
    const accuracy = Math.min(Math.max(share, leastError), 1 - leastError);
    weights[w] = logOfPositive((accuracy * Math.max(classes - 1, 1)) / (1 - accuracy));
  }
}

/** Sets the probability that each answer is right; gives how far they moved, in the mean. */
function weigh(answers: Answers, weights: Float64Array, right: Float64Array, controls: Controls): number {
  const scores = new Float64Array(answers.classes);
  let moved = 0;
  for (let t = 0; t < answers.tasks; t++) {
    const start = answers.offsets[t] as number;
    const end = answers.offsets[t + 1] as number;
    const known = controls?.[t] ?? -1;
    const { most, total } = addScores(answers, t, weights, scores);
    for (let i = start; i < end; i++) {
      const label = (answers.codes[i] as number) % answers.classes;
      const each = expOfNegative((scores[label] as number) - most) / total;
      const probability = known < 0 ? each : Number(known === label);
      const change = probability - (right[i] as number);
      moved += change < 0 ? -change : change;
      right[i] = probability;
    }
    clear(answers, t, scores);
  }
  return moved / answers.codes.length;
}

/** The labels of a task that somebody gave have scores; all others 0, and they share `total` too. */
function addScores(
  { offsets, codes, classes }: Answers,
  t: number,
  weights: Float64Array,
  scores: Float64Array,
): { readonly most: number; readonly total: number } {
  const start = offsets[t] as number;
  const end = offsets[t + 1] as number;
  for (let i = start; i < end; i++) {
    const code = codes[i] as number;
    const label = code % classes;
    scores[label] = (scores[label] as number) + (weights[Math.floor(code / classes)] as number);
  }
  let most = 0;
  for (let i = start; i < end; i++) most = Math.max(most, scores[(codes[i] as number) % classes] as number);
  let total = 0;
  let given = 0;
  for (let i = start; i < end; i++) {
    if (!isFirst(codes, start, i, classes)) continue;
    total += expOfNegative((scores[(codes[i] as number) % classes] as number) - most);
    given++;
  }
  return { most, total: total + (classes - given) * expOfNegative(-most) };
}

/** Whether no answer of the task before this one has the same label. */
function isFirst(codes: Codes, start: number, place: number, classes: number): boolean {
  const label = (codes[place] as number) % classes;
  for (let i = start; i < place; i++) if ((codes[i] as number) % classes === label) return false;
  return true;
}

function clear({ offsets, codes, classes }: Answers, t: number, scores: Float64Array): void {
  for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) scores[(codes[i] as number) % classes] = 0;
}

/**
 * The label with the most weight. Ties go to the label with more answers, then to the lower one. A label that nobody
 * gave wins only where all that were given weigh less than nothing: then the lowest such.
 */
function inferByWeights(answers: Answers, weights: Float64Array, controls: Controls): Omit<Inferred, "iterations"> {
  const { tasks, classes, offsets } = answers;
  const labels = new Int32Array(tasks).fill(-1);
  const confidence = new Float64Array(tasks);
  const scores = new Float64Array(classes);
  for (let t = 0; t < tasks; t++) {
    const known = controls?.[t] ?? -1;
    if (known >= 0) {
      labels[t] = known;
      confidence[t] = 1;
    } else if ((offsets[t + 1] as number) > (offsets[t] as number)) {
      const { most, total } = addScores(answers, t, weights, scores);
      const label = heaviest(answers, t, scores);
      labels[t] = label;
      confidence[t] = expOfNegative((scores[label] as number) - most) / total;
      clear(answers, t, scores);
    }
  }
  return { labels, confidence };
}

const tieWidth = 1e-9;

function heaviest({ offsets, codes, classes }: Answers, t: number, scores: Float64Array): number {
  const labels: number[] = [];
  for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) labels.push((codes[i] as number) % classes);
  labels.sort((a, b) => a - b);
  let best = labels[0] as number;
  let bestVotes = 0;
  for (let i = 0; i < labels.length; ) {
    const label = labels[i] as number;
    let end = i;
    while (labels[end] === label) end++;
    const more = (scores[label] as number) - (scores[best] as number);
    if (more > tieWidth || (more >= -tieWidth && end - i > bestVotes)) {
      best = label;
      bestVotes = end - i;
    }
    i = end;
  }
  if ((scores[best] as number) >= -tieWidth) return best;
  let absent = 0;
  for (const label of labels) if (label === absent) absent++;
  return absent < classes ? absent : best;
}
