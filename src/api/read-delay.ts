/** Whoever waits shorter for something to read has been busy all the time. */
const idleMsMin = 1;

/**
 * How long a request may have lain in its socket before this process read it: as long as the process has been busy since it
 * last read requests. Where it has waited for something to read meanwhile, nothing can have lain there.
 */
export class ReadDelay {
  #readAtMs = performance.now();
  #idleMs = performance.nodeTiming.idleTime;
  /** Of the requests that are being read now; null where nobody has asked since. */
  #delayMs: number | null = null;

  /** To be asked while a request is read. All that are read in one turn of the event loop have the same delay. */
  get ms(): number {
    if (this.#delayMs !== null) return this.#delayMs;
    // Follows when the turn has read whatever had come.
    setImmediate(() => {
      this.#delayMs = null;
      this.#readAtMs = performance.now();
      this.#idleMs = performance.nodeTiming.idleTime;
    });
    const isBusy = performance.nodeTiming.idleTime - this.#idleMs < idleMsMin;
    this.#delayMs = isBusy ? performance.now() - this.#readAtMs : 0;
    return this.#delayMs;
  }
}
