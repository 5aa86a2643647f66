import { type Answers, createAnswers, type Triples } from "../inference/answers.ts";
import type { Controls } from "../inference/inferred.ts";

/** The latest answers of a lane: what contributors are assessed by. */
export interface PayWindow {
  readonly answers: Answers;
  /** Where in the log each answer stands, in the order of `answers.codes`: who was first, and who may have copied. */
  readonly places: Float64Array;
  readonly controls: Controls;
}

export interface PlacedTriples extends Triples {
  /** The sequence of each answer's entry. */
  readonly place: ArrayLike<number>;
}

/**
 * The same whatever order the answers come in.
 *
 * @param triples at most one answer for each contributor and task
 * @param controls the known answer of each control task, −1 of every other
 */
export function createWindow(triples: PlacedTriples, controls: Controls): PayWindow {
  const answers = createAnswers(triples);
  const places = new Float64Array(answers.codes.length);
  for (let i = 0; i < triples.task.length; i++) {
    const code = (triples.contributor[i] as number) * answers.classes + (triples.label[i] as number);
    const task = triples.task[i] as number;
    places[placeOf(answers, task, code)] = triples.place[i] as number;
  }
  return { answers, places, controls };
}

/** By bisection: the codes of a task are sorted. */
function placeOf({ offsets, codes }: Answers, task: number, code: number): number {
  let low = offsets[task] as number;
  let high = (offsets[task + 1] as number) - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((codes[middle] as number) < code) low = middle + 1;
    else high = middle;
  }
  return low;
}
