/** So long at a stretch. */
const stretchMs = 4;
/** No more wait, however fast they come: what comes then is done at once. */
const waitingMax = 1_000;

/**
 * Work that gives way to all other: some milliseconds of it in each turn of the event loop, in the order in which it came.
 * Where there is nothing else to do, turns follow each other at once.
 */
export class Aside {
  #waiting: (() => void)[] = [];
  readonly #clock: () => number;

  /** `clock`: milliseconds that only grow. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** `work` throws nothing. */
  add(work: () => void): void {
    if (this.#waiting.length >= waitingMax) {
      work();
      return;
    }
    this.#waiting.push(work);
    if (this.#waiting.length === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    const untilMs = this.#clock() + stretchMs;
    let done = 0;
    do this.#waiting[done++]?.();
    while (done < this.#waiting.length && this.#clock() < untilMs);
    this.#waiting = this.#waiting.slice(done);
    if (this.#waiting.length > 0) setImmediate(() => this.#turn());
  }
}
