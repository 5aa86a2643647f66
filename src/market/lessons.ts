import type { Triples } from "../verification/inference/answers.ts";
import type { LaneState, Lesson } from "./state.ts";

/** The lessons that a market still keeps, in columns, with tasks and contributors numbered from 0 in their order. */
export interface NumberedLessons extends Omit<Triples, "classes"> {
  readonly task: Int32Array;
  readonly contributor: Int32Array;
  readonly label: Int32Array;
  /** The sequence of each answer's entry. */
  readonly place: Float64Array;
  /** What each number stands for, ascending. */
  readonly originals: { readonly tasks: Uint32Array; readonly contributors: Uint32Array };
}

/** One lesson for each contributor and task: whoever answered again after a fault of ours said it last. */
export function numberedLessons({ lessons, lessonCount }: LaneState): NumberedLessons {
  const size = lessons.size;
  const tasksBefore = new Uint32Array(size);
  const contributorsBefore = new Uint32Array(size);
  const label = new Int32Array(size);
  const place = new Float64Array(size);
  for (let at = 0; at < size; at++) {
    const lesson = lessons.get(lessonCount - size + at) as Lesson;
    tasksBefore[at] = lesson.task;
    contributorsBefore[at] = lesson.contributor;
    label[at] = lesson.label;
    place[at] = lesson.sequence;
  }
  const { originals: tasks, numbers: task } = numbered(tasksBefore);
  const { originals: contributors, numbers: contributor } = numbered(contributorsBefore);
  const isLast = lastOfEach(task, contributor, contributors.length);
  return {
    tasks: tasks.length,
    contributors: contributors.length,
    originals: { tasks, contributors },
    ...onlyThose(isLast, { task, contributor, label, place }),
  };
}

interface Numbered {
  readonly originals: Uint32Array;
  readonly numbers: Int32Array;
}

/** By a table where values are not much larger than there are many of them: they mostly are. */
function numbered(values: Uint32Array): Numbered {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] as number);
  return most > tableMax * (values.length + 1) ? numberedByOrder(values) : numberedByTable(values, most);
}

const tableMax = 64;

function numberedByTable(values: Uint32Array, most: number): Numbered {
  const places = new Int32Array(most + 1);
  for (let i = 0; i < values.length; i++) places[values[i] as number] = 1;
  const originals = new Uint32Array(values.length);
  let count = 0;
  for (let value = 0; value <= most && values.length > 0; value++) {
    if (places[value] === 0) continue;
    originals[count] = value;
    places[value] = count++;
  }
  const numbers = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) numbers[i] = places[values[i] as number] as number;
  return { originals: originals.slice(0, count), numbers };
}

function numberedByOrder(values: Uint32Array): Numbered {
  const originals = Uint32Array.from(new Set(values)).sort();
  const places = new Map<number, number>();
  for (const [place, original] of originals.entries()) places.set(original, place);
  return { originals, numbers: Int32Array.from(values, (value) => places.get(value) as number) };
}

function lastOfEach(task: Int32Array, contributor: Int32Array, contributors: number): Uint8Array {
  const seen = new Set<number>();
  const isLast = new Uint8Array(task.length);
  for (let i = task.length - 1; i >= 0; i--) {
    const pair = (task[i] as number) * contributors + (contributor[i] as number);
    isLast[i] = Number(!seen.has(pair));
    seen.add(pair);
  }
  return isLast;
}

type Columns = Pick<NumberedLessons, "task" | "contributor" | "label" | "place">;

/** The lessons that are marked, with 1. */
export function onlyThose(isMarked: Uint8Array, lessons: Columns): Columns {
  let size = 0;
  for (const each of isMarked) size += each;
  const task = new Int32Array(size);
  const contributor = new Int32Array(size);
  const label = new Int32Array(size);
  const place = new Float64Array(size);
  for (let from = 0, to = 0; to < size; from++) {
    if (isMarked[from] === 0) continue;
    task[to] = lessons.task[from] as number;
    contributor[to] = lessons.contributor[from] as number;
    label[to] = lessons.label[from] as number;
    place[to] = lessons.place[from] as number;
    to++;
  }
  return { task, contributor, label, place };
}
