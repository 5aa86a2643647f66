import { type Amount, addAmounts, zero } from "../../../core/amount.ts";
import { interval, rounded } from "./interval.ts";
import type { Recorded } from "./recorded.ts";

/** What a market came to: who answered what, what its tasks were settled as, and what each cost without the fee. */
export interface Outcome {
  readonly answers: readonly Recorded[];
  readonly labels: ReadonlyMap<string, string>;
  readonly costs: ReadonlyMap<string, Amount>;
}

export interface Compared {
  /** The ids of the tasks that were asked, and of the control tasks. */
  readonly asked: readonly string[];
  readonly controls: readonly string[];
  readonly truth: ReadonlyMap<string, string>;
  /** The machine's key in hexadecimal. */
  readonly machine: string;
  readonly together: Outcome;
  readonly peopleAlone: Outcome;
}

/** A share of 1 of so many tasks; null of none. */
export interface Accuracy {
  readonly tasks: number;
  readonly right: number;
  readonly accuracy: number | null;
}

/** How a contributor did on the control tasks it met. */
export interface Measured extends Accuracy {
  /** 95% interval of the accuracy. */
  readonly interval: readonly [low: number, high: number];
  /** Its error matrix: how often it gave which choice for which. */
  readonly errors: readonly { readonly truth: string; readonly answer: string; readonly count: number }[];
}

/** What the people added to the machine, and what the machine saved of the people. All of the asked tasks alone. */
export interface Comparison {
  readonly answers: { readonly machine: number; readonly people: number; readonly peopleAlone: number };
  /** Tasks that have a label and no answer but the machine's. */
  readonly settledByMachine: number;
  readonly settledByMachineShare: number;
  readonly measured: Measured;
  /** On the tasks that the machine answered: the machine's answers, people by themselves, and both. */
  readonly read: { readonly machine: Accuracy; readonly peopleAlone: Accuracy; readonly together: Accuracy };
  /** On all tasks. */
  readonly all: { readonly peopleAlone: Accuracy; readonly together: Accuracy };
  readonly cost: { readonly together: Amount; readonly peopleAlone: Amount };
  /** Fewer answers of people, and fewer tokens in base units; below zero where it took more. */
  readonly saved: { readonly answers: number; readonly share: number; readonly tokens: bigint };
}

export function compare(compared: Compared): Comparison {
  const { asked, truth, machine, together, peopleAlone } = compared;
  const answers = answersTo(asked, together);
  const machines = new Map(answers.filter(isOf(machine)).map(({ task, answer }) => [task, answer]));
  const answeredByPeople = new Set(answers.filter(not(isOf(machine))).map(({ task }) => task));
  const read = asked.filter((task) => machines.has(task));
  const settledByMachine = read.filter((task) => together.labels.has(task) && !answeredByPeople.has(task)).length;
  const byPeople = answers.filter(not(isOf(machine))).length;
  const alone = answersTo(asked, peopleAlone).length;
  const cost = { together: costOf(asked, together), peopleAlone: costOf(asked, peopleAlone) };
  return {
    answers: { machine: answers.length - byPeople, people: byPeople, peopleAlone: alone },
    settledByMachine,
    settledByMachineShare: asked.length === 0 ? 0 : rounded(settledByMachine / asked.length),
    measured: measure(compared),
    read: {
      machine: accuracyOn(read, truth, machines),
      peopleAlone: accuracyOn(read, truth, peopleAlone.labels),
      together: accuracyOn(read, truth, together.labels),
    },
    all: {
      peopleAlone: accuracyOn(asked, truth, peopleAlone.labels),
      together: accuracyOn(asked, truth, together.labels),
    },
    cost,
    saved: {
      answers: alone - byPeople,
      share: alone === 0 ? 0 : rounded((alone - byPeople) / alone),
      tokens: cost.peopleAlone - cost.together,
    },
  };
}

function measure({ controls, truth, machine, together }: Compared): Measured {
  const answers = answersTo(controls, together).filter(isOf(machine));
  const given = new Map(answers.map(({ task, answer }) => [task, answer]));
  const counts = new Map<string, { truth: string; answer: string; count: number }>();
  for (const [task, answer] of given) {
    const right = truth.get(task) as string;
    const cell = `${right} ${answer}`;
    counts.set(cell, { truth: right, answer, count: (counts.get(cell)?.count ?? 0) + 1 });
  }
  const accuracy = accuracyOn([...given.keys()], truth, given);
  const errors = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
  return { ...accuracy, interval: interval(accuracy.right, accuracy.tasks), errors };
}

/** Tasks without a label count as wrong: nobody was told the truth. */
function accuracyOn(
  tasks: readonly string[],
  truth: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): Accuracy {
  const right = tasks.filter((task) => truth.has(task) && labels.get(task) === truth.get(task)).length;
  return { tasks: tasks.length, right, accuracy: tasks.length === 0 ? null : rounded(right / tasks.length) };
}

function answersTo(tasks: readonly string[], { answers }: Outcome): readonly Recorded[] {
  const wanted = new Set(tasks);
  return answers.filter(({ task }) => wanted.has(task));
}

const costOf = (tasks: readonly string[], { costs }: Outcome): Amount =>
  tasks.reduce((sum, task) => addAmounts(sum, costs.get(task) ?? zero), zero);

const isOf =
  (key: string) =>
  ({ contributor }: Recorded): boolean =>
    contributor === key;

const not =
  (holds: (recorded: Recorded) => boolean) =>
  (recorded: Recorded): boolean =>
    !holds(recorded);
