import { describe, expect, it } from "vitest";
import { Line, Room } from "./room.ts";

const aimMs = 30;

interface Answered {
  readonly atMs: number;
  readonly tookMs: number;
}

interface Waiting {
  readonly atMs: number;
  readonly ticket: NonNullable<ReturnType<Line["enter"]>>;
}

/** A server that answers in batches, at a time that the test turns: a fixed part of each, and one for each request. */
class Served {
  readonly line = new Line(aimMs);
  readonly answered: Answered[] = [];
  readonly refused: number[] = [];
  fixedMs = 4;
  eachMs = 0.25;
  #waiting: Waiting[] = [];
  #batch: Waiting[] = [];
  #endsAtMs = 0;
  #nowMs = 0;

  /** Requests at an even pace, so many a millisecond. */
  run(forMs: number, perMs: number): void {
    const until = this.#nowMs + forMs;
    for (let due = 0; this.#nowMs < until; this.#nowMs++) {
      this.#serve();
      for (due += perMs; due >= 1; due--) this.#ask();
    }
  }

  /** It stands still for a while, as behind a slow disk, and is asked as before. */
  pause(forMs: number, perMs: number): void {
    this.#endsAtMs = Math.max(this.#endsAtMs, this.#nowMs) + forMs;
    this.run(forMs, perMs);
  }

