import { toHex } from "../core/bytes.ts";
import { type LeafFile, readLeafFile } from "../core/commit/leaf-file.ts";
import type { ChainSource } from "./chain-source.ts";
import type { LogSource } from "./log-source.ts";

export interface SharedReadsOptions {
  /** In milliseconds. */
  readonly clock: () => number;
  /** How old an answer may be that changes: less than the pause between two looks, or nobody sees anything new. */
  readonly freshMs: number;
}

/** Entries and leaf files never change; they are kept for as long as the slowest may take to ask for them. */
const keptMs = 10_000;
const answersMax = 16;

interface Answer {
  readonly promise: Promise<unknown>;
  readonly untilMs: number;
}

/**
 * What attestors of one process read of the same server and node, each answer fetched and decoded once for all of them.
 * Each still replays, compares and signs by itself; attestors on machines of their own share nothing.
 */
export class SharedReads {
  readonly #options: SharedReadsOptions;
  /** The oldest first. */
  readonly #answers = new Map<string, Answer>();
  readonly #leafFiles = new WeakMap<Uint8Array, LeafFile>();

  constructor(options: SharedReadsOptions) {
    this.#options = options;
  }

  /** Of one pool; what an attestor says is its own. */
  source(pool: string, own: LogSource): LogSource {
    const { freshMs } = this.#options;
    return {
      ...own,
      commits: () => this.#once(`${pool} commits`, freshMs, () => own.commits()),
      leafFile: (digest) =>
        this.#once(
          `${pool} leaves ${toHex(digest)}`,
          keptMs,
          () => own.leafFile(digest),
          (file) => file !== null,
        ),
      records: (asked) =>
        this.#once(
          `${pool} log ${asked.market}/${asked.lane} ${asked.from} ${asked.limit}`,
          keptMs,
          () => own.records(asked),
          ({ length }) => length === asked.limit,
        ),
    };
  }

  chain(pool: string, own: ChainSource): ChainSource {
    const { freshMs } = this.#options;
    return {
      ...own,
      view: () => this.#once(`${pool} view`, freshMs, () => own.view()),
      poolNow: () => this.#once(`${pool} now`, freshMs, () => own.poolNow()),
    };
  }

  /**
   * What a leaf file says, read once for all who were given these very bytes; each looks for itself whether they are those
   * that the message names. @throws MALFORMED_ENCODING where they are none
   */
  leaves(leafFile: Uint8Array): LeafFile {
    const known = this.#leafFiles.get(leafFile) ?? readLeafFile([leafFile]);
    this.#leafFiles.set(leafFile, known);
    return known;
  }

  /** What failed, or was not all there yet, is asked again. */
  #once<T>(name: string, forMs: number, ask: () => Promise<T>, isAll: (answer: T) => boolean = () => true): Promise<T> {
    const nowMs = this.#options.clock();
    for (const [each, { untilMs }] of this.#answers) if (untilMs <= nowMs) this.#answers.delete(each);
    const known = this.#answers.get(name);
    if (known !== undefined) return known.promise as Promise<T>;
    const promise = ask();
    this.#answers.set(name, { promise, untilMs: nowMs + forMs });
    const forget = (): void => {
      if (this.#answers.get(name)?.promise === promise) this.#answers.delete(name);
    };
    promise.then((answer) => {
      if (!isAll(answer)) forget();
    }, forget);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > answersMax && oldest !== undefined) this.#answers.delete(oldest);
    return promise;
  }
}
