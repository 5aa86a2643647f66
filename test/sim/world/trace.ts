import type { Scheduler } from "../time/scheduler.ts";

/** What is wrong with the world, at the moment in which it was seen. */
export class Violation extends Error {
  override readonly name = "Violation";
}

const kept = 400;

interface Said {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

const lineOf = ({ atMs, who, what }: Said): string =>
  `${(atMs % 10_000_000).toFixed(3).padStart(11)} ${who.padEnd(14)} ${what}`;

/** What happened lately, for whoever has to find out why; and what must never happen. */
export class Trace {
  readonly #scheduler: Scheduler;
  readonly #said: Said[] = [];
  violation: Violation | null = null;
  /** Every line goes there as well. */
  onLine: ((line: string) => void) | null = null;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  say(who: string, what: string): void {
    const said = { atMs: this.#scheduler.nowMs, who, what };
    this.onLine?.(lineOf(said));
    this.#said.push(said);
    if (this.#said.length > 2 * kept) this.#said.splice(0, kept);
  }

  /** The first one counts: what follows may follow from it. */
  fail(who: string, what: string): void {
    this.say(who, `VIOLATION ${what}`);
    this.violation ??= new Violation(`${who}: ${what}`);
  }

  get lines(): readonly string[] {
    return this.#said.slice(-kept).map(lineOf);
  }
}
