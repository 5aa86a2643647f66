import type { Triples } from "../../src/verification/inference/answers.ts";
import { fitMarketModel } from "../../src/verification/overlap/fit-market-model.ts";
import type { MarketModel } from "../../src/verification/overlap/market-model.ts";
import { type CastVote, type Posterior, posterior } from "../../src/verification/overlap/posterior.ts";
import type { Assessment } from "../../src/verification/pay/assess.ts";
import { createWindow, type PayWindow } from "../../src/verification/pay/window.ts";

export type Habit = "looks" | "random" | "constant" | "prior" | "ring" | "copies";

export interface CrowdPlan {
  readonly tasks: number;
  readonly classes: number;
  readonly answersEach: number;
  readonly habits: readonly Habit[];
  /** Of those who look. */
  readonly accuracy: number;
  /** One task in so many is a control. */
  readonly controlEvery: number;
  readonly seed: number;
}

export interface Crowd {
  readonly classes: number;
  readonly tasks: number;
  readonly contributors: number;
  readonly truth: Int32Array;
  readonly controls: Int32Array;
  readonly answers: readonly CrowdAnswer[];
}

export interface CrowdAnswer {
  readonly task: number;
  readonly contributor: number;
  readonly label: number;
  readonly place: number;
}

/** Two in three tasks are of class 0. Copies follow contributor 0; a ring makes up one answer for each task. */
export function makeCrowd(plan: CrowdPlan): Crowd {
  const random = congruential(plan.seed);
  const below = (count: number): number => Math.floor(random() * count);
  const prior = (): number => (random() < 2 / 3 ? 0 : 1 + below(plan.classes - 1));
  const truth = Int32Array.from({ length: plan.tasks }, prior);
  const ring = Int32Array.from({ length: plan.tasks }, () => below(plan.classes));
  const first = Int32Array.from(truth, (class_) => look(class_));
  function look(class_: number): number {
    return random() < plan.accuracy ? class_ : (class_ + 1 + below(plan.classes - 1)) % plan.classes;
  }
  const say: Readonly<Record<Habit, (task: number, contributor: number) => number>> = {
    looks: (task, contributor) => (contributor === 0 ? (first[task] as number) : look(truth[task] as number)),
    random: () => below(plan.classes),
    constant: (_, contributor) => contributor % plan.classes,
    prior: () => prior(),
    ring: (task) => ring[task] as number,
    copies: (task) => first[task] as number,
  };
  const answers: CrowdAnswer[] = [];
  plan.habits.forEach((habit, contributor) => {
    // Rings and copies answer what the others of theirs do; contributor 0 comes first everywhere.
    const isTogether = habit === "ring" || habit === "copies" || contributor === 0;
    const start = isTogether ? 0 : below(plan.tasks);
    for (let k = 0; k < plan.answersEach; k++) {
      const task = (start + k) % plan.tasks;
      const place = task * 1_000 + (contributor === 0 ? 0 : 1 + below(999));
      answers.push({ task, contributor, label: say[habit](task, contributor), place });
    }
  });
  const controls = truth.map((class_, task) => (task % plan.controlEvery === 0 ? class_ : -1));
  return { classes: plan.classes, tasks: plan.tasks, contributors: plan.habits.length, truth, controls, answers };
}

/** With one contributor more, who stands for the unknown. */
export const windowOf = (crowd: Crowd, answers: readonly CrowdAnswer[] = crowd.answers): PayWindow =>
  createWindow(
    {
      tasks: crowd.tasks,
      contributors: crowd.contributors + 1,
      classes: crowd.classes,
      task: answers.map(({ task }) => task),
      contributor: answers.map(({ contributor }) => contributor),
      label: answers.map(({ label }) => label),
      place: answers.map(({ place }) => place),
    },
    crowd.controls,
  );

/** Numbers in [0, 1), the same on every run (Lehmer, modulus 2^31 − 1). */
export function congruential(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}

export const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** The label of each task by those whom an assessment leaves a vote, as a market learns and adds them up. */
export function labelsHeard(
  { tasks, contributors, classes, task, contributor, label }: Triples,
  controls: Int32Array,
  { standing }: Assessment,
): readonly { readonly model: MarketModel; readonly votes: readonly CastVote[]; readonly found: Posterior }[] {
  const heard = [...Array(task.length).keys()].filter((i) => {
    const is = standing[contributor[i] as number];
    return is === "proven" || is === "unproven";
  });
  const votes = Array.from({ length: tasks }, (): CastVote[] => []);
  for (const i of heard) {
    votes[task[i] as number]?.push({ contributor: contributor[i] as number, label: label[i] as number });
  }
  const column = (values: ArrayLike<number>): Int32Array => Int32Array.from(heard, (i) => values[i] as number);
  const model = fitMarketModel({
    tasks,
    contributors,
    classes,
    task: column(task),
    contributor: column(contributor),
    label: column(label),
    controls: new Map([...controls.entries()].filter(([, known]) => known >= 0)),
  });
  return votes.map((each) => ({ model, votes: each, found: posterior(model, each) }));
}
