import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Answers } from "../../verification/inference/answers.ts";
import {
  type ChunkedStep,
  type ChunkRun,
  type ChunkRunner,
  expectChunk,
  oneThread,
  prepareChunks,
} from "../../verification/inference/chunks.ts";
import type { Tables } from "../../verification/inference/expectation.ts";
import { Tickets } from "./tickets.ts";

/** What another thread is sent: all arrays are in memory that both see. */
export interface SharedStep {
  readonly step: ChunkedStep;
  readonly signals: Int32Array;
}

/** A chunk takes a second at most, whatever the data. */
const usualPatienceMs = 30_000;

class ThreadLost extends Error {}

export const usualThreads = (): number => Math.min(2, availableParallelism());

/**
 * Runs chunks in this thread and in others, which start with the first fit that has more than one chunk. This thread does
 * not wait for them to start, and blocks only until the chunks that they took are done.
 */
export class Threads implements ChunkRunner {
  readonly #count: number;
  readonly #program: URL;
  readonly #patienceMs: number;
  readonly #others: Worker[] = [];
  readonly #shared = new WeakMap<Answers, Answers>();

  /** @param count of all threads, this one among them */
  constructor(
    count: number,
    program = new URL("./expectation-thread.js", import.meta.url),
    patienceMs = usualPatienceMs,
  ) {
    this.#count = count;
    this.#program = program;
    this.#patienceMs = patienceMs;
  }

  /**
   * Does some work by these threads. Where one dies with a chunk that it took, what it wrote is unknown: then this thread
   * does all of the work once more by itself, which gives the same bits.
   */
  run<Result>(work: (runner: ChunkRunner) => Result): Result {
    try {
      return work(this);
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      return work(oneThread);
    }
  }

  makeNumbers = (length: number): Float64Array =>
    this.#count === 1 ? new Float64Array(length) : new Float64Array(new SharedArrayBuffer(length * 8));

  begin = (step: ChunkedStep, tables: Tables): ChunkRun => {
    const chunks = step.moved.length;
    const signals = Tickets.signals();
    const tickets = new Tickets(signals, chunks);
    this.#start(Math.min(this.#count, chunks) - 1);
    if (this.#others.length > 0) {
      const { answers, controls } = step;
      const shared: SharedStep = {
        step: { ...step, answers: this.#share(answers), controls: controls === null ? null : shareIntegers(controls) },
        signals,
      };
      for (const other of this.#others) other.postMessage(shared);
    }
    const run = (): void => {
      tickets.open();
      prepareChunks(tables);
      for (let taken = tickets.take(); taken !== null; taken = tickets.take()) {
        expectChunk(step, tables, taken.chunk);
        tickets.finish();
      }
      if (!tickets.waitForAll(this.#patienceMs)) throw new ThreadLost();
    };
    return { run, end: () => tickets.close() };
  };

  async end(): Promise<void> {
    await Promise.all(this.#others.splice(0).map((other) => other.terminate()));
  }

  #start(count: number): void {
    while (this.#others.length < count) {
      const other = new Worker(this.#program);
      // A thread that cannot start is only missed: it has taken nothing, and this one runs every chunk.
      other.on("error", () => {});
      other.unref();
      this.#others.push(other);
    }
  }

  #share(answers: Answers): Answers {
    const known = this.#shared.get(answers);
    if (known !== undefined) return known;
    const { offsets, codes } = answers;
    const shared = {
      ...answers,
      offsets: shareIntegers(offsets),
      codes: codes instanceof Uint16Array ? shareShorts(codes) : shareIntegers(codes),
    };
    this.#shared.set(answers, shared);
    return shared;
  }
}

function shareIntegers(values: Int32Array): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

function shareShorts(values: Uint16Array): Uint16Array {
  const shared = new Uint16Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}
