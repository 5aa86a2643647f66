import { isEarnestError } from "../core/errors.ts";

/** Runs work again and again, one run at a time; a failed run is logged and the next one tries again. */
export class Loop {
  readonly #name: string;
  readonly #pauseMs: number;
  readonly #log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly #work: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(
    name: string,
    pauseMs: number,
    log: (message: string, fields?: Readonly<Record<string, unknown>>) => void,
    work: () => Promise<void>,
  ) {
    this.#name = name;
    this.#pauseMs = pauseMs;
    this.#log = log;
    this.#work = work;
    this.#schedule();
  }

  /** Waits for a run that is under way, then makes one whose failure reaches the caller. */
  async runNow(): Promise<void> {
    while (this.#running !== null) await this.#running.catch(() => undefined);
    await this.#start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#tick(), this.#pauseMs);
    this.#timer.unref();
  }

  async #tick(): Promise<void> {
    try {
      if (this.#running === null) await this.#start();
    } catch (error) {
      this.#log(
        `${this.#name} failed`,
        isEarnestError(error) ? { code: error.code, problem: error.message } : { error: String(error) },
      );
    }
    this.#schedule();
  }

  async #start(): Promise<void> {
    this.#running = this.#work();
    try {
      await this.#running;
    } finally {
      this.#running = null;
    }
  }
}
