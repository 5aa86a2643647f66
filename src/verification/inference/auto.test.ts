import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSet, setFolder, type TruthSet } from "../../../test/support/truth-sets.ts";
import { type Answers, createAnswers } from "./answers.ts";
import { inferByAuto, judgedStep } from "./auto.ts";
import { canonicalise, orderOf } from "./canonical.ts";
import { inferByMajority } from "./majority.ts";
import { scoreLabels } from "./metrics.ts";

interface Renaming {
  readonly task: readonly number[];
  readonly contributor: readonly number[];
  readonly label: readonly number[];
}

function renamed(answers: Answers, { task, contributor, label }: Renaming): Answers {
  const { tasks, contributors, classes, offsets, codes } = answers;
  const taskOf = Array.from({ length: tasks }, (_, t) =>
    Array.from(codes.subarray(offsets[t], offsets[t + 1]), () => t),
  ).flat();
  return createAnswers({
    tasks,
    contributors,
    classes,
    task: taskOf.map((t) => task[t] as number),
    contributor: Array.from(codes, (code) => contributor[Math.floor(code / classes)] as number),
    label: Array.from(codes, (code) => label[code % classes] as number),
  });
}

const backwards = (count: number): number[] => Array.from({ length: count }, (_, i) => count - 1 - i);
const turned = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 7 + 3) % count);

const rte = (): TruthSet => readSet(setFolder("rte") as string);

describe("canonical numbers", () => {
  it("are the same whatever tasks, contributors and labels are called", () => {
    const { answers } = rte();
    const other = renamed(answers, {
      task: turned(answers.tasks),
      contributor: backwards(answers.contributors),
      label: [1, 0],
    });
    expect(canonicalise(other, null).answers).toEqual(canonicalise(answers, null).answers);
  });

  it("keep all answers and controls", () => {
    const { answers, truth } = rte();
    const controls = truth.map((label, t) => (t % 3 === 0 ? label : -1));
    const canonical = canonicalise(answers, controls);
    const back = renamed(canonical.answers, {
      task: [...canonical.tasks],
      contributor: backwards(answers.contributors),
      label: [...canonical.labels],
    });
    expect(back.offsets).toEqual(answers.offsets);
    for (const [t, known] of canonical.controls?.entries() ?? []) {
      expect(known < 0 ? known : canonical.labels[known]).toBe(controls[canonical.tasks[t] as number]);
    }
  });

  it("order whole numbers of 32 bits, equal ones as they were", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.constant(7))), (values) => {
        const expected = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
        expect([...orderOf(Int32Array.from(values))]).toEqual(expected);
      }),
    );
  });
});

const percentAbove = ({ answers, truth }: TruthSet): number => {
  const score = (labels: { labels: Int32Array; confidence: Float64Array }): number =>
    scoreLabels({ ...labels, iterations: 0 }, truth, answers.classes)?.accuracy ?? 0;
  return 100 * (score(inferByAuto(answers)) - score(inferByMajority(answers)));
};

/** As if each contributor had left after so many answers, and come back under another name. */
function cutContributors({ answers, truth }: TruthSet, size: number): TruthSet {
  const { tasks, classes, offsets, codes } = answers;
  const seen = new Map<number, number>();
  const task: number[] = [];
  const names: string[] = [];
  for (let t = 0; t < tasks; t++) {
    for (const code of codes.subarray(offsets[t], offsets[t + 1])) {
      const by = Math.floor(code / classes);
      const before = seen.get(by) ?? 0;
      seen.set(by, before + 1);
      task.push(t);
      names.push(`${by} ${Math.floor(before / size)}`);
    }
  }
  const numbers = new Map([...new Set(names)].map((name, i) => [name, i]));
  const contributor = names.map((name) => numbers.get(name) as number);
  const label = Array.from(codes, (code) => code % classes);
  return { answers: createAnswers({ tasks, contributors: numbers.size, classes, task, contributor, label }), truth };
}

/** One task in `step`, from the first one on or a later one. */
function someTasks({ answers, truth }: TruthSet, step: number, first = 0): TruthSet {
  const { tasks, contributors, classes, offsets, codes } = answers;
  const kept = Array.from({ length: tasks }, (_, t) => t).filter((t) => t % step === first);
  const all = kept.flatMap((t, i) =>
    Array.from(codes.subarray(offsets[t], offsets[t + 1]), (code) => [i, code] as const),
  );
  return {
    answers: createAnswers({
      tasks: kept.length,
      contributors,
      classes,
      task: all.map(([t]) => t),
      contributor: all.map(([, code]) => Math.floor(code / classes)),
      label: all.map(([, code]) => code % classes),
    }),
    truth: Int32Array.from(kept, (t) => truth[t] as number),
  };
}

describe("auto", () => {
  it("gives the same labels and bits whatever ids are called", () => {
    const { answers } = rte();
    const task = turned(answers.tasks);
    const before = inferByAuto(answers);
    const after = inferByAuto(renamed(answers, { task, contributor: backwards(answers.contributors), label: [1, 0] }));
    for (const [t, label] of before.labels.entries()) {
      const at = task[t] as number;
      expect(after.confidence[at]).toBe(before.confidence[t]);
      // A tie goes to the lower label.
      if ((before.confidence[t] as number) > 0.5) expect(after.labels[at]).toBe(1 - label);
    }
  });

  // What everybody says about a topic looks like a contributor's habit where each has only a few answers of it.
  it.skipIf(setFolder("trec") === null)(
    "is not below majority where contributors were cut into pieces",
    () => {
      const trec = someTasks(readSet(setFolder("trec") as string), 4);
      for (const size of [4, 16]) expect(percentAbove(cutContributors(trec, size))).toBeGreaterThanOrEqual(-1);
    },
    180_000,
  );

  it.skipIf(setFolder("labelme") === null)("is not below majority where most tasks are missing", () => {
    for (const name of ["rte", "labelme", "web"]) {
      const part = someTasks(readSet(setFolder(name) as string), 5);
      // A task is 0.6 points of the smallest.
      expect(percentAbove(part), name).toBeGreaterThanOrEqual(-1.3);
    }
  });

  it.each([
    [250_000, 1_000_000, 1],
    [1_000_000, 2_000, 4],
    // Of each of many contributors, some answers are among those by which models are judged.
    [100_000_000, 200_000, 8],
    [100_000_000, 20_000_000, 6],
  ])("judges models of %i answers of %i contributors by one task in %i", (answers, contributors, step) => {
    expect(judgedStep(answers, contributors)).toBe(step);
  });

  // A score of tasks: there, kinds of tasks are what happens to fit.
  it.skipIf(setFolder("bluebird") === null)("is not below majority where nearly all tasks are missing", () => {
    const bluebird = readSet(setFolder("bluebird") as string);
    for (const first of [0, 1, 2, 3, 4]) {
      expect(percentAbove(someTasks(bluebird, 5, first)), `${first}`).toBeGreaterThanOrEqual(0);
    }
  });

  it("says how far it is, never less than before", () => {
    const { answers } = rte();
    const shares: number[] = [];
    inferByAuto(answers, null, (share) => shares.push(share));
    expect(shares.length).toBeGreaterThan(20);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeGreaterThan(0.5);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  });
});
