import { describe, expect, it } from "vitest";
import { readSet, setFolder } from "../../../test/support/truth-sets.ts";
import type { Answers } from "./answers.ts";
import { inferByPlainDawidSkene, pooledShape } from "./dawid-skene.ts";
import { expectStates } from "./expectation.ts";
import { startTables } from "./fit.ts";
import { type ModelShape, maximise } from "./model.ts";
import { inferByOneCoin } from "./one-coin.ts";

/** The methods once more, written from the papers as plainly as can be, with objects and the engine's own log and exp. */
interface Answer {
  readonly task: number;
  readonly contributor: number;
  readonly label: number;
}

function listOf({ tasks, classes, offsets, codes }: Answers): Answer[] {
  return Array.from({ length: tasks }, (_, task) =>
    Array.from(codes.subarray(offsets[task], offsets[task + 1]), (code) => ({
      task,
      contributor: Math.floor(code / classes),
      label: code % classes,
    })),
  ).flat();
}

const zeros = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0));
const sumOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);
const shares = (values: readonly number[]): number[] => values.map((each) => each / sumOf(values));
const at = (rows: readonly (readonly number[])[], row: number, column: number): number =>
  (rows[row] as readonly number[])[column] as number;
const add = (rows: number[][], row: number, column: number, value: number): void => {
  (rows[row] as number[])[column] = at(rows, row, column) + value;
};

function votes(list: readonly Answer[], tasks: number, classes: number): number[][] {
  const counts = zeros(tasks, classes);
  for (const { task, label } of list) add(counts, task, label, 1);
  return counts.map(shares);
}

function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  return shares(scores.map((score) => Math.exp(score - most)));
}

function plainDawidSkene(answers: Answers, iterations: number): number[][] {
  const { tasks, contributors, classes } = answers;
  const list = listOf(answers);
  let posterior = votes(list, tasks, classes);
  for (let i = 0; i < iterations; i++) {
    const errors = Array.from({ length: contributors }, () => zeros(classes, classes));
    for (const { task, contributor, label } of list) {
      for (let c = 0; c < classes; c++) add(errors[contributor] as number[][], c, label, at(posterior, task, c));
    }
    const rows = errors.map((matrix) => matrix.map((row) => (sumOf(row) > 0 ? shares(row) : row)));
    const prior = zeros(1, classes)[0]?.map((_, c) => sumOf(posterior.map((row) => row[c] as number)) / tasks) ?? [];
    const scores = posterior.map(() => prior.map((each) => Math.log(Math.max(each, 1e-10))));
    for (const { task, contributor, label } of list) {
      for (let c = 0; c < classes; c++) {
        add(scores, task, c, Math.log(Math.max(at(rows[contributor] as number[][], c, label), 1e-10)));
      }
    }
    posterior = scores.map(softmax);
  }
  return posterior;
}

function oneCoin(answers: Answers, iterations: number): number[][] {
  const { tasks, contributors, classes } = answers;
  const list = listOf(answers);
  let posterior = votes(list, tasks, classes);
  for (let i = 0; i < iterations; i++) {
    const right = zeros(contributors, 2);
    for (const { task, contributor, label } of list) {
      add(right, contributor, 0, at(posterior, task, label));
      add(right, contributor, 1, 1);
    }
    const pooled = sumOf(right.map(([r]) => r as number)) / list.length;
    const accuracy = right.map(([r = 0, n = 0]) => Math.min(Math.max((r + 4 * pooled) / (n + 4), 1e-6), 1 - 1e-6));
    const scores = zeros(tasks, classes);
    for (const { task, contributor, label } of list) {
      const a = accuracy[contributor] as number;
      for (let c = 0; c < classes; c++) add(scores, task, c, Math.log(c === label ? a : (1 - a) / (classes - 1)));
    }
    posterior = scores.map(softmax);
  }
  return posterior;
}

