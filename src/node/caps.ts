/** What somebody lends, and when. */
export interface Caps {
  readonly bytesPerDayMax: number;
  readonly bytesPerSecondMax: number;
  /** Minutes of the day, by the machine's own time; a stretch may pass midnight. Null: always. */
  readonly hours: { readonly from: number; readonly to: number } | null;
}

/** Why a node does not work at the moment. */
export type Idle = "paused" | "outside of its hours" | "enough for today";

const dayMs = 86_400_000;

/** What a day has seen; kept, so that a restart does not begin it anew. */
export interface Usage {
  readonly day: number;
  readonly bytes: number;
  readonly sessions: number;
  readonly pages: number;
}

export const dayOf = (timeMs: number): number => Math.floor(timeMs / dayMs);

/** Counts what passes against what may. */
export class Allowance {
  readonly #caps: Caps;
  readonly #clock: () => number;
  #usage: Usage;
  #debt = 0;
  #debtMs: number;

  constructor(caps: Caps, clock: () => number, usage: Usage | null) {
    this.#caps = caps;
    this.#clock = clock;
    this.#usage = usage ?? { day: dayOf(clock()), bytes: 0, sessions: 0, pages: 0 };
    this.#debtMs = clock();
  }

  get usage(): Usage {
    const day = dayOf(this.#clock());
    if (day !== this.#usage.day) this.#usage = { day, bytes: 0, sessions: 0, pages: 0 };
    return this.#usage;
  }

  /** @returns for how long to take no more, so that the rate is kept on the average */
  pass(bytes: number): number {
    const { usage } = this;
    this.#usage = { ...usage, bytes: usage.bytes + bytes };
    const { bytesPerSecondMax } = this.#caps;
    const now = this.#clock();
    this.#debt = Math.max(0, this.#debt - ((now - this.#debtMs) / 1_000) * bytesPerSecondMax) + bytes;
    this.#debtMs = now;
    // A quarter of a second may be ahead: else every page would wait for its own end.
    const waitMs = ((this.#debt - bytesPerSecondMax / 4) / bytesPerSecondMax) * 1_000;
    return Math.max(0, Math.ceil(waitMs));
  }

  ended(pages: number): void {
    const { usage } = this;
    this.#usage = { ...usage, sessions: usage.sessions + 1, pages: usage.pages + pages };
  }

  /** Null where there is nothing against another session. @param minute of the day, local time */
  idle(minute: number, isPaused: boolean): Idle | null {
    if (isPaused) return "paused";
    const { hours, bytesPerDayMax } = this.#caps;
    if (hours !== null && !isWithin(minute, hours)) return "outside of its hours";
    return this.usage.bytes >= bytesPerDayMax ? "enough for today" : null;
  }
}

const isWithin = (minute: number, { from, to }: { readonly from: number; readonly to: number }): boolean =>
  from <= to ? minute >= from && minute < to : minute >= from || minute < to;
