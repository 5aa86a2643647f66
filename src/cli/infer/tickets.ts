/**
 * How threads share the chunks of an expectation step, over memory that all of them see. A round is one step: the first
 * signal is the round and how many of its chunks were taken, the second how many are done. A thread that comes late, or
 * never, is not waited for: the others take what it would have taken.
 */
export class Tickets {
  readonly #signals: Int32Array;
  readonly #chunks: number;

  constructor(signals: Int32Array, chunks: number) {
    this.#signals = signals;
    this.#chunks = chunks;
  }

  static signals(): Int32Array {
    const signals = new Int32Array(new SharedArrayBuffer(8));
    // Nothing to take until the first round opens.
    signals[ticket] = ticketsOfRound - 1;
    return signals;
  }

  /** Everything that the round reads must have been written, and all of the round before must be done. */
  open(): void {
    const round = Math.floor(Atomics.load(this.#signals, ticket) / ticketsOfRound) + 1;
    Atomics.store(this.#signals, done, 0);
    Atomics.store(this.#signals, ticket, round * ticketsOfRound);
    Atomics.notify(this.#signals, ticket);
  }

  /** @returns the next chunk and its round, null where all are taken */
  take(): { readonly round: number; readonly chunk: number } | null {
    for (;;) {
      const now = Atomics.load(this.#signals, ticket);
      const chunk = now % ticketsOfRound;
      if (now === closed || chunk >= this.#chunks) return null;
      if (Atomics.compareExchange(this.#signals, ticket, now, now + 1) !== now) continue;
      return { round: Math.floor(now / ticketsOfRound), chunk };
    }
  }

  finish(): void {
    if (Atomics.add(this.#signals, done, 1) + 1 === this.#chunks) Atomics.notify(this.#signals, done);
  }

  /** Says that a chunk which was taken will never be done. */
  lose(): void {
    Atomics.store(this.#signals, done, lost);
    Atomics.notify(this.#signals, done);
  }

  /**
   * Blocks until all chunks of the round are done.
   *
   * @param patienceMs how long no chunk may be done before one counts as lost: whoever took it may have died
   * @returns false where one is lost
   */
  waitForAll(patienceMs: number): boolean {
    for (;;) {
      const found = Atomics.load(this.#signals, done);
      if (found === this.#chunks) return true;
      if (found < 0) return false;
      const ended = Atomics.wait(this.#signals, done, found, patienceMs);
      if (ended === "timed-out" && Atomics.load(this.#signals, done) === found) return false;
    }
  }

  /** Blocks until there is something to take. @returns false where nothing will come any more */
  waitForMore(): boolean {
    for (;;) {
      const now = Atomics.load(this.#signals, ticket);
      if (now === closed) return false;
      if (now % ticketsOfRound < this.#chunks) return true;
      Atomics.wait(this.#signals, ticket, now);
    }
  }

  close(): void {
    Atomics.store(this.#signals, ticket, closed);
    Atomics.notify(this.#signals, ticket);
  }
}

const ticket = 0;
const done = 1;
const closed = -1;
/** More than there are ever chunks. */
const ticketsOfRound = 1_024;
/** Stays below zero, however many chunks are done after it. */
const lost = -ticketsOfRound;
