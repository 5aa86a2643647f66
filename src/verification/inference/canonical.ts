import { type Answers, createAnswers } from "./answers.ts";
import type { Controls } from "./inferred.ts";

/**
 * The same answers with tasks, contributors and labels numbered by what is said of them, not by what they are called:
 * whoever renames them gets the same numbers, so the same folds, the same order of summation and the same bits.
 */
export interface Canonical {
  readonly answers: Answers;
  readonly controls: Controls;
  /** The number before of each task and each label. */
  readonly tasks: Int32Array;
  readonly labels: Int32Array;
}

/**
 * Colour refinement (Weisfeiler and Leman, "The reduction of a graph to canonical form", 1968), three rounds of it, with
 * hashes of 32 bits as colours: who has answered what, who else has, and so on. What has the same colour after that
 * stays in the order it had, which is a matter of chance only where nothing tells two apart.
 */
export function canonicalise(answers: Answers, controls: Controls): Canonical {
  const { contributors, classes, offsets, codes } = answers;
  const colours = refine(answers, controls);
  const tasks = orderOf(colours.tasks);
  const labels = orderOf(colours.labels);
  const placeOfTask = inverse(tasks);
  const placeOfLabel = inverse(labels);
  const placeOfContributor = inverse(orderOf(colours.contributors));
  const task = new Int32Array(codes.length);
  const contributor = new Int32Array(codes.length);
  const label = new Int32Array(codes.length);
  for (let t = 0; t < answers.tasks; t++) {
    for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
      const code = codes[i] as number;
      task[i] = placeOfTask[t] as number;
      contributor[i] = placeOfContributor[Math.floor(code / classes)] as number;
      label[i] = placeOfLabel[code % classes] as number;
    }
  }
  return {
    answers: createAnswers({ tasks: answers.tasks, contributors, classes, task, contributor, label }),
    controls: controls && tasks.map((t) => knownLabel(controls[t] as number, placeOfLabel)),
    tasks,
    labels,
  };
}

const knownLabel = (known: number, places: Int32Array): number => (known < 0 ? known : (places[known] as number));

const rounds = 3;

interface Colours {
  readonly tasks: Int32Array;
  readonly contributors: Int32Array;
  readonly labels: Int32Array;
}

function refine({ tasks, contributors, classes, offsets, codes }: Answers, controls: Controls): Colours {
  const ofTasks = new Int32Array(tasks);
  const ofContributors = new Int32Array(contributors).fill(1);
  const ofLabels = new Int32Array(classes).fill(2);
  const sumsOfContributors = new Int32Array(contributors);
  const sumsOfLabels = new Int32Array(classes);
  for (let round = 0; round < rounds; round++) {
    sumsOfContributors.fill(0);
    sumsOfLabels.fill(0);
    for (let t = 0; t < tasks; t++) {
      // Sums, as the order within a task is that of the old numbers.
      let sum = 0;
      for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
        const code = codes[i] as number;
        sum += pair(ofContributors[Math.floor(code / classes)] as number, ofLabels[code % classes] as number);
        sum |= 0;
      }
      const known = controls?.[t] ?? -1;
      const ofKnown = known >= 0 ? scatter((ofLabels[known] as number) + 3) : 4;
      ofTasks[t] = pair(pair(ofTasks[t] as number, sum), ofKnown);
    }
    for (let t = 0; t < tasks; t++) {
      for (let i = offsets[t] as number; i < (offsets[t + 1] as number); i++) {
        const l = (codes[i] as number) % classes;
        const w = Math.floor((codes[i] as number) / classes);
        const ofTask = ofTasks[t] as number;
        sumsOfContributors[w] = (sumsOfContributors[w] as number) + pair(ofTask, ofLabels[l] as number);
        sumsOfLabels[l] = (sumsOfLabels[l] as number) + pair(ofTask, ofContributors[w] as number);
      }
    }
    for (let w = 0; w < contributors; w++) {
      ofContributors[w] = pair(ofContributors[w] as number, sumsOfContributors[w] as number);
    }
    for (let l = 0; l < classes; l++) ofLabels[l] = pair(ofLabels[l] as number, sumsOfLabels[l] as number);
  }
  return { tasks: ofTasks, contributors: ofContributors, labels: ofLabels };
}

/** The finisher of MurmurHash3 (Appleby, 2011): each bit of the result depends on every bit. */
function scatter(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

const pair = (a: number, b: number): number => scatter(Math.imul(a, 0x9e3779b1) ^ scatter(b));

/** The indices by value, equal ones as they were: a counting sort by the lower and then by the upper half. */
export function orderOf(values: Int32Array): Int32Array {
  const first = countingSort(
    Int32Array.from({ length: values.length }, (_, i) => i),
    (i) => (values[i] as number) & 0xffff,
  );
  return countingSort(first, (i) => ((values[i] as number) >>> 16) ^ 0x8000);
}

function countingSort(indices: Int32Array, keyOf: (index: number) => number): Int32Array {
  const starts = new Int32Array(0x10001);
  for (const index of indices) starts[keyOf(index) + 1] = (starts[keyOf(index) + 1] as number) + 1;
  for (let key = 0; key < 0x10000; key++) starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  const sorted = new Int32Array(indices.length);
  for (const index of indices) {
    const key = keyOf(index);
    sorted[starts[key] as number] = index;
    starts[key] = (starts[key] as number) + 1;
  }
  return sorted;
}

function inverse(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  for (let place = 0; place < order.length; place++) places[order[place] as number] = place;
  return places;
}
