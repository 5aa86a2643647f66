import { earnestError } from "../../core/errors.ts";
import type { Answers } from "./answers.ts";
import { addChunks, type ChunkRunner, chunkBounds, createChunkedStep, oneThread } from "./chunks.ts";
import { countAnswers, createTables, expectStates, type Tables } from "./expectation.ts";
import type { Controls } from "./inferred.ts";
import { addVoteShares } from "./majority.ts";
import { type ModelShape, maximise } from "./model.ts";

export interface FitOptions {
  readonly controls: Controls;
  readonly iterationsMax: number;
  /** Ends when the posteriors move less than that, in the mean over tasks. */
  readonly tolerance: number;
  readonly onIteration?: () => void;
  /** Who runs the chunks of many answers: one thread where nobody is named. The result is the same to the bit. */
  readonly runner?: ChunkRunner;
}

export interface Fitted {
  readonly tables: Tables;
  readonly iterations: number;
}

/** 2^26 numbers, in two tables: 1 GiB. */
export const cellsMax = 2 ** 26;

/** Of error matrices there are two tables, of posteriors one. */
export const cellsOf = ({ contributors, classes, tasks }: Answers, kinds: number): number =>
  Math.max(contributors * classes * classes, Math.ceil((tasks * classes) / 2)) * kinds;

/** @throws LIMIT_EXCEEDED where tables would not fit into memory */
export function checkCells(cells: number): void {
  if (cells <= cellsMax) return;
  throw earnestError("LIMIT_EXCEEDED", {
    what: "cells of error matrices or posteriors (try one-coin)",
    max: cellsMax,
  });
}

/** Expectation-maximisation from the shares of votes. */
export function fitModel(answers: Answers, shape: ModelShape, options: FitOptions): Fitted {
  const tables = startTables(answers, shape.kinds, options.controls, options.runner);
  return iterate(answers, tables, options, (each, sums) => maximise(answers, each, shape, sums));
}

/** @param step maximises; the sums of the posterior of each state are null where they are not known yet */
export function iterate(
  answers: Answers,
  tables: Tables,
  options: FitOptions,
  step: (tables: Tables, sums: Float64Array | null) => void,
): Fitted {
  const { iterationsMax, tolerance, onIteration } = options;
  const expectation = expectationOf(answers, tables, options);
  let iterations = 0;
  let moved = Infinity;
  let sums: Float64Array | null = null;
  try {
    while (iterations < iterationsMax && moved > tolerance) {
      step(tables, sums);
      moved = expectation.run();
      sums = expectation.sums;
      iterations++;
      onIteration?.();
    }
  } finally {
    expectation.end();
  }
  return { tables, iterations };
}

interface Expectation {
  /** @returns how far the posteriors moved */
  readonly run: () => number;
  readonly sums: Float64Array | null;
  readonly end: () => void;
}

/** Few answers are one chunk, and need no sums of chunks. */
function expectationOf(answers: Answers, tables: Tables, { controls, runner = oneThread }: FitOptions): Expectation {
  const bounds = chunkBounds(answers);
  if (bounds.length === 2) {
    return { run: () => expectStates(answers, tables, controls), sums: null, end: () => {} };
  }
  const step = createChunkedStep(answers, tables, controls, bounds, runner.makeNumbers);
  const { run, end } = runner.begin(step, tables);
  const runAll = (): number => {
    run();
    return addChunks(step, tables);
  };
  return { run: runAll, sums: tables.sums, end };
}

/**
 * A class begins with its share of votes. Of its kinds, the first takes the tasks on which contributors agree, the
 * others those on which they split.
 */
export function startTables(answers: Answers, kinds: number, controls: Controls, runner = oneThread): Tables {
  checkCells(cellsOf(answers, kinds));
  const tables = createTables(answers, answers.classes * kinds, runner.makeNumbers);
  const { posterior, states } = tables;
  addVoteShares(answers, posterior, states);
  for (let t = 0; t < answers.tasks; t++) {
    const known = controls?.[t] ?? -1;
    if (known >= 0) for (let c = 0; c < answers.classes; c++) posterior[t * states + c] = Number(known === c);
    if (kinds > 1) startKinds(posterior, t * states, answers.classes, kinds);
  }
  countAnswers(answers, tables);
  return tables;
}

function startKinds(posterior: Float64Array, row: number, classes: number, kinds: number): void {
  for (let c = 0; c < classes; c++) {
    const share = posterior[row + c] as number;
    posterior[row + c] = share * share * share;
    const split = (share * (1 - share * share)) / (kinds - 1);
    for (let kind = 1; kind < kinds; kind++) posterior[row + kind * classes + c] = split;
  }
}

/** The posterior of the classes: the kinds of a class taken together. */
export function classPosterior({ tasks, classes }: Answers, { states, posterior }: Tables): Float64Array {
  if (states === classes) return posterior;
  const ofClasses = new Float64Array(tasks * classes);
  for (let t = 0; t < tasks; t++) {
    for (let z = 0; z < states; z++) {
      const cell = t * classes + (z % classes);
      ofClasses[cell] = (ofClasses[cell] as number) + (posterior[t * states + z] as number);
    }
  }
  return ofClasses;
}
