import { earnestError } from "../../core/errors.ts";
import type { Answers } from "./answers.ts";
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
}

export interface Fitted {
  readonly tables: Tables;
  readonly iterations: number;
}

/** 2^26 numbers, in two tables: 1 GiB. */
export const cellsMax = 2 ** 26;

export const cellsOf = ({ contributors, classes, tasks }: Answers, kinds: number): number =>
  Math.max(contributors * classes * classes * kinds, tasks * classes * kinds);

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
  return iterate(answers, startTables(answers, shape.kinds, options.controls), options, (tables) =>
    maximise(answers, tables, shape),
  );
}

export function iterate(
  answers: Answers,
  tables: Tables,
  { controls, iterationsMax, tolerance, onIteration }: FitOptions,
  step: (tables: Tables) => void,
): Fitted {
  let iterations = 0;
  let moved = Infinity;
  while (iterations < iterationsMax && moved > tolerance) {
    step(tables);
    moved = expectStates(answers, tables, controls);
    iterations++;
    onIteration?.();
  }
  return { tables, iterations };
}

/**
 * A class begins with its share of votes. Of its kinds, the first takes the tasks on which contributors agree, the
 * others those on which they split.
 */
export function startTables(answers: Answers, kinds: number, controls: Controls): Tables {
  checkCells(cellsOf(answers, kinds));
  const tables = createTables(answers, answers.classes * kinds);
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
