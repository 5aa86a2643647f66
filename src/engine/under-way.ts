/** What was begun and has not ended: closing waits for it. */
export class UnderWay {
  readonly #all = new Set<Promise<void>>();

  add<T>(work: Promise<T>): Promise<T> {
    const end = (): void => {
      this.#all.delete(ended);
    };
    const ended = work.then(end, end);
    this.#all.add(ended);
    return work;
  }

  /** Also waits for what is begun meanwhile. */
  async over(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all);
  }
}
