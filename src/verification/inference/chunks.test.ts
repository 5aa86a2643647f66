import { describe, expect, it } from "vitest";
import { type Answers, createAnswers } from "./answers.ts";
import {
  type ChunkedStep,
  type ChunkRunner,
  chunkBounds,
  expectChunk,
  oneThread,
  prepareChunks,
  tablesOfThread,
} from "./chunks.ts";
import { pooledShape } from "./dawid-skene.ts";
import { createTables, expectStates, type Tables } from "./expectation.ts";
import { type Fitted, fitModel, iterate, startTables } from "./fit.ts";
import type { Controls } from "./inferred.ts";
import { maximise } from "./model.ts";

/** Some task has three answers, most five, by a formula; a few are long. */
function crowdOf(answers: number, contributors: number, classes: number): Answers {
  let state = 4_711;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
  const task: number[] = [];
  const contributor: number[] = [];
  const label: number[] = [];
  for (let t = 0; task.length < answers; t++) {
    const count = t % 1_000 === 0 ? 40 : t % 7 === 0 ? 3 : 5;
    for (let i = 0; i < count && task.length < answers; i++) {
      const by = Math.floor(random() * contributors);
      task.push(t);
      contributor.push(by);
      label.push(random() < 0.5 + (0.4 * by) / contributors ? t % classes : Math.floor(random() * classes));
    }
  }
  return createAnswers({ tasks: (task.at(-1) ?? -1) + 1, contributors, classes, task, contributor, label });
}

const many = 2 ** 18;
const crowds = new Map([2, 3, 4].map((classes) => [classes, crowdOf(many, 200, classes)]));
const crowd = (classes: number): Answers => crowds.get(classes) as Answers;

const until = { iterationsMax: 4, tolerance: 0 };

const fitted = (answers: Answers, kinds: number, controls: Controls, runner?: ChunkRunner): Fitted =>
  fitModel(answers, { ...pooledShape, kinds }, { ...until, controls, ...(runner !== undefined && { runner }) });

/** Compared at once: the arrays are long. */
const bitsOf = ({ buffer }: Float64Array): Buffer => Buffer.from(buffer);

/** Runs chunks in some order, each by one of so many threads with tables of their own. */
const runnerOf = (threads: number, order: (chunks: number[]) => number[]): ChunkRunner => ({
  makeNumbers: oneThread.makeNumbers,
  begin: (step: ChunkedStep, own: Tables) => {
    const tables = Array.from({ length: threads }, () => tablesOfThread(step));
    return {
      run: () => {
        for (const each of [own, ...tables]) prepareChunks(each);
        for (const chunk of order([...step.moved.keys()])) {
          expectChunk(step, tables[chunk % threads] as (typeof tables)[number], chunk);
        }
      },
      end: () => {},
    };
  },
});

describe("the chunks of answers", () => {
  it("are one where a second thread would not help", () => {
    expect([...chunkBounds(crowdOf(many - 1, 50, 2))]).toHaveLength(2);
    expect([...chunkBounds(crowdOf(0, 50, 2))]).toEqual([0, 0]);
  });

  it("are fewer where tables would be large beside the answers", () => {
    const chunks = (contributors: number): number => chunkBounds({ ...crowd(2), contributors }).length - 1;
    expect([200, 1_024, 2_048, 4_096].map(chunks)).toEqual([8, 4, 2, 1]);
    expect(chunks(1_000_000)).toBe(1);
  });

  it("have every task once, and about as many answers each", () => {
    const answers = crowd(2);
    const bounds = chunkBounds(answers);
    expect([bounds[0], bounds.at(-1)]).toEqual([0, answers.tasks]);
    for (let chunk = 1; chunk < bounds.length; chunk++) {
      const [from, to] = [bounds[chunk - 1] as number, bounds[chunk] as number];
      const count = (answers.offsets[to] as number) - (answers.offsets[from] as number);
      expect(Math.abs(count - many / 8)).toBeLessThanOrEqual(40);
    }
  });

  it("are of tasks, however many answers one has", () => {
    const task = new Int32Array(many).fill(1);
    const zeros = new Int32Array(many);
    const answers = createAnswers({ tasks: 3, contributors: 1, classes: 1, task, contributor: zeros, label: zeros });
    const bounds = [...chunkBounds(answers)];
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    expect(bounds.at(-1)).toBe(3);
    const { posterior } = fitted(answers, 1, null).tables;
    expect([...posterior]).toEqual([1, 1, 1]);
  });

  it("may all agree", () => {
    const task = Int32Array.from({ length: many }, (_, i) => i);
    const label = task.map((each) => each % 2);
    const contributor = new Int32Array(many);
    const answers = createAnswers({ tasks: many, contributors: 1, classes: 2, task, contributor, label });
    const { posterior } = fitted(answers, 1, null).tables;
    expect(posterior.findIndex((each, i) => !(Math.abs(each - Number(i % 4 === 0 || i % 4 === 3)) < 1e-6))).toBe(-1);
  });
});

