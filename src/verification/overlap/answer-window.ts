import { type Answers, createAnswers, type Triples } from "../inference/answers.ts";
import type { Controls } from "../inference/inferred.ts";

/** The answers a model is learned from: the lane's latest, in any order. */
export interface AnswerWindow extends Triples {
  /** True labels by task. */
  readonly controls: ReadonlyMap<number, number>;
}

/** What of a window teaches something, with tasks and contributors numbered anew in their order. */
export interface Lessons {
  readonly answers: Answers;
  readonly controls: Controls;
  /** The contributor that each number stands for. */
  readonly contributors: Int32Array;
}

/**
 * Leaves out tasks with one answer and no known truth: whatever is said of them agrees with itself, and a model that
 * listens to that soon believes everybody.
 */
export function lessonsOf(window: AnswerWindow): Lessons {
  const { task, contributor, label, classes, controls } = window;
  const answersOf = new Int32Array(window.tasks);
  for (let i = 0; i < task.length; i++) answersOf[task[i] as number] = (answersOf[task[i] as number] as number) + 1;
  const teaches = (t: number): boolean => (answersOf[t] as number) > 1 || controls.has(t);
  const tasks = new Numbering(window.tasks);
  const contributors = new Numbering(window.contributors);
  let kept = 0;
  for (let i = 0; i < task.length; i++) {
    if (!teaches(task[i] as number)) continue;
    tasks.mark(task[i] as number);
    contributors.mark(contributor[i] as number);
    kept++;
  }
  const triples = { task: new Int32Array(kept), contributor: new Int32Array(kept), label: new Int32Array(kept) };
  const [ofTask, ofContributor] = [tasks.number(), contributors.number()];
  for (let i = 0, to = 0; i < task.length; i++) {
    if (!teaches(task[i] as number)) continue;
    triples.task[to] = ofTask[task[i] as number] as number;
    triples.contributor[to] = ofContributor[contributor[i] as number] as number;
    triples.label[to] = label[i] as number;
    to++;
  }
  const known = new Int32Array(tasks.originals.length).fill(-1);
  for (const [t, truth] of controls) if ((answersOf[t] ?? 0) > 0) known[ofTask[t] as number] = truth;
  return {
    answers: createAnswers({
      ...triples,
      tasks: tasks.originals.length,
      contributors: contributors.originals.length,
      classes,
    }),
    controls: known,
    contributors: contributors.originals,
  };
}

/** Numbers the marked ones of many, in their order. */
class Numbering {
  readonly #numbers: Int32Array;
  originals = new Int32Array(0);

  constructor(count: number) {
    this.#numbers = new Int32Array(count);
  }

  mark(original: number): void {
    this.#numbers[original] = 1;
  }

  number(): Int32Array {
    this.originals = new Int32Array(this.#numbers.reduce((sum, each) => sum + each, 0));
    let next = 0;
    for (let i = 0; i < this.#numbers.length; i++) {
      if (this.#numbers[i] === 0) continue;
      this.originals[next] = i;
      this.#numbers[i] = next++;
    }
    return this.#numbers;
  }
}