/** One maximisation and expectation of the hierarchical model, from a posterior of states. */
function pooledStep(answers: Answers, posterior: number[][], shape: ModelShape): number[][] {
  const { tasks, contributors, classes } = answers;
  const list = listOf(answers);
  const states = classes * shape.kinds;
  const errors = Array.from({ length: contributors }, () => zeros(states, classes));
  const pool = zeros(states, classes);
  for (const { task, contributor, label } of list) {
    for (let z = 0; z < states; z++) {
      add(errors[contributor] as number[][], z, label, at(posterior, task, z));
      add(pool, z, label, at(posterior, task, z));
    }
  }
  const accuracy = sumOf(pool.map((row, z) => row[z % classes] as number)) / list.length;
  const strength = 0.5 + (shape.anchor * list.length) / states;
  const pooled = pool.map((row, z) =>
    shares(row.map((n, l) => n + strength * (l === z % classes ? accuracy : (1 - accuracy) / (classes - 1)))),
  );
  const logs = errors.map((matrix) => {
    const all = sumOf(matrix.flat());
    const right = sumOf(matrix.map((row, z) => row[z % classes] as number));
    const expected = sumOf(matrix.map((row, z) => sumOf(row) * at(pooled, z, z % classes))) / all;
    const own = (right + shape.accuracyStrength * expected) / (all + shape.accuracyStrength);
    const better = Math.log(own / (1 - own)) - Math.log(expected / (1 - expected));
    return matrix.map((row, z) => {
      const ofPool = at(pooled, z, z % classes);
      const moved = 1 / (1 + Math.exp(-(Math.log(ofPool / (1 - ofPool)) + better)));
      return row.map((n, l) => {
        const mean = l === z % classes ? moved : (at(pooled, z, l) * (1 - moved)) / (1 - ofPool);
        return Math.log((n + shape.rowStrength * mean) / (sumOf(row) + shape.rowStrength));
      });
    });
  });
  const ofState = Array.from({ length: states }, (_, z) => 1 + sumOf(posterior.map((row) => row[z] as number)));
  const prior = ofState.map((n, z) => {
    const ofClass = sumOf(ofState.filter((_, other) => other % classes === z % classes)) / (tasks + states);
    return Math.log(n / (tasks + states)) - shape.flatness * Math.log(ofClass);
  });
  const scores = posterior.map(() => [...prior]);
  for (const { task, contributor, label } of list) {
    for (let z = 0; z < states; z++) add(scores, task, z, at(logs[contributor] as number[][], z, label));
  }
  return scores.map(softmax);
}

// bluebird has 39 answers a task: more than are multiplied plainly.
const sets = ["rte", "dog", "MS", "bluebird"].map((name) => [name, setFolder(name)] as const);

describe.each(sets)("on %s", (name, folder) => {
  it.skipIf(folder === null)("plain Dawid-Skene is the one of the paper", () => {
    const { answers } = readSet(folder as string);
    const inferred = inferByPlainDawidSkene(answers, { iterationsMax: 12, tolerance: 0 });
    const expected = plainDawidSkene(answers, 12);
    for (const [t, row] of expected.entries()) {
      const most = Math.max(...row);
      expect(Math.abs((inferred.confidence[t] as number) - most)).toBeLessThan(1e-7);
      expect(most - (row[inferred.labels[t] as number] as number)).toBeLessThan(1e-7);
    }
  });

  it.skipIf(folder === null)("one coin is the one of the formula", () => {
    const { answers } = readSet(folder as string);
    const inferred = inferByOneCoin(answers, { iterationsMax: 6, tolerance: 0 });
    // The labels use the weights of the last iteration, as the reference does.
    const expected = oneCoin(answers, 6);
    for (const [t, row] of expected.entries()) {
      expect(Math.abs((inferred.confidence[t] as number) - Math.max(...row))).toBeLessThan(1e-9);
    }
  });

  it.skipIf(folder === null).each([1, 2, 3])("the hierarchical model with %d kinds is what it says", (kinds) => {
    const { answers } = readSet(folder as string);
    const shape = { ...pooledShape, kinds, rowStrength: 8, flatness: 0.5 };
    const tables = startTables(answers, kinds, null);
    const { states } = tables;
    let expected = Array.from({ length: answers.tasks }, (_, t) => [
      ...tables.posterior.subarray(t * states, (t + 1) * states),
    ]);
    for (let i = 0; i < 4; i++) {
      maximise(answers, tables, shape);
      expectStates(answers, tables, null);
      expected = pooledStep(answers, expected, shape);
    }
    const worst = Math.max(...expected.flat().map((each, i) => Math.abs(each - (tables.posterior[i] as number))));
    expect(worst, name).toBeLessThan(1e-6);
  });
});
