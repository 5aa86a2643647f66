import type { Answers } from "./answers.ts";
import {
  addRatioCounts,
  expectTasks,
  hasRatios,
  setCounts,
  setRatios,
  strideOf,
  type Tables,
  takeRatioCounts,
} from "./expectation.ts";
import type { Controls } from "./inferred.ts";

/**
 * An expectation step in parts. Each chunk of tasks adds up by itself what its answers say, and the sums of chunks are
 * added in the order of the chunks: the same bits however many threads shared the chunks, and whichever ran which.
 */
export interface ChunkedStep {
  readonly answers: Answers;
  readonly controls: Controls;
  /** What every chunk reads, and the posterior, of which each chunk writes its own tasks. */
  readonly states: number;
  readonly likelihoods: Float64Array;
  readonly prior: Float64Array;
  readonly posterior: Float64Array;
  /** Chunk k has the tasks from bounds[k] up to bounds[k + 1]. */
  readonly bounds: Int32Array;
  /** By chunk: the counts of each code and state, of few states without the first; see expectation-few.ts. */
  readonly counts: Float64Array;
  /** By chunk: the sum of the posterior of each state. */
  readonly sums: Float64Array;
  /** By chunk: the sum of how far posteriors moved. */
  readonly moved: Float64Array;
}

/** Makes an array of zeros that everybody who runs chunks can see. */
export type MakeNumbers = (length: number) => Float64Array;

/** Runs all chunks of a step; `end` when there are no more steps. */
export interface ChunkRun {
  readonly run: () => void;
  readonly end: () => void;
}

/** Who runs chunks: one thread, or several. After each run `tables` are prepared, and have no counts: chunks are added to them. */
export interface ChunkRunner {
  readonly makeNumbers: MakeNumbers;
  readonly begin: (step: ChunkedStep, tables: Tables) => ChunkRun;
}

export const oneThread: ChunkRunner = {
  makeNumbers: (length) => new Float64Array(length),
  begin: (step, tables) => ({
    run: () => {
      prepareChunks(tables);
      for (let chunk = 0; chunk < step.moved.length; chunk++) expectChunk(step, tables, chunk);
    },
    end: () => {},
  }),
};

/** Fewer answers than that are not worth a second thread: they are one chunk. */
const chunkedMin = 2 ** 18;
const chunksMax = 8;
/** A chunk has so many answers a code or more: its table is small beside what it reads, and so is adding it up. */
const answersPerCell = 32;

/**
 * The bounds of chunks, about equal in answers. Their number depends on nothing but the numbers of answers and codes; it
 * is a power of two, which two threads share evenly.
 */
export function chunkBounds({ tasks, contributors, classes, offsets, codes }: Answers): Int32Array {
  const most = Math.floor(codes.length / (answersPerCell * contributors * classes));
  const chunks = codes.length < chunkedMin ? 1 : Math.min(2 ** (31 - Math.clz32(Math.max(most, 1))), chunksMax);
  const bounds = new Int32Array(chunks + 1);
  for (let chunk = 1, task = 0; chunk < chunks; chunk++) {
    while ((offsets[task] as number) * chunks < codes.length * chunk) task++;
    bounds[chunk] = task;
  }
  bounds[chunks] = tasks;
  return bounds;
}

const widthOf = (states: number): number => (hasRatios(states) ? states - 1 : states);

export function createChunkedStep(
  answers: Answers,
  tables: Tables,
  controls: Controls,
  bounds: Int32Array,
  makeNumbers: MakeNumbers,
): ChunkedStep {
  const { states, likelihoods, prior, posterior } = tables;
  const chunks = bounds.length - 1;
  return {
    answers,
    controls,
    states,
    likelihoods,
    prior,
    posterior,
    bounds,
    counts: makeNumbers(chunks * answers.contributors * answers.classes * widthOf(states)),
    sums: makeNumbers(chunks * states),
    moved: makeNumbers(chunks),
  };
}

/** What another thread needs for itself to run chunks. */
export function tablesOfThread({ answers, states, likelihoods, prior, posterior }: ChunkedStep): Tables {
  const codes = answers.contributors * answers.classes;
  const isFew = hasRatios(states);
  return {
    states,
    likelihoods,
    prior,
    posterior,
    counts: new Float64Array(isFew ? 0 : codes * states),
    pairs: new Float64Array(isFew ? codes * strideOf(states) : 0),
    answersOfCode: new Float64Array(0),
    scores: new Float64Array(states),
    powers: new Int32Array(states),
    sums: new Float64Array(states),
  };
}

/** Once a step and thread, after likelihoods changed and before its first chunk. */
export function prepareChunks(tables: Tables): void {
  if (hasRatios(tables.states)) setRatios(tables);
  else tables.counts.fill(0);
}

/** Takes the counts of the chunk out of the thread's tables, which are then ready for the next one. */
export function expectChunk(step: ChunkedStep, tables: Tables, chunk: number): void {
  const { answers, controls, bounds, states } = step;
  tables.sums.fill(0);
  step.moved[chunk] = expectTasks(answers, tables, controls, bounds[chunk] as number, bounds[chunk + 1] as number);
  step.sums.set(tables.sums, chunk * states);
  const counts = countsOf(step, chunk);
  if (hasRatios(states)) takeRatioCounts(tables, counts);
  else {
    counts.set(tables.counts);
    tables.counts.fill(0);
  }
}

/** Adds up all chunks, in order. @returns how far the posteriors moved, in the mean over tasks */
export function addChunks(step: ChunkedStep, tables: Tables): number {
  const { states, sums, moved } = step;
  const isFew = hasRatios(states);
  let total = 0;
  tables.sums.fill(0);
  for (let chunk = 0; chunk < moved.length; chunk++) {
    const counts = countsOf(step, chunk);
    if (isFew) addRatioCounts(tables, counts);
    else for (let cell = 0; cell < counts.length; cell++) addTo(tables.counts, cell, counts[cell] as number);
    for (let z = 0; z < states; z++) addTo(tables.sums, z, sums[chunk * states + z] as number);
    total += moved[chunk] as number;
  }
  if (isFew) setCounts(tables);
  return total / Math.max(step.answers.tasks, 1);
}

function countsOf({ counts, moved }: ChunkedStep, chunk: number): Float64Array {
  const size = counts.length / moved.length;
  return counts.subarray(chunk * size, (chunk + 1) * size);
}

function addTo(cells: Float64Array, cell: number, value: number): void {
  cells[cell] = (cells[cell] as number) + value;
}