  #ask(): void {
    const ticket = this.line.enter(this.#nowMs);
    if (ticket === null) this.refused.push(this.#nowMs);
    else this.#waiting.push({ atMs: this.#nowMs, ticket });
  }

  #serve(): void {
    if (this.#nowMs < this.#endsAtMs) return;
    for (const { atMs, ticket } of this.#batch) {
      this.line.leave(ticket, this.#nowMs, true);
      this.answered.push({ atMs, tookMs: this.#nowMs - atMs });
    }
    this.#batch = this.#waiting.splice(0).filter(({ ticket }) => {
      const isLate = this.line.turnsAway(ticket, this.#nowMs);
      if (isLate) this.line.leave(ticket, this.#nowMs, false);
      if (isLate) this.refused.push(this.#nowMs);
      return !isLate;
    });
    this.#endsAtMs = this.#nowMs + (this.#batch.length === 0 ? 0 : this.fixedMs + this.eachMs * this.#batch.length);
  }

  get nowMs(): number {
    return this.#nowMs;
  }
}

const since = (served: Served, fromMs: number) => served.answered.filter(({ atMs }) => atMs >= fromMs);
const refusedSince = (served: Served, fromMs: number) => served.refused.filter((atMs) => atMs >= fromMs);
const p99 = (answered: readonly Answered[]): number =>
  answered.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)[Math.floor(answered.length * 0.99)] as number;

describe("a line", () => {
  it("turns nobody away that it can serve, in bursts neither", () => {
    const served = new Served();
    served.run(2_000, 0.2);
    for (let i = 0; i < 20; i++) {
      served.run(1, 60);
      served.run(100, 0.1);
    }
    expect(served.refused).toEqual([]);
  });

  it.each([2, 4, 10])(
    "keeps short what it lets in at %i times what it can serve, and serves as much as ever",
    (times) => {
      const served = new Served();
      served.run(500, 1);
      const from = served.nowMs;
      served.run(3_000, 4 * times);
      expect(served.refused.length).toBeGreaterThan(0);
      const late = since(served, from);
      expect(p99(late)).toBeLessThanOrEqual(100);
      // Of four in batches without end.
      expect(late.length / 3_000).toBeGreaterThan(2.5);
    },
  );

  /** Of what a line without end would serve in batches that take as long as the longest wait. */
  const perMs = (fixedMs: number, eachMs: number): number => (100 - 2 * fixedMs) / eachMs / 100;

  it.each([5, 10, 20].flatMap((fixedMs) => [2, 4].map((times) => ({ fixedMs, times }))))(
    "keeps short what it lets in where a commit takes $fixedMs ms, at $times times of it, and is itself again at once",
    ({ fixedMs, times }) => {
      const served = new Served();
      served.fixedMs = fixedMs;
      const most = perMs(fixedMs, served.eachMs);
      served.run(1_000, most / 2);
      const from = served.nowMs;
      served.run(4_000, times * most);
      const late = since(served, from);
      expect(p99(late)).toBeLessThanOrEqual(100);
      expect(late.length / 4_000).toBeGreaterThan(most / 3);
      const after = served.nowMs;
      served.run(2_000, most / 3);
      expect(refusedSince(served, after + 100)).toEqual([]);
    },
  );

  it("keeps its room where pauses come at half of what it can serve, and turns few away", () => {
    const served = new Served();
    served.run(3_000, 12);
    const from = served.nowMs;
    for (let i = 0; i < 20; i++) {
      served.pause(50 + 10 * (i % 10), 1.5);
      served.run(600, 1.5);
    }
    const turnedAway = refusedSince(served, from).length;
    // A seventh of them came in pauses, most of those when what fits was there.
    expect(turnedAway / (1.5 * (served.nowMs - from))).toBeLessThan(0.1);
  });

  it("lets everybody in again as soon as there is room", () => {
    const served = new Served();
    served.run(2_000, 20);
    served.run(100, 1);
    const from = served.nowMs;
    served.run(1_000, 1);
    expect(refusedSince(served, from)).toEqual([]);
  });

  it.each([2, 4, 10])("lets in whole half of what it can serve within 50 ms after %i times of it", (times) => {
    const served = new Served();
    served.run(3_000, 4 * times);
    const from = served.nowMs;
    served.run(3_000, 2);
    expect(refusedSince(served, from + 50)).toEqual([]);
  });

  it("turns nobody away any more when a pause of 100 ms is over, after an overload too", () => {
    const served = new Served();
    served.run(2_000, 16);
    served.run(1_000, 2);
    for (let i = 0; i < 10; i++) {
      served.pause(100, 2);
      const from = served.nowMs;
      served.run(600, 2);
      expect(refusedSince(served, from + 100)).toEqual([]);
    }
  });

  it("serves as much as the pauses leave where they come again and again at four times of what it can serve", () => {
    const served = new Served();
    served.run(1_000, 16);
    const from = served.nowMs;
    for (let i = 0; i < 20; i++) {
      served.pause(60, 16);
      served.run(240, 16);
    }
    // Of 3.6 a millisecond there are 2.9 at most.
    expect(since(served, from).length / (served.nowMs - from)).toBeGreaterThan(2);
    expect(p99(since(served, from))).toBeLessThanOrEqual(150);
  });

  it("does not strive for what is out of reach: where few take as long, more are let in", () => {
    const served = new Served();
    served.run(1_000, 8);
    served.fixedMs = 60;
    served.run(3_000, 8);
    const from = served.nowMs;
    served.run(3_000, 8);
    const late = since(served, from);
    // Few would be four in sixty milliseconds.
    expect(late.length / 3_000).toBeGreaterThan(0.3);
    expect(p99(late)).toBeLessThanOrEqual(300);
  });

  it("learns that the same has become slower", () => {
    const served = new Served();
    served.run(1_000, 3);
    served.eachMs = 2;
    served.run(1_000, 3);
    const from = served.nowMs;
    served.run(2_000, 3);
    expect(p99(since(served, from))).toBeLessThanOrEqual(100);
  });

  it("does not take a slow disk for a queue", () => {
    const served = new Served();
    served.fixedMs = 200;
    served.eachMs = 0.1;
    served.run(5_000, 0.002);
    // At first it has not yet seen so many at a time.
    served.run(2_000, 0.3);
    const from = served.nowMs;
    served.run(3_000, 0.3);
    expect(refusedSince(served, from)).toEqual([]);
  });

  it("takes in nobody more while nothing moves, and everybody soon after", () => {
    const line = new Line(aimMs);
    const first = line.enter(0);
    if (first !== null) line.leave(first, 5, true);
    const stuck = [10, 20, 159].map((atMs) => line.enter(atMs));
    expect(stuck.every((ticket) => ticket !== null)).toBe(true);
    expect([line.enter(161), line.enter(5_000)]).toEqual([null, null]);
    for (const ticket of stuck) if (ticket !== null) line.leave(ticket, 5_001, true);
    expect(line.enter(5_002)).not.toBeNull();
  });

  it("does not take it for that when the process itself stood still", () => {
    const line = new Line(aimMs);
    const first = line.enter(0);
    if (first !== null) line.leave(first, 5, true);
    expect(line.enter(10)).not.toBeNull();
    // Both came at 150 at the earliest, when the one before had been inside for as long as that is nothing.
    expect([line.enter(500, 350), line.enter(500, 350)]).not.toContain(null);
    expect(line.enter(500, 200)).toBeNull();
  });

  it("answers 99 of 100 in time under any load, though it stands still for a while each four seconds", () => {
    for (const times of [2, 4, 10]) {
      const served = new Served();
      served.run(2_000, 2 * times);
      const from = served.nowMs;
      for (const pauseMs of [100, 200, 150]) {
        served.run(4_000 - pauseMs, 2 * times);
        served.pause(pauseMs, 2 * times);
      }
      served.run(500, 2 * times);
      expect(p99(since(served, from))).toBeLessThanOrEqual(60);
    }
  });

  it("calls nobody late where nobody is turned away, or who came a moment ago", () => {
    const line = new Line(aimMs);
    const first = line.enter(0) as Waiting["ticket"];
    expect(line.turnsAway(first, 10_000)).toBe(false);
    const others = Array.from({ length: 200 }, () => line.enter(10_000));
    expect(others).toContain(null);
    expect([line.turnsAway(first, 10_000), line.turnsAway(others[0] as Waiting["ticket"], 10_000 + aimMs)]).toEqual([
      true,
      false,
    ]);
    expect(line.turnsAway(others[0] as Waiting["ticket"], 10_001 + aimMs)).toBe(true);
    expect(line.turnsAway(first, 10_202 + aimMs)).toBe(false);
  });

  it("lets nobody in while all are inside far too long, and is open where only one hangs", () => {
    const goingOn = new Line(aimMs);
    expect(goingOn.enter(0)).not.toBeNull();
    for (let atMs = 10; atMs < 1_000; atMs += 10) {
      const ticket = goingOn.enter(atMs);
      expect(ticket).not.toBeNull();
      if (ticket !== null) goingOn.leave(ticket, atMs + 5, true);
    }
    const slow = new Line(aimMs);
    const first = slow.enter(0);
    if (first !== null) slow.leave(first, 5, true);
    const inside = Array.from({ length: 60 }, () => slow.enter(1_000));
    const [one, ...others] = inside;
    if (one) slow.leave(one, 1_300, true);
    expect(slow.enter(1_301)).toBeNull();
    for (const ticket of others) if (ticket) slow.leave(ticket, 1_310, true);
    expect(slow.enter(1_311)).not.toBeNull();
  });

  it("does not take what few wait in a crowd for what they take by themselves", () => {
    const served = new Served();
    served.run(1_000, 8);
    served.fixedMs = 300;
    served.run(5_000, 8);
    served.fixedMs = 4;
    served.eachMs = 2;
    served.run(1_000, 8);
    const from = served.nowMs;
    served.run(3_000, 8);
    expect(p99(since(served, from))).toBeLessThanOrEqual(300);
  });

  it("grows again from one at a time", () => {
    const served = new Served();
    served.fixedMs = 2_000;
    served.run(10_000, 5);
    served.fixedMs = 4;
    served.run(5_000, 1);
    const from = served.nowMs;
    served.run(1_000, 1);
    expect(refusedSince(served, from)).toEqual([]);
  });

  /** As many as are let in every hundred milliseconds, and how many there were each time. */
  const crowds = (line: Line, count: number, tookMs: (size: number, i: number) => number, delayMs = 0) =>
    Array.from({ length: count }, (_, i) => {
      const atMs = 1_000 + i * 100;
      const inside = Array.from({ length: 1_000 }, () => line.enter(atMs, delayMs)).filter((ticket) => ticket !== null);
      for (const ticket of inside) line.leave(ticket, atMs + tookMs(inside.length, i), true);
      return inside.length;
    });

  it("does not hold a pause against its room, but what comes again and again", () => {
    const paused = crowds(new Line(aimMs), 20, (size, i) => (i === 9 ? 90 : size / 2));
    expect(Math.min(...paused.slice(10))).toBeGreaterThan(0.7 * Math.min(...paused.slice(5, 9)));
    const slow = crowds(new Line(aimMs), 30, (size) => 1.25 * size);
    // Twenty-four take thirty milliseconds, and more fit where fewer are turned away.
    expect(Math.max(...slow.slice(10))).toBeLessThan(36);
    expect(Math.min(...slow.slice(10))).toBeGreaterThan(16);
  });

  it("is not short for leaving all at once: at half of what it can serve hardly anybody is turned away after an overload", () => {
    const served = new Served();
    // A commit of ten milliseconds takes a line of thirty that is judged by what is served alone for a full one.
    served.fixedMs = 10;
    const most = perMs(10, served.eachMs);
    served.run(2_000, 2 * most);
    served.run(500, most / 2);
    const from = served.nowMs;
    served.run(5_000, most / 2);
    expect(refusedSince(served, from).length / (5_000 * (most / 2))).toBeLessThan(0.02);
  });

  it("counts what a request waited before it was read", () => {
    // Where thirty are allowed, fifty of them have half a millisecond each, however long they lay, and fifty-five after up to five.
    const sizeOf = (delayMs: number): number => {
      const late = crowds(new Line(aimMs), 60, (size) => size / 2, delayMs).slice(20);
      return late.reduce((sum, size) => sum + size, 0) / late.length;
    };
    expect(Math.abs(sizeOf(30) - 50)).toBeLessThan(4);
    expect(Math.abs(sizeOf(5) - 55)).toBeLessThan(4);
  });

  it("forgets within a second what it could do when it was quicker", () => {
    const sizes = crowds(new Line(aimMs), 30, (size, i) => (i < 15 ? size / 8 : size));
    expect(Math.min(...sizes.slice(10, 15))).toBeGreaterThan(200);
    expect(Math.max(...sizes.slice(25))).toBeLessThan(80);
  });

  it("does not let in fewer and fewer because reading them takes long", () => {
    // Twenty milliseconds for any commit, and reading takes longer than anybody should wait.
    const sizes = crowds(new Line(aimMs), 61, (size) => 10 + size / 4, 200).slice(20);
    expect(sizes.toSorted((a, b) => a - b)[20]).toBeGreaterThan(40);
  });

  it("looks for how long it takes by itself for a second at most", () => {
    const line = new Line(aimMs);
    const hanging = Array.from({ length: 5 }, () => line.enter(0));
    const sizes = crowds(line, 20, () => 90);
    expect(Math.min(...sizes)).toBe(0);
    expect(hanging).not.toContain(null);
    expect(Math.max(...sizes.slice(-3))).toBeGreaterThan(0);
  });

  it("does not take a delay before a request was read for what the request takes by itself", () => {
    const line = new Line(aimMs);
    for (let i = 0; i < 40; i++) {
      const alone = line.enter(i * 1_000, 500);
      if (alone !== null) line.leave(alone, i * 1_000 + 5, true);
    }
    const stuck = Array.from({ length: 4 }, () => line.enter(50_000));
    expect(stuck).not.toContain(null);
    // Five times the aim later, not five times as long as half a second allows.
    expect(line.enter(50_000 + 5 * aimMs + 1)).toBeNull();
  });

  it("lets in whoever finds nobody, whatever it has learned", () => {
    const line = new Line(aimMs);
    for (let i = 0; i < 100; i++) {
      const ticket = line.enter(i * 10_000);
      expect(ticket).not.toBeNull();
      if (ticket !== null) line.leave(ticket, i * 10_000 + 9_000, true);
    }
  });

  it("learns nothing from what did not go the whole way", () => {
    const line = new Line(aimMs);
    for (let i = 0; i < 1_000; i++) {
      const tickets = Array.from({ length: 64 }, () => line.enter(i));
      for (const ticket of tickets) if (ticket !== null) line.leave(ticket, i, false);
    }
    const entered = Array.from({ length: 200 }, () => line.enter(2_000)).filter((ticket) => ticket !== null);
    // And three quarters as many where nobody was turned away before.
    expect(entered).toHaveLength(112);
  });
});

describe("the room of a process", () => {
  it("keeps lines apart", () => {
    const room = new Room(() => 0);
    const full = Array.from({ length: 150 }, () => room.enter("a", aimMs));
    expect(full.at(-1)).toBeNull();
    expect(room.enter("b", aimMs)).not.toBeNull();
  });

  it("remembers few names, and never forgets who is inside", () => {
    const room = new Room(() => 0);
    const full = Array.from({ length: 150 }, () => room.enter("a", aimMs));
    for (let i = 0; i < 5_000; i++) room.enter(`${i}`, aimMs)?.leave(true);
    expect(room.enter("a", aimMs)).toBeNull();
    for (const visit of full) visit?.leave(true);
    expect(room.enter("a", aimMs)).not.toBeNull();
  });
});
