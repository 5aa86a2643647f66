import type { Answers } from "../inference/answers.ts";
import { expOfNegative, logOfPositive } from "../inference/fast-real.ts";
import type { Lessons } from "./answer-window.ts";
import type { Case } from "./calibrate.ts";
import type { FittedContributors } from "./fit-matrices.ts";
import { coinRow, newcomerAccuracy } from "./market-model.ts";

const strength = 20;
const iterations = 6;
const leastError = 1e-6;

/** One accuracy for each contributor, for many classes: like `fitMatrices`, in time that does not depend on classes. */
export function fitCoins({ answers, controls }: Lessons): FittedContributors {
  const { contributors, classes } = answers;
  let accuracies = new Float64Array(contributors).fill(newcomerAccuracy);
  const checked = new Float64Array(contributors);
  for (const code of answers.codes) {
    const w = Math.floor(code / classes);
    checked[w] = (checked[w] as number) + 1;
  }
  let pooled = newcomerAccuracy;
  for (let i = 0; i < iterations; i++) {
    const right = expectRight(answers, controls, accuracies);
    const all = right.reduce((sum, each) => sum + each, 0);
    pooled = (all + strength * newcomerAccuracy) / (answers.codes.length + strength);
    accuracies = right.map((each, w) => kept((each + strength * pooled) / ((checked[w] as number) + strength)));
  }
  return {
    prior: new Float64Array(0),
    newcomer: coinRow(classes, pooled),
    rowOf: (contributor) => coinRow(classes, accuracies[contributor] as number),
    accuracyOf: (contributor) => accuracies[contributor] as number,
    caseOf: (task, truth) => caseOf(answers, accuracies, checked, task, truth),
  };
}

const kept = (accuracy: number): number => Math.min(Math.max(accuracy, leastError), 1 - leastError);

const logOdds = (accuracy: number, classes: number): number =>
  logOfPositive((accuracy * Math.max(classes - 1, 1)) / (1 - accuracy));

/** The expected number of right answers of each contributor. */
function expectRight(answers: Answers, controls: Lessons["controls"], accuracies: Float64Array): Float64Array {
  const { tasks, classes, offsets, codes } = answers;
  const right = new Float64Array(accuracies.length);
  for (let t = 0; t < tasks; t++) {
    const known = controls?.[t] ?? -1;
    const scores = scoresOf(answers, t, (w) => logOdds(accuracies[w] as number, classes));
    let most = 0;
    for (const score of scores.values()) most = Math.max(most, score);
    let total = (classes - scores.size) * expOfNegative(-most);
    for (const score of scores.values()) total += expOfNegative(score - most);
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const label = (codes[i] as number) % classes;
      const w = Math.floor((codes[i] as number) / classes);
      const probability = expOfNegative((scores.get(label) as number) - most) / total;
      right[w] = (right[w] as number) + (known < 0 ? probability : Number(known === label));
    }
  }
  return right;
}

function scoresOf(
  { offsets, codes, classes }: Answers,
  t: number,
  weightOf: (contributor: number, label: number) => number,
): Map<number, number> {
  const scores = new Map<number, number>();
  for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
    const label = (codes[i] as number) % classes;
    scores.set(label, (scores.get(label) ?? 0) + weightOf(Math.floor((codes[i] as number) / classes), label));
  }
  return scores;
}

function caseOf(answers: Answers, accuracies: Float64Array, checked: Float64Array, task: number, truth: number): Case {
  const { classes } = answers;
  const scores = scoresOf(answers, task, (w, label) => {
    const total = (checked[w] as number) + strength;
    const others = ((accuracies[w] as number) * total - Number(label === truth)) / (total - 1);
    return logOdds(kept(others), classes);
  });
  const evidence = scores.get(truth) ?? 0;
  scores.delete(truth);
  const others = [...scores.values()].map((each) => ({ prior: 0, evidence: each }));
  const unnamed = classes - 1 - scores.size;
  if (unnamed > 0) others.push({ prior: logOfPositive(unnamed), evidence: 0 });
  return { prior: 0, evidence, others };
}
