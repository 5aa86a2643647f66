import { describe, expect, it } from "vitest";
import { createAnswers } from "./answers.ts";
import { pooledShape } from "./dawid-skene.ts";
import { expectTask, expectTasks, type Tables } from "./expectation.ts";
import { startTables } from "./fit.ts";
import { maximise } from "./model.ts";

const tasks = 300;
const contributors = 20;

/** Some tasks have no answers, most a few, some so many that their products need an exponent. */
function crowdOf(classes: number) {
  const given = Array.from({ length: tasks }, (_, task) =>
    Array.from({ length: task % 50 === 0 ? 40 : task % 6 }, (__, i) => ({
      task,
      contributor: (task * 7 + i * 3) % contributors,
      label: (task * 5 + i) % 3 === 0 ? (task + i) % classes : task % classes,
    })),
  ).flat();
  const of = (key: "task" | "contributor" | "label") => given.map((each) => each[key]);
  return createAnswers({
    tasks,
    contributors,
    classes,
    task: of("task"),
    contributor: of("contributor"),
    label: of("label"),
  });
}

const bitsOf = (values: Float64Array): Buffer => Buffer.from(values.buffer);

describe("six states", () => {
  it.each([
    [2, false],
    [2, true],
    [3, false],
    [3, true],
    [6, true],
  ])("have the bits of any number of states: of %i classes, with controls %s", (classes, isKnown) => {
    const answers = crowdOf(classes);
    const controls = isKnown ? Int32Array.from({ length: tasks }, (_, t) => (t % 9 === 0 ? t % classes : -1)) : null;
    const [tables, slow] = [0, 1].map(() => startTables(answers, 6 / classes, controls)) as [Tables, Tables];
    for (let round = 0; round < 2; round++) {
      for (const each of [tables, slow]) {
        maximise(answers, each, { ...pooledShape, kinds: 6 / classes });
        each.counts.fill(0);
      }
      const moved = expectTasks(answers, tables, controls, 0, tasks);
      let movedSlowly = 0;
      for (let t = 0; t < tasks; t++) movedSlowly += expectTask(answers, slow, controls, t);
      expect(moved).toBe(movedSlowly);
      expect(moved).toBeGreaterThan(0);
      for (const key of ["posterior", "counts", "sums"] as const) {
        expect(bitsOf(tables[key]).equals(bitsOf(slow[key])), key).toBe(true);
      }
    }
  });
});
