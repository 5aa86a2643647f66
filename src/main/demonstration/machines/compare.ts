import { type Amount, addAmounts, zero } from "../../../core/amount.ts";
import { addTask, type Contribution, noContribution, savedOf } from "../../../verification/machines/contribution.ts";
import { rounded } from "../../../verification/machines/interval.ts";
import {
  type Accuracy,
  accuracyOf,
  type ErrorCount,
  type Measured as MeasuredShare,
  measure,
} from "../../../verification/machines/measure.ts";
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

/** How a contributor did on the control tasks it met, and its error matrix. */
export interface Measured extends MeasuredShare {
  readonly errors: readonly ErrorCount<string>[];
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
  const machines = saidBy(machine, asked, together);
  const read = asked.filter((task) => machines.has(task));
  const { answers, settledBy } = contributionOf(compared);
  const alone = answersTo(asked, peopleAlone).length;
  const saved = savedOf(alone, answers.people);
  const cost = { together: costOf(asked, together), peopleAlone: costOf(asked, peopleAlone) };
  return {
    answers: { machine: answers.machines, people: answers.people, peopleAlone: alone },
    settledByMachine: settledBy.machines,
    settledByMachineShare: asked.length === 0 ? 0 : rounded(settledBy.machines / asked.length),
    measured: measuredOf(compared),
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
    saved: { answers: saved.answers, share: rounded(saved.share), tokens: cost.peopleAlone - cost.together },
  };
}

function contributionOf({ asked, machine, together }: Compared): Contribution {
  const answersOf = new Map<string, Recorded[]>(asked.map((task) => [task, []]));
  for (const recorded of together.answers) answersOf.get(recorded.task)?.push(recorded);
  const tasks = [...answersOf].map(([task, answers]) => {
    const machines = answers.filter(isOf(machine)).map(({ answer }) => answer);
    return { label: together.labels.get(task) ?? null, machines, people: answers.length - machines.length };
  });
  return tasks.reduce(addTask, noContribution);
}

/** What the machine said of each of these tasks. */
const saidBy = (machine: string, tasks: readonly string[], outcome: Outcome): ReadonlyMap<string, string> =>
  new Map(
    answersTo(tasks, outcome)
      .filter(isOf(machine))
      .map(({ task, answer }) => [task, answer]),
  );

function measuredOf({ controls, truth, machine, together }: Compared): Measured {
  const said = [...saidBy(machine, controls, together)];
  return measure(
    said.map(([task, answer]) => {
      const right = truth.get(task) as string;
      return { truth: right, answer, isRight: answer === right };
    }),
    (answer) => answer,
  );
}

/** Tasks without a label count as wrong: nobody was told the truth. */
function accuracyOn(
  tasks: readonly string[],
  truth: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): Accuracy {
  const right = tasks.filter((task) => truth.has(task) && labels.get(task) === truth.get(task)).length;
  return accuracyOf(right, tasks.length);
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
