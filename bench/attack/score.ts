import { frontierOf, type Point } from "./frontier.ts";
import type { Stream } from "./inject.ts";
import type { Replayed } from "./replay.ts";

/** All fractions of 1. */
export interface Scores {
  /** Of all paid answers, those of attackers. */
  readonly payToAttackers: number;
  /** Of the correct answers of recorded contributors, those that were not paid. */
  readonly honestUnpaid: number;
  /** Of the same, those of recorded contributors who answer like random attackers. */
  readonly honestUninformative: number;
  /** Of the correct answers of the other recorded contributors, those that were not paid. */
  readonly informativeUnpaid: number;
  /** Of the tasks that are no controls, those whose label is the truth. */
  readonly accuracy: number;
  /** Of all paid answers, those of attackers that the newcomer budget paid. */
  readonly newcomerBudgetToAttackers: number;
  /** How long a paid answer of a recorded contributor waited after its task was complete, over the whole time. */
  readonly waited: number;
}

/** Beside what the market did, what a rule can do that knows every truth. */
export interface Scored {
  readonly scores: Scores;
  readonly frontier: readonly Point[];
}

const names = [
  "payToAttackers",
  "honestUnpaid",
  "honestUninformative",
  "informativeUnpaid",
  "accuracy",
  "newcomerBudgetToAttackers",
  "waited",
] as const satisfies readonly (keyof Scores)[];

export const addScores = (scores: readonly Scores[]): Scores =>
  Object.fromEntries(
    names.map((name) => [name, scores.reduce((sum, each) => sum + each[name], 0) / Math.max(scores.length, 1)]),
  ) as Record<keyof Scores, number>;

export function scoreReplay(stream: Stream, controls: Int32Array, played: Replayed): Scored {
  const { task, contributor, label, truth, firstAttacker } = stream;
  const records = recordsOf(stream);
  const informative = informativeOf(records);
  const sums = { paid: 0, toAttackers: 0, byBudget: 0, correct: 0, unpaid: 0, informative: 0, missed: 0, waited: 0 };
  for (let i = 0; i < task.length; i++) {
    const w = contributor[i] as number;
    const isPaid = played.paid[i] as number;
    sums.paid += isPaid;
    if (w >= firstAttacker) {
      sums.toAttackers += isPaid;
      if (isPaid === 1 && played.reasons[i] === "NEWCOMER") sums.byBudget++;
      continue;
    }
    sums.waited += isPaid * (played.waited[i] as number);
    if (label[i] !== truth[task[i] as number]) continue;
    sums.correct++;
    sums.unpaid += 1 - isPaid;
    if (informative[w] === 0) continue;
    sums.informative++;
    sums.missed += 1 - isPaid;
  }
  const scores = {
    payToAttackers: sums.toAttackers / Math.max(sums.paid, 1),
    honestUnpaid: sums.unpaid / sums.correct,
    honestUninformative: 1 - sums.informative / sums.correct,
    informativeUnpaid: sums.missed / sums.informative,
    accuracy: accuracyOf(stream, controls, played.labels),
    newcomerBudgetToAttackers: sums.byBudget / Math.max(sums.paid, 1),
    waited: sums.waited / Math.max(sums.paid - sums.toAttackers, 1) / task.length,
  };
  const frontier = frontierOf(
    records.map((each, w) => ({
      right: each.right,
      aboveChance: aboveChance(each),
      isAttacker: w >= firstAttacker,
    })),
  );
  return { scores, frontier };
}

function accuracyOf({ tasks, truth }: Stream, controls: Int32Array, labels: Int32Array): number {
  let asked = 0;
  let right = 0;
  for (let t = 0; t < tasks; t++) {
    if (truth[t] === -1 || (controls[t] as number) >= 0) continue;
    asked++;
    if (labels[t] === truth[t]) right++;
  }
  return right / asked;
}

/** "Slight" agreement at most (Landis and Koch, 1977), and enough answers to say so. */
const kappaMax = 0.2;
const answersMin = 10;

/** By the whole truth, which no rule has. */
interface TruthRecord {
  readonly answers: number;
  readonly right: number;
  /** How many would be right if the same labels were given to other tasks. */
  readonly byChance: number;
}

function recordsOf({ contributors, classes, task, contributor, label, truth }: Stream): readonly TruthRecord[] {
  const right = new Float64Array(contributors);
  const labels = new Float64Array(contributors * classes);
  const truths = new Float64Array(contributors * classes);
  const answers = new Float64Array(contributors);
  for (let i = 0; i < task.length; i++) {
    const known = truth[task[i] as number] as number;
    if (known < 0) continue;
    const w = contributor[i] as number;
    const given = w * classes + (label[i] as number);
    answers[w] = (answers[w] as number) + 1;
    right[w] = (right[w] as number) + Number(known === label[i]);
    labels[given] = (labels[given] as number) + 1;
    truths[w * classes + known] = (truths[w * classes + known] as number) + 1;
  }
  return Array.from(answers, (count, w) => {
    let byChance = 0;
    for (let z = 0; z < classes; z++) {
      byChance += ((labels[w * classes + z] as number) * (truths[w * classes + z] as number)) / Math.max(count, 1);
    }
    return { answers: count, right: right[w] as number, byChance };
  });
}

/** 1 of each contributor who agrees with the truth more than slightly, or said little. */
const informativeOf = (records: readonly TruthRecord[]): Uint8Array =>
  Uint8Array.from(records, ({ answers, right, byChance }) =>
    Number(answers < answersMin || right - byChance > kappaMax * (answers - byChance)),
  );

/** In standard errors. */
const aboveChance = ({ answers, right, byChance }: TruthRecord): number =>
  (right - byChance) / Math.sqrt((byChance * (answers - byChance)) / Math.max(answers, 1) + 1);
