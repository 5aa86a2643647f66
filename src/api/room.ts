/** One request that was let in. */
interface Ticket {
  readonly atMs: number;
  /** How long it had lain there before anybody looked at it. */
  readonly delayMs: number;
  /** How many were under way when it came. */
  readonly found: number;
}

/** So many may be under way before anything was measured. */
const firstRoom = 64;
/** A line in which nothing moved for so many times the aim lets nobody in. */
const stuckTimes = 2;
/** What takes long by itself, such as a word with the chain, may take so many times as long among others. */
const restTimes = 3;
const restsKept = 31;
/** From this share of what was too much on, more is tried with care. */
const near = 0.7;
/** So few hardly wait for one another: they are let in, and show how long it takes by itself. */
const few = 4;

/**
 * The requests of one sort that are under way. How many there may be follows from what those who left found before them
 * and how long it took them: as many as wait no longer than the aim. A few are always let in where anything moves,
 * so that a line never closes for good, and what it learned is soon learned anew.
 */
export class Line {
  readonly #aimMs: number;
  readonly #inside = new Set<Ticket>();
  /** How long those took who found few. */
  readonly #rests: number[] = [];
  /** The middle one of them. */
  #restMs = 0;
  #room = firstRoom;
  /** What was too much when it last became less. */
  #edge = Number.POSITIVE_INFINITY;
  /** When that was. */
  #lessAtMs = Number.NEGATIVE_INFINITY;

  constructor(aimMs: number) {
    this.#aimMs = aimMs;
  }

  get size(): number {
    return this.#inside.size;
  }

  /** Null where one more would wait too long. */
  enter(nowMs: number, delayMs = 0): Ticket | null {
    const found = this.#inside.size;
    if (found > 0 && (found >= this.#room || this.#isStuck(nowMs))) return null;
    const ticket = { atMs: nowMs, delayMs, found };
    this.#inside.add(ticket);
    return ticket;
  }

  /** `isMeasure`: whether it went the whole way, so that its time says something. */
  leave(ticket: Ticket, nowMs: number, isMeasure: boolean): void {
    this.#inside.delete(ticket);
    if (isMeasure) this.#learn(ticket, nowMs);
  }

  #isStuck(nowMs: number): boolean {
    const [oldest] = this.#inside;
    // What takes how long is known only when one has come back.
    return oldest !== undefined && this.#rests.length > 0 && nowMs - oldest.atMs > stuckTimes * this.#waitMsMax();
  }

  #learn({ atMs, delayMs, found }: Ticket, nowMs: number): void {
    const tookMs = nowMs - atMs;
    const together = found + 1;
    if (together <= few) this.#rest(tookMs);
    // Who waits for an answer waits from the moment of asking on; what it takes by itself begins later.
    const share = (delayMs + tookMs) / this.#waitMsMax();
    // Where few were there, a long time has another reason than their number; and a short one shows no more room.
    if (share > 1 && together >= this.#room / 4) this.#shrink(atMs, nowMs, share);
    else if (share <= 1 && together >= this.#room / 2) this.#grow(share);
  }

  /** Fast up to where it is known to fit, and from there on by a few for each time that all of them were answered. */
  #grow(share: number): void {
    this.#room += this.#room < this.#edge * near ? 1 - share : ((1 - share) * few) / this.#room;
  }

  /** Once for all that one delay held up, as TCP does (RFC 5681, section 3.2): whoever came before it tells of the same. */
  #shrink(atMs: number, nowMs: number, share: number): void {
    if (atMs < this.#lessAtMs) return;
    this.#lessAtMs = nowMs;
    this.#edge = this.#room;
    this.#room = Math.max(few, this.#room / Math.min(share, 2));
  }

  #rest(tookMs: number): void {
    this.#rests.push(tookMs);
    if (this.#rests.length > restsKept) this.#rests.shift();
    this.#restMs = this.#rests.toSorted((a, b) => a - b)[Math.floor(this.#rests.length / 2)] as number;
  }

  #waitMsMax(): number {
    return Math.max(this.#aimMs, restTimes * this.#restMs);
  }
}

/** Empty lines are kept up to this number for what they learned. */
const linesMax = 1_000;

/** The lines of a process, by name; one that is full does not hold up another. */
export class Room {
  readonly #lines = new Map<string, Line>();
  readonly #clock: () => number;

  /** `clock`: milliseconds that only grow. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** What to call when the request has been answered, or null where it must be turned away. */
  enter(name: string, aimMs: number, delayMs = 0): ((isMeasure: boolean) => void) | null {
    const line = this.#lineOf(name, aimMs);
    const ticket = line.enter(this.#clock(), delayMs);
    return ticket === null ? null : (isMeasure) => line.leave(ticket, this.#clock(), isMeasure);
  }

  #lineOf(name: string, aimMs: number): Line {
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    if (this.#lines.size >= linesMax) this.#forgetEmpty();
    const line = new Line(aimMs);
    this.#lines.set(name, line);
    return line;
  }

  #forgetEmpty(): void {
    for (const [name, line] of this.#lines) if (line.size === 0) this.#lines.delete(name);
  }
}
