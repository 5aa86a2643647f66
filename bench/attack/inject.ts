import type { RecordedSet } from "./sets.ts";

export const attacks = ["none", "random", "constant", "prior", "copy", "ring", "sybil"] as const;
export type Attack = (typeof attacks)[number];

/** The answers of a market in the order in which they come in. */
export interface Stream {
  readonly tasks: number;
  readonly contributors: number;
  readonly classes: number;
  readonly task: Int32Array;
  readonly contributor: Int32Array;
  readonly label: Int32Array;
  /** The contributors from this one on are the attackers. */
  readonly firstAttacker: number;
  readonly truth: Int32Array;
}

export interface Injection {
  readonly attack: Attack;
  /** Of all answers, those of attackers. */
  readonly share: number;
  readonly ringSize: number;
  /** How long after the answer that it copies a copy comes at most, in the time that a task is open. */
  readonly copyDelay: number;
}

interface Answer {
  readonly task: number;
  readonly contributor: number;
  readonly label: number;
  readonly time: number;
}

/** Tasks begin one after the other; that many of them, as a share, are open at a time. */
const openShare = 0.2;
/** Answers of a fresh key in the flood. */
const sybilAnswers = 5;

export function inject(
  set: RecordedSet,
  { attack, share, ringSize, copyDelay }: Injection,
  random: () => number,
): Stream {
  const below = (count: number): number => Math.min(Math.floor(random() * count), count - 1);
  const starts = shuffled(set.tasks, random);
  const timeOf = (task: number): number => (starts[task] as number) / set.tasks + openShare * random();
  const honest: Answer[] = Array.from(set.task, (task, i) => ({
    task,
    contributor: set.contributor[i] as number,
    label: set.label[i] as number,
    time: timeOf(task),
  }));
  const wanted = attack === "none" ? 0 : Math.round((honest.length * share) / (1 - share));
  const sizes = new Int32Array(set.contributors);
  for (const { contributor } of honest) sizes[contributor] = (sizes[contributor] as number) + 1;
  const injected: Answer[] = [];
  let next = set.contributors;
  const labelOf: Record<string, (favourite: number) => number> = {
    random: () => below(set.classes),
    sybil: () => below(set.classes),
    constant: (favourite) => favourite,
    prior: () => set.label[below(set.label.length)] as number,
  };
  while (injected.length < wanted) {
    const left = wanted - injected.length;
    if (attack === "ring") {
      const size = Math.min(set.tasks, Math.ceil(left / ringSize));
      const tasks = some(set.tasks, size, random).map((task) => ({ task, label: below(set.classes) }));
      for (let member = 0; member < ringSize; member++) {
        for (const { task, label } of tasks) injected.push({ task, contributor: next, label, time: timeOf(task) });
        next++;
      }
    } else if (attack === "copy") {
      const victim = honest[below(honest.length)]?.contributor as number;
      const theirs = honest.filter(({ contributor }) => contributor === victim);
      const size = Math.min(left, theirs.length, sizes[below(set.contributors)] as number);
      for (const at of some(theirs.length, size, random)) {
        const { task, label, time } = theirs[at] as Answer;
        injected.push({ task, contributor: next, label, time: time + copyDelay * openShare * random() });
      }
      next++;
    } else {
      const size = Math.min(left, attack === "sybil" ? sybilAnswers : (sizes[below(set.contributors)] as number));
      const favourite = set.label[below(set.label.length)] as number;
      for (const task of some(set.tasks, size, random)) {
        const label = (labelOf[attack] as (favourite: number) => number)(favourite);
        injected.push({ task, contributor: next, label, time: timeOf(task) });
      }
      next++;
    }
  }
  const all = [...honest, ...injected].sort(
    (a, b) => a.time - b.time || a.task - b.task || a.contributor - b.contributor,
  );
  return {
    tasks: set.tasks,
    contributors: next,
    classes: set.classes,
    task: Int32Array.from(all, ({ task }) => task),
    contributor: Int32Array.from(all, ({ contributor }) => contributor),
    label: Int32Array.from(all, ({ label }) => label),
    firstAttacker: set.contributors,
    truth: set.truth,
  };
}

/** The numbers below `count`, in a random order. */
export function shuffled(count: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.min(Math.floor(random() * (i + 1)), i);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

const some = (count: number, wanted: number, random: () => number): number[] =>
  Array.from(shuffled(count, random).subarray(0, wanted));
