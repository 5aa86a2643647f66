/** What somebody lends, and when. */
export interface Caps {
  readonly bytesPerDayMax: number;
  readonly bytesPerSecondMax: number;
  /** What computing may take of one processor, on the average. */
  readonly processorPpm: number;
  /** Minutes of the day, by the machine's own time; a stretch may pass midnight. Null: always. */
  readonly hours: { readonly from: number; readonly to: number } | null;
  /** Whether to work on where the network costs by the byte. */
  readonly isMeteredAllowed: boolean;
}

/** Why a node does not work at the moment. */
export type Idle = "paused" | "outside of its hours" | "metered network" | "enough for today";

const dayMs = 86_400_000;

/** What a day has seen; kept, so that a restart does not begin it anew. */
export interface Usage {
  readonly day: number;
  readonly bytes: number;
  readonly sessions: number;
  readonly pages: number;
  /** What was computed, and for how long. */
  readonly pieces: number;
  readonly computedMs: number;
}

const unused = (day: number): Usage => ({ day, bytes: 0, sessions: 0, pages: 0, pieces: 0, computedMs: 0 });

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
    this.#usage = usage ?? unused(dayOf(clock()));
    this.#debtMs = clock();
  }

  get usage(): Usage {
    const day = dayOf(this.#clock());
    if (day !== this.#usage.day) this.#usage = unused(day);
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

  /** @returns for how long to rest, so that its share of a processor is kept on the average */
  computed(ms: number): number {
    const { usage } = this;
    this.#usage = { ...usage, pieces: usage.pieces + 1, computedMs: usage.computedMs + ms };
    return Math.ceil(ms * (1_000_000 / this.#caps.processorPpm - 1));
  }

  get isUsedUp(): boolean {
    return this.usage.bytes >= this.#caps.bytesPerDayMax;
  }
}

/** Null where there is nothing against work of any kind. @param minute of the day, local time */
export function idleNow({ hours }: Pick<Caps, "hours">, minute: number, isPaused: boolean): Idle | null {
  if (isPaused) return "paused";
  return hours !== null && !isWithin(minute, hours) ? "outside of its hours" : null;
}

const isWithin = (minute: number, { from, to }: { readonly from: number; readonly to: number }): boolean =>
  from <= to ? minute >= from && minute < to : minute >= from || minute < to;