describe.each([
  [2, 1],
  [2, 2],
  [3, 1],
  [4, 1],
])("a fit of %d classes and %d kinds", (classes, kinds) => {
  const answers = crowd(classes);
  const controls = Int32Array.from({ length: answers.tasks }, (_, t) => (t % 50 === 0 ? t % classes : -1));
  const alone = fitted(answers, kinds, controls);

  it.each([1, 2, 3])("has the same bits with %d threads, in any order of chunks", (threads) => {
    for (const order of [(all: number[]) => all, (all: number[]) => all.toReversed()]) {
      const { tables } = fitted(answers, kinds, controls, runnerOf(threads, order));
      for (const name of ["posterior", "counts", "likelihoods"] as const) {
        expect(bitsOf(tables[name]).equals(bitsOf(alone.tables[name])), name).toBe(true);
      }
    }
  });

  it("is the same to many digits as one pass over all tasks", () => {
    const tables = startTables(answers, kinds, controls);
    for (let i = 0; i < until.iterationsMax; i++) {
      maximise(answers, tables, { ...pooledShape, kinds });
      expectStates(answers, tables, controls);
    }
    const largest = (a: Float64Array, b: Float64Array): number =>
      a.reduce((most, each, i) => Math.max(most, Math.abs(each - (b[i] as number))), 0);
    expect(largest(tables.posterior, alone.tables.posterior)).toBeLessThan(1e-9);
    expect(largest(tables.counts, alone.tables.counts)).toBeLessThan(1e-6);
  });

  it("knows the sums of the posterior", () => {
    const tables = startTables(answers, kinds, controls);
    let found: Float64Array | null = null;
    iterate(answers, tables, { ...until, controls }, (each, sums) => {
      maximise(answers, each, { ...pooledShape, kinds }, sums);
      found = sums === null ? null : sums.slice();
    });
    expect(found).toHaveLength(tables.states);
    expect((found ?? new Float64Array(0)).reduce((sum, each) => sum + each, 0)).toBeCloseTo(answers.tasks, 6);
    for (let z = 0; z < tables.states; z++) {
      let sum = 0;
      for (let t = 0; t < answers.tasks; t++) sum += tables.posterior[t * tables.states + z] as number;
      expect(tables.sums[z]).toBeCloseTo(sum, 6);
    }
  });
});

describe("the sums of one pass", () => {
  it.each([1, 2, 3, 4, 5])("are right with %d states", (states) => {
    const answers = crowdOf(2_000, 9, states);
    const tables = createTables(answers, states);
    tables.likelihoods.fill(0.25).forEach((_, cell) => {
      if (cell % (states + 1) === 0) tables.likelihoods[cell] = 0.5;
    });
    tables.prior.fill(1);
    expectStates(answers, tables, null);
    for (let z = 0; z < states; z++) {
      const sum = tables.posterior.reduce((total, each, i) => total + (i % states === z ? each : 0), 0);
      expect(tables.sums[z]).toBeCloseTo(sum, 8);
    }
  });
});
