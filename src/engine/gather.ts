/**
 * Answers questions together: those that come while one is under way form the next, and the first is asked at once.
 * There is no timer. A failure is that of all who asked together.
 */
export class Gather<Question, Answer> {
  readonly #ask: (questions: readonly Question[]) => Promise<readonly Answer[]>;
  #waiting: Waiting<Question, Answer>[] = [];
  #isAsking = false;

  /** `ask` answers each question at its place. */
  constructor(ask: (questions: readonly Question[]) => Promise<readonly Answer[]>) {
    this.#ask = ask;
  }

  get(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      if (!this.#isAsking) this.#drain().catch(reject);
    });
  }

  async #drain(): Promise<void> {
    this.#isAsking = true;
    // Questions of one turn of the event loop are asked together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#next(this.#waiting.splice(0));
    this.#isAsking = false;
  }

  async #next(asked: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#ask(asked.map(({ question }) => question));
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i] as Answer);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}
