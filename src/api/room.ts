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
/** A line in which nothing moved for so many times the aim, or all are inside as long, lets nobody in. */
const stuckTimes = 4;
/** Or so many times what is allowed, where that is more than the aim. */
const slowTimes = 2;
/** What takes long by itself, such as a word with the chain, may take so many times as long among others. */
const restTimes = 2.5;
const restsKept = 15;
/** What few show while others are turned away is the machine's load as well: it allows no more than so many times the aim. */
const crowdedTimes = 3;
/** So few hardly wait for one another: they are let in, and show how long it takes by itself. */
const few = 4;
/** A full line in which that was not seen for so long lets in few until it is, and no longer than this. */
const probeMs = 1_000;
/** What is over sooner came from something else than too many: a pause of the disk, of the process, of the machine. */
const standingMs = 250;
/** By so much the room grows at once. */
const growthMax = 1.4;
/** Where nobody waits too long, so many times as many fit as come within the aim: after a pause they come at once. */
const calmTimes = 1.5;

/**
 * The requests of one sort that are under way. How many there may be follows from how long those who left it took: as many
 * as wait no longer than the aim, by Little's law. It is judged by rounds, each as long as one that came at its beginning is
 * inside, and by the middle one of a round: a single one that took long, or a single pause, has another reason than their
 * number. A few are always let in where anything moves, so that a line never closes for good, and what it learned is soon
 * learned anew.
 */
export class Line {
  readonly #aimMs: number;
  readonly #inside = new Set<Ticket>();
  /** How long those took who were among few, a number for each round. */
  readonly #rests: number[] = [];
  /** The middle one of them. */
  #restMs = 0;
  #restAtMs = Number.NEGATIVE_INFINITY;
  #room = firstRoom;
  /** Before it grew by the last round that was short enough: what turns out to be too much is taken back at once. */
  #roomBefore = firstRoom;
  #probeUntilMs = Number.NEGATIVE_INFINITY;
  #round = newRound(Number.NEGATIVE_INFINITY);
  /** Since when all rounds take too long. */
  #longSinceMs: number | null = null;
  #movedAtMs = Number.NEGATIVE_INFINITY;
  /** How long the one took that left last. */
  #lastTookMs = 0;

  constructor(aimMs: number) {
    this.#aimMs = aimMs;
  }

  get size(): number {
    return this.#inside.size;
  }

  /** Null where one more would wait too long. */
  enter(nowMs: number, delayMs = 0): Ticket | null {
    const found = this.#inside.size;
    const room = nowMs < this.#probeUntilMs ? few : this.#room;
    // Who came while the process itself stood still knows nothing of how the line moved meanwhile.
    if (found > 0 && (found >= room || this.#isStuck(nowMs - delayMs))) {
      this.#round.isFull = true;
      this.#round.hasRefused = true;
      return null;
    }
    const ticket = { atMs: nowMs, delayMs, found };
    this.#inside.add(ticket);
    return ticket;
  }

  /** `isMeasure`: whether it went the whole way, so that its time says something. */
  leave(ticket: Ticket, nowMs: number, isMeasure: boolean): void {
    this.#inside.delete(ticket);
    this.#movedAtMs = nowMs;
    this.#lastTookMs = nowMs - ticket.atMs;
    if (isMeasure) this.#learn(ticket, nowMs);
  }

  #isStuck(cameAtMs: number): boolean {
    const [oldest] = this.#inside;
    // What takes how long is known only when one has come back.
    if (oldest === undefined || this.#rests.length === 0) return false;
    const mostMs = Math.max(stuckTimes * this.#aimMs, slowTimes * this.#waitMsMax());
    // One that hangs while others come and go is no reason; where they take as long, newcomers would too.
    const sinceMs = this.#lastTookMs > mostMs ? oldest.atMs : Math.max(oldest.atMs, this.#movedAtMs);
    return cameAtMs - sinceMs > mostMs;
  }

  #learn({ atMs, delayMs, found }: Ticket, nowMs: number): void {
    const round = this.#round;
    const together = found + 1;
    round.together = Math.max(round.together, together);
    // Those who came behind it may have held it up as well.
    if (together > few || this.#inside.size > few) round.isFew = false;
    if (together >= this.#room / 2) round.isFull = true;
    round.tookMs.push(nowMs - atMs);
    // Who waits for an answer waits from the moment of asking on; what it takes by itself begins later.
    const cameAtMs = atMs - delayMs;
    round.waitMs.push(nowMs - cameAtMs);
    if (cameAtMs < round.atMs) return;
    this.#round = newRound(nowMs);
    if (round.isFew) this.#rest(round, nowMs);
    if (nowMs >= this.#probeUntilMs) this.#judge(round, cameAtMs, nowMs);
  }

  /** `cameAtMs`: when the one came whose leaving ends the round. */
  #judge(round: Round, cameAtMs: number, nowMs: number): void {
    const waitMs = middleOf(round.waitMs);
    if (waitMs <= this.#waitMsMax()) this.#grow(round, waitMs, nowMs);
    else this.#room = Math.min(this.#room, this.#roomBefore);
    if (waitMs <= this.#aimMs) this.#longSinceMs = null;
    else this.#longSinceMs ??= cameAtMs;
    if (this.#longSinceMs === null || nowMs - this.#longSinceMs < standingMs) return;
    this.#longSinceMs = null;
    if (round.hasRefused && nowMs - this.#restAtMs > probeMs) this.#probeUntilMs = nowMs + probeMs;
    const share = waitMs / this.#waitMsMax();
    if (share > 1) this.#room = Math.max(few, Math.min(this.#room, round.together) / share);
  }

  /** Half the way to what would be right, since what is under way still tells of before. */
  #grow({ atMs, isFull, waitMs: { length } }: Round, waitMs: number, nowMs: number): void {
    const aimMs = this.#waitMsMax();
    this.#roomBefore = this.#room;
    if (isFull) this.#room *= Math.min((1 + aimMs / waitMs) / 2, growthMax);
    else this.#room = Math.max(this.#room, (calmTimes * aimMs * length) / Math.max(1, nowMs - atMs));
  }

  #rest({ tookMs, hasRefused }: Round, nowMs: number): void {
    const tookMsMax = hasRefused ? (crowdedTimes * this.#aimMs) / restTimes : Number.POSITIVE_INFINITY;
    this.#rests.push(Math.min(middleOf(tookMs), tookMsMax));
    if (this.#rests.length > restsKept) this.#rests.shift();
    this.#restMs = middleOf(this.#rests);
    this.#restAtMs = nowMs;
    this.#probeUntilMs = nowMs;
  }

  #waitMsMax(): number {
    return Math.max(this.#aimMs, restTimes * this.#restMs);
  }
}

/** What was seen of those who left since it began. */
interface Round {
  readonly atMs: number;
  readonly tookMs: number[];
  /** With what they waited before they were looked at. */
  readonly waitMs: number[];
  /** The most that any of them was among. */
  together: number;
  isFew: boolean;
  /** Somebody was turned away. */
  hasRefused: boolean;
  /** Or nearly so: whether the room was too small may be seen. */
  isFull: boolean;
}

const newRound = (atMs: number): Round => ({
  atMs,
  tookMs: [],
  waitMs: [],
  together: 0,
  isFew: true,
  hasRefused: false,
  isFull: false,
});

const middleOf = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] as number;

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
