/** Told the share of the work that is done, from 0 to 1, now and then. */
export type OnProgress = (share: number) => void;

/** Counts steps of a work whose number is known roughly: it may end early, and never goes beyond 1. */
export class Steps {
  readonly #total: number;
  readonly #onProgress: OnProgress;
  #done = 0;

  constructor(total: number, onProgress: OnProgress) {
    this.#total = total;
    this.#onProgress = onProgress;
  }

  take(steps: number): void {
    this.#done += steps;
    this.#onProgress(Math.min(this.#done / this.#total, 1));
  }
}
