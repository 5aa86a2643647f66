import { earnestError } from "../../core/errors.ts";
import { asNumber, Interner, type Texts } from "./interner.ts";
import { Numbers } from "./numbers.ts";
import type { Source } from "./read-records.ts";
import { readRows } from "./read-rows.ts";
import { type Row, textOf } from "./row.ts";

/** Answers and what is known of the truth, with everything numbered in an order that the input's order is no part of. */
export interface AnswerFile {
  readonly tasks: Texts;
  readonly contributors: number;
  readonly contributorNames: Texts;
  /** In order; of numeric answers empty. */
  readonly labels: readonly string[];
  readonly task: Int32Array;
  readonly contributor: Int32Array;
  /** Indices of labels. */
  readonly label: Int32Array;
  readonly controls: KnownLabels | null;
  readonly truth: KnownLabels | null;
}

export interface KnownLabels {
  /** By task: the label's index, −1 where unknown, −2 where it is a label that nobody gave. */
  readonly labels: Int32Array;
  /** Tasks that nobody answered. */
  readonly unanswered: number;
}

export interface AnswerSources {
  readonly answers: Source;
  readonly controls: Source | null;
  readonly truth: Source | null;
  /** Labels must be numbers. */
  readonly isNumeric: boolean;
}

export async function readAnswers({ answers, controls, truth, isNumeric }: AnswerSources): Promise<AnswerFile> {
  const tasks = new Interner();
  const contributors = new Interner();
  const labels = new Interner();
  const [task, contributor, label] = [new Numbers(), new Numbers(), new Numbers()];
  await readRows(answers, [["task"], ["worker", "contributor"], ["label"]], (row) => {
    if (isNumeric && labels.find(row, 2) < 0 && Number.isNaN(asNumber(textOf(row, 2)))) return notNumber(row, 2);
    task.push(tasks.intern(row, 0));
    contributor.push(contributors.intern(row, 1));
    label.push(labels.intern(row, 2));
    return null;
  });
  if (task.values.length === 0) {
    throw earnestError("MALFORMED_FILE", { path: answers.name, problem: "it holds no answers" });
  }
  // A label of a control task takes part even where nobody gave it; of the truth it can only be missed.
  const ofControls =
    controls === null ? null : await readKnown(controls, tasks, isNumeric, (row) => labels.intern(row, 1));
  const ofTruth =
    truth === null ? null : await readKnown(truth, tasks, isNumeric, (row) => truthLabel(labels, row, isNumeric));
  const inOrder = {
    tasks: tasks.ordered(),
    by: contributors.ordered(),
    labels: labels.orderedAsLabels(),
  };
  task.replace(inOrder.tasks.places);
  contributor.replace(inOrder.by.places);
  label.replace(inOrder.labels.places);
  return {
    tasks: inOrder.tasks.texts,
    contributors: inOrder.by.texts.length,
    contributorNames: inOrder.by.texts,
    labels: inOrder.labels.texts,
    task: task.values,
    contributor: contributor.values,
    label: label.values,
    controls: ofControls === null ? null : reordered(ofControls, inOrder.tasks.places, inOrder.labels.places),
    truth: ofTruth === null ? null : reordered(ofTruth, inOrder.tasks.places, inOrder.labels.places),
  };
}

const truthLabel = (labels: Interner, row: Row, isNumeric: boolean): number => {
  const found = labels.find(row, 1);
  return found >= 0 ? found : isNumeric ? labels.intern(row, 1) : -2;
};

const notNumber = (row: Row, column: number): string => `"${textOf(row, column)}" is not a number`;

async function readKnown(
  source: Source,
  tasks: Interner,
  isNumeric: boolean,
  labelOf: (row: Row) => number,
): Promise<KnownLabels> {
  const known = new Int32Array(tasks.length).fill(-1);
  let unanswered = 0;
  await readRows(source, [["task"], ["label"]], (row) => {
    if (isNumeric && Number.isNaN(asNumber(textOf(row, 1)))) return notNumber(row, 1);
    const index = tasks.find(row, 0);
    if (index < 0) unanswered++;
    else {
      const label = labelOf(row);
      const before = known[index] as number;
      if (before !== -1 && before !== label) return `the task ${textOf(row, 0)} has another label in a row before`;
      known[index] = label;
    }
    return null;
  });
  return { labels: known, unanswered };
}

/** From the order in which tasks and labels came to their own. */
function reordered(known: KnownLabels, tasks: Int32Array, labels: Int32Array): KnownLabels {
  const byTask = new Int32Array(tasks.length);
  for (const [task, label] of known.labels.entries()) {
    byTask[tasks[task] as number] = label < 0 ? label : (labels[label] as number);
  }
  return { ...known, labels: byTask };
}
