import { earnestError } from "../../core/errors.ts";
import { asNumber, compareLabels, compareTexts, Interner } from "./interner.ts";
import { Numbers } from "./numbers.ts";
import type { Source } from "./read-records.ts";
import { readRows } from "./read-rows.ts";

/** Answers and what is known of the truth, with everything numbered in an order that the input's order is no part of. */
export interface AnswerFile {
  readonly tasks: readonly string[];
  readonly contributors: number;
  readonly contributorNames: readonly string[];
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
  await readRows(answers, [["task"], ["worker", "contributor"], ["label"]], ([ofTask = "", by = "", said = ""]) => {
    if (isNumeric && labels.find(said) < 0 && Number.isNaN(asNumber(said))) return `"${said}" is not a number`;
    task.push(tasks.intern(ofTask));
    contributor.push(contributors.intern(by));
    label.push(labels.intern(said));
    return null;
  });
  if (task.values.length === 0) {
    throw earnestError("MALFORMED_FILE", { path: answers.name, problem: "it holds no answers" });
  }
  // A label of a control task takes part even where nobody gave it; of the truth it can only be missed.
  const ofControls =
    controls === null ? null : await readKnown(controls, tasks, isNumeric, (text) => labels.intern(text));
  const ofTruth =
    truth === null ? null : await readKnown(truth, tasks, isNumeric, (text) => truthLabel(labels, text, isNumeric));
  const inOrder = {
    tasks: tasks.ordered(compareTexts),
    by: contributors.ordered(compareTexts),
    labels: labels.ordered(compareLabels),
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

const truthLabel = (labels: Interner, text: string, isNumeric: boolean): number => {
  const found = labels.find(text);
  return found >= 0 ? found : isNumeric ? labels.intern(text) : -2;
};

interface Known {
  readonly pairs: ReadonlyMap<number, number>;
  readonly unanswered: number;
}

async function readKnown(
  source: Source,
  tasks: Interner,
  isNumeric: boolean,
  labelOf: (text: string) => number,
): Promise<Known> {
  const pairs = new Map<number, number>();
  let unanswered = 0;
  await readRows(source, [["task"], ["label"]], ([task = "", text = ""]) => {
    if (isNumeric && Number.isNaN(asNumber(text))) return `"${text}" is not a number`;
    const index = tasks.find(task);
    if (index < 0) unanswered++;
    else {
      const label = labelOf(text);
      if ((pairs.get(index) ?? label) !== label) return `the task ${task} has another label in a row before`;
      pairs.set(index, label);
    }
    return null;
  });
  return { pairs, unanswered };
}

function reordered({ pairs, unanswered }: Known, tasks: Int32Array, labels: Int32Array): KnownLabels {
  const byTask = new Int32Array(tasks.length).fill(-1);
  for (const [task, label] of pairs) byTask[tasks[task] as number] = label < 0 ? label : (labels[label] as number);
  return { labels: byTask, unanswered };
}
