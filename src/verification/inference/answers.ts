import { earnestError } from "../../core/errors.ts";

/**
 * Answers to tasks, sorted by task, within a task by contributor and label: the same whatever order they came in. The
 * answers of task t are `codes[offsets[t]]` up to `codes[offsets[t + 1]]`; a code is contributor × classes + label,
 * which is where the contributor's tables have that label.
 */
export interface Answers {
  readonly tasks: number;
  readonly contributors: number;
  /** How many labels there are: 0 to classes − 1. */
  readonly classes: number;
  readonly offsets: Int32Array;
  readonly codes: Codes;
}

/** Half the memory, and half of what each iteration reads, where codes are small enough. */
export type Codes = Int32Array | Uint16Array;

const createCodes = (length: number, count: number): Codes =>
  count <= 2 ** 16 ? new Uint16Array(length) : new Int32Array(length);

export interface Triples {
  readonly tasks: number;
  readonly contributors: number;
  readonly classes: number;
  /** The task, contributor and label of each answer, all of one length. */
  readonly task: ArrayLike<number>;
  readonly contributor: ArrayLike<number>;
  readonly label: ArrayLike<number>;
}

/** A counting sort by task, then each task's few codes by insertion. A repeated answer counts as often as it is there. */
export function createAnswers(triples: Triples): Answers {
  const { tasks, contributors, classes, task, contributor, label } = triples;
  if (contributors * classes > 2 ** 31) {
    throw earnestError("LIMIT_EXCEEDED", { what: "pairs of contributor and label", max: 2 ** 31 });
  }
  const offsets = new Int32Array(tasks + 1);
  for (let i = 0; i < task.length; i++) {
    const t = task[i] as number;
    checkIndex(t, tasks, "task");
    checkIndex(contributor[i] as number, contributors, "contributor");
    checkIndex(label[i] as number, classes, "label");
    offsets[t + 1] = (offsets[t + 1] as number) + 1;
  }
  for (let t = 0; t < tasks; t++) offsets[t + 1] = (offsets[t + 1] as number) + (offsets[t] as number);
  const codes = createCodes(task.length, contributors * classes);
  // Each task's start moves to its end while it is filled, and back afterwards.
  for (let i = 0; i < task.length; i++) {
    const at = offsets[task[i] as number] as number;
    codes[at] = (contributor[i] as number) * classes + (label[i] as number);
    offsets[task[i] as number] = at + 1;
  }
  offsets.copyWithin(1, 0, tasks);
  offsets[0] = 0;
  for (let t = 0; t < tasks; t++) sortRange(codes, offsets[t] as number, offsets[t + 1] as number);
  return { tasks, contributors, classes, offsets, codes };
}

function checkIndex(index: number, count: number, what: string): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw earnestError("INVARIANT_MISMATCH", { what: `the ${what} ${index} is one of ${count}` });
}

function sortRange(codes: Codes, start: number, end: number): void {
  if (end - start > 32) {
    codes.subarray(start, end).sort();
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const code = codes[i] as number;
    let at = i;
    for (; at > start && (codes[at - 1] as number) > code; at--) codes[at] = codes[at - 1] as number;
    codes[at] = code;
  }
}

/** The answers for which `keep` is true, of the same tasks, contributors and labels. */
export function selectAnswers(answers: Answers, keep: (place: number, task: number) => boolean): Answers {
  const offsets = new Int32Array(answers.tasks + 1);
  const codes = createCodes(answers.codes.length, answers.contributors * answers.classes);
  let kept = 0;
  for (let t = 0; t < answers.tasks; t++) {
    for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
      if (keep(i, t)) codes[kept++] = answers.codes[i] as number;
    }
    offsets[t + 1] = kept;
  }
  return { ...answers, offsets, codes: codes.slice(0, kept) };
}

/** Every so many tasks with all their answers, numbered anew; contributors and labels stay as they are. */
export function sampleTasks(answers: Answers, step: number): Answers {
  if (step === 1) return answers;
  const { offsets, codes } = selectAnswers(answers, (_, task) => task % step === 0);
  const tasks = Math.ceil(answers.tasks / step);
  const sampled = Int32Array.from(
    { length: tasks + 1 },
    (_, t) => offsets[Math.min(t * step, answers.tasks)] as number,
  );
  return { ...answers, tasks, offsets: sampled, codes };
}
