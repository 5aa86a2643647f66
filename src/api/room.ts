/** One request that was let in. */
interface Ticket {
  readonly atMs: number;
  /** How long it may have lain there before anybody looked at it. */
  readonly delayMs: number;
  /** How many were under way when it came. */
  readonly found: number;
}

/** So many may be under way before anything was measured. */
const firstRoom = 64;
/** At least this share of the aim is for being inside, however long requests had lain there before they were read. */
const insideShareMin = 5 / 6;
/** So few hardly wait for one another: what they take is what it takes by itself. */
const few = 4;
/** A stretch is as long as that; where fewer left in it, it goes on, up to the second. */
const stretchMs = 200;
const leftMin = 12;
const stretchMsMax = 1_000;
/** A single pause does not fall into so many stretches one after the other. */
const stretchesKept = 3;
/** Where nobody was turned away for so long, so many times as many fit: after a pause they come at once. */
const calmMs = 200;
const calmTimes = 1.75;
/** Where they wait less than they may, and at most so many were turned away for each that was served, more of them fit. */
const refusedShareMax = 1 / 2;
const spareTimesMax = 1.75;
/** What takes long by itself, such as a word with the chain, may take so many times as long among others. */
const restTimes = 3;
/** What few show while others are turned away is the machine's load as well: it allows no more than so many times the aim. */
const crowdedTimes = 5;
/** Where all wait so many aims, few are let in for at most a second to see that, if it was not seen for so long. */
const longTimes = 1.5;
const restKeptMs = 5_000;
/** A line in which nothing moves for so many times what is allowed, or all are inside as long, lets nobody in. */
const stuckTimes = 5;

/**
 * The requests of one sort that are under way. There may be as many as the line serves within the aim: then they wait as long
 * as that, by Little's law. What it serves is measured while it is full, and the best of the last stretches counts: a pause
 * makes one of them worse, and is no reason to let in fewer. A line that does not fill, as at half of what it can do, turns
 * nobody away, whatever it has learned.
 */
export class Line {
  readonly #aimMs: number;
  readonly #inside = new Set<Ticket>();
  /** The last ones in which it was full. */
  #judged: Judged[] = [{ room: firstRoom, waitMs: 0 }];
  #stretch = new Stretch(Number.NEGATIVE_INFINITY);
  /** How long it takes by itself. */
  #restMs: number | null = null;
  /** Few are let in until then, or were, to see that. */
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #turnedAwayAtMs = Number.NEGATIVE_INFINITY;
  /** Up to when the time was counted in which anybody is inside. */
  #countedMs = 0;
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
    // Who came while the process itself stood still knows nothing of what became of the line meanwhile.
    const cameAtMs = nowMs - delayMs;
    const isResting = nowMs < this.#restUntilMs;
    const room = isResting ? few : this.#room();
    const isCalm = !isResting && cameAtMs - this.#turnedAwayAtMs > calmMs;
    if (found >= room) this.#stretch.isFull = true;
    if (found > 0 && (found >= (isCalm ? calmTimes * room : room) || this.#isStuck(cameAtMs))) {
      this.#noteTurnedAway(nowMs);
      return null;
    }
    if (found === 0) this.#countedMs = nowMs;
    const ticket = { atMs: nowMs, delayMs, found };
    this.#inside.add(ticket);
    return ticket;
  }

  /** Whether it has waited so long already, where others are turned away, that it is turned away as well. */
  turnsAway({ atMs, delayMs }: Ticket, nowMs: number): boolean {
    const isLate = nowMs - this.#turnedAwayAtMs <= calmMs && nowMs - atMs + delayMs > this.#waitMsMax();
    if (isLate) this.#noteTurnedAway(nowMs);
    return isLate;
  }

  /** `isMeasure`: whether it went the whole way, so that its time says something. */
  leave(ticket: Ticket, nowMs: number, isMeasure: boolean): void {
    this.#inside.delete(ticket);
    this.#stretch.busyMs += nowMs - this.#countedMs;
    this.#countedMs = nowMs;
    this.#movedAtMs = nowMs;
    this.#lastTookMs = nowMs - ticket.atMs;
    if (isMeasure) this.#learn(ticket, nowMs);
  }

