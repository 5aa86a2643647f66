/** What was begun and has not ended: closing waits for it. */
export class UnderWay {
  readonly #all = new Set<Promise<void>>();

  add<T>(work: Promise<T>): Promise<T> {
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    this.#all.add(ended);
    void ended.then(() => this.#all.delete(ended));
    return work;
  }

  /** Also waits for what is begun meanwhile. */
  async over(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all);
  }
}