  #noteTurnedAway(nowMs: number): void {
    this.#stretch.refused++;
    this.#turnedAwayAtMs = nowMs;
  }

  #room(): number {
    return Math.max(...this.#judged.map(({ room }) => room));
  }

  #waitMsMax(): number {
    return Math.max(this.#aimMs, restTimes * (this.#restMs ?? 0));
  }

  #isStuck(cameAtMs: number): boolean {
    const [oldest] = this.#inside;
    // What takes how long is known only when one has come back.
    if (oldest === undefined || this.#restMs === null) return false;
    const mostMs = stuckTimes * this.#waitMsMax();
    // One that hangs while others come and go is no reason; where they take as long, newcomers would too.
    const sinceMs = this.#lastTookMs > mostMs ? oldest.atMs : Math.max(oldest.atMs, this.#movedAtMs);
    return cameAtMs - sinceMs > mostMs;
  }

  #learn({ atMs, delayMs, found }: Ticket, nowMs: number): void {
    const stretch = this.#stretch;
    stretch.tookMs.push(nowMs - atMs);
    // They came evenly while the process was busy.
    stretch.delayMs += delayMs / 2;
    // Those who came behind it may have held it up as well.
    if (found >= few || this.#inside.size >= few) stretch.isFew = false;
    const isResting = nowMs < this.#restUntilMs;
    const isEmptied = isResting && !stretch.isFew && this.#inside.size < few;
    const ms = nowMs - stretch.atMs;
    const isOver = ms >= stretchMs && (stretch.tookMs.length >= leftMin || ms >= stretchMsMax);
    if (!isEmptied && !isOver) return;
    this.#stretch = new Stretch(nowMs);
    if (stretch.isFew) this.#rest(stretch, isResting || stretch.refused > 0, nowMs);
    if (stretch.isFull && !isResting) this.#judge(stretch, nowMs);
  }

  #rest({ tookMs }: Stretch, isCrowded: boolean, nowMs: number): void {
    const mostMs = isCrowded ? (crowdedTimes * this.#aimMs) / restTimes : Number.POSITIVE_INFINITY;
    this.#restMs = Math.min(quantile(tookMs, 1 / 4), mostMs);
    this.#restUntilMs = nowMs;
  }

  #judge({ tookMs, delayMs, busyMs, refused }: Stretch, nowMs: number): void {
    const left = tookMs.length;
    const waitMsMax = this.#waitMsMax();
    // What is busy turning others away must not let in ever fewer for it: each would pay nearly alone for a commit.
    const insideMs = Math.max(waitMsMax - delayMs / left, waitMsMax * insideShareMin);
    const waitMs = quantile(tookMs, 1 / 2) + delayMs / left;
    // They leave all at once, so that a line is now full and now empty: that alone makes it no shorter.
    const isMuch = refused > refusedShareMax * left;
    const spareTimes = isMuch ? 1 : Math.min(Math.max(1, waitMsMax / waitMs), spareTimesMax);
    const room = Math.max(few, (spareTimes * left * insideMs) / Math.max(1, busyMs));
    // Where all had room, it was not shown how much there is.
    if (refused === 0 && room < this.#room()) return;
    this.#judged = [...this.#judged, { room, waitMs }].slice(-stretchesKept);
    const isLong = this.#judged.every((each) => each.waitMs > longTimes * this.#aimMs);
    if (refused > 0 && isLong && nowMs - this.#restUntilMs > restKeptMs) this.#restUntilMs = nowMs + stretchMsMax;
  }
}

/** What was seen of those who left in some time. */
class Stretch {
  readonly atMs: number;
  readonly tookMs: number[] = [];
  /** What they waited before that, together. */
  delayMs = 0;
  /** As long as anybody was inside. */
  busyMs = 0;
  isFew = true;
  isFull = false;
  /** So many were turned away. */
  refused = 0;

  constructor(atMs: number) {
    this.atMs = atMs;
  }
}

interface Judged {
  /** So many fit. */
  readonly room: number;
  /** The middle one of them. */
  readonly waitMs: number;
}

/** The time that this share of them stayed below. */
const quantile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] as number;

/** Empty lines are kept up to this number for what they learned. */
const linesMax = 1_000;

/** A request that was let in. */
export interface Visit {
  /** To be asked when it would be begun: whether it has waited too long by now, and is turned away. */
  readonly isLate: () => boolean;
  /** To be called when it has been answered. `isMeasure`: it went the whole way, so that its time says something. */
  readonly leave: (isMeasure: boolean) => void;
}

/** The lines of a process, by name; one that is full does not hold up another. */
export class Room {
  readonly #lines = new Map<string, Line>();
  readonly #clock: () => number;

  /** `clock`: milliseconds that only grow. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Null where the request must be turned away. */
  enter(name: string, aimMs: number, delayMs = 0): Visit | null {
    const line = this.#lineOf(name, aimMs);
    const ticket = line.enter(this.#clock(), delayMs);
    if (ticket === null) return null;
    return {
      isLate: () => line.turnsAway(ticket, this.#clock()),
      leave: (isMeasure) => line.leave(ticket, this.#clock(), isMeasure),
    };
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
