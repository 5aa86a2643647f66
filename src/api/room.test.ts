import { describe, expect, it } from "vitest";
import { Line, Room } from "./room.ts";

const aimMs = 50;

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
    this.#batch = this.#waiting.splice(0);
    this.#endsAtMs = this.#nowMs + (this.#batch.length === 0 ? 0 : this.fixedMs + this.eachMs * this.#batch.length);
  }

  get nowMs(): number {
    return this.#nowMs;
  }
}

const since = (served: Served, fromMs: number) => served.answered.filter(({ atMs }) => atMs >= fromMs);
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
      expect(late.length / 3_000).toBeGreaterThan(3);
    },
  );

  it("lets everybody in again as soon as there is room", () => {
    const served = new Served();
    served.run(2_000, 20);
    served.run(100, 1);
    const from = served.nowMs;
    served.run(1_000, 1);
    expect(served.refused.filter((atMs) => atMs >= from)).toEqual([]);
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
    expect(served.refused.filter((atMs) => atMs >= from)).toEqual([]);
  });

  it("takes in nobody more while nothing moves, and everybody soon after", () => {
    const line = new Line(aimMs);
    const first = line.enter(0);
    if (first !== null) line.leave(first, 5, true);
    const stuck = [10, 20, 109].map((atMs) => line.enter(atMs));
    expect(stuck.every((ticket) => ticket !== null)).toBe(true);
    expect([line.enter(111), line.enter(5_000)]).toEqual([null, null]);
    for (const ticket of stuck) if (ticket !== null) line.leave(ticket, 5_001, true);
    expect(line.enter(5_002)).not.toBeNull();
  });

  it("grows again from one at a time", () => {
    const served = new Served();
    served.fixedMs = 2_000;
    served.run(10_000, 5);
    served.fixedMs = 4;
    served.run(5_000, 1);
    const from = served.nowMs;
    served.run(1_000, 1);
    expect(served.refused.filter((atMs) => atMs >= from)).toEqual([]);
  });

  it("holds one delay against its room once, however many it held up", () => {
    const line = new Line(aimMs);
    for (let i = 0; i < 10; i++) {
      const alone = line.enter(i * 10);
      if (alone !== null) line.leave(alone, i * 10 + 5, true);
    }
    const held = Array.from({ length: 60 }, () => line.enter(100));
    for (const ticket of held) if (ticket !== null) line.leave(ticket, 180, true);
    const after = Array.from({ length: 60 }, () => line.enter(181)).filter((ticket) => ticket !== null);
    expect(after.length).toBeGreaterThanOrEqual(32);
    expect(after.length).toBeLessThan(60);
  });

  it.each([
    ["counts what a request waited before it was read", 30, 32],
    ["leaves room where that and its own time are short", 5, 64],
  ] as const)("%s", (_, delayMs, room) => {
    const line = new Line(aimMs);
    for (let i = 0; i < 10; i++) {
      const alone = line.enter(i * 10);
      if (alone !== null) line.leave(alone, i * 10 + 5, true);
    }
    const inside = Array.from({ length: 64 }, () => line.enter(200, delayMs));
    // Sixty milliseconds in all, or thirty-five, where fifty are allowed.
    for (const ticket of inside) if (ticket !== null) line.leave(ticket, 230, true);
    const after = Array.from({ length: 200 }, () => line.enter(231)).filter((ticket) => ticket !== null);
    if (room === 32) expect(after.length).toBeLessThan(64);
    else expect(after.length).toBeGreaterThanOrEqual(64);
  });

  it("does not take a delay before a request was read for what the request takes by itself", () => {
    const line = new Line(aimMs);
    for (let i = 0; i < 40; i++) {
      const alone = line.enter(i * 1_000, 500);
      if (alone !== null) line.leave(alone, i * 1_000 + 5, true);
    }
    const stuck = Array.from({ length: 4 }, () => line.enter(50_000));
    expect(stuck).not.toContain(null);
    // Twice the aim later, not twice three times half a second.
    expect(line.enter(50_000 + 2 * aimMs + 1)).toBeNull();
  });

  it("is soon again near what was too much, and goes beyond it with care", () => {
    const line = new Line(aimMs);
    const round = (atMs: number, tookMs: number): number => {
      const inside = Array.from({ length: 1_000 }, () => line.enter(atMs)).filter((ticket) => ticket !== null);
      for (const ticket of inside) line.leave(ticket, atMs + tookMs, true);
      return inside.length;
    };
    for (let i = 0; i < 10; i++) {
      const alone = line.enter(i);
      if (alone !== null) line.leave(alone, i + 1, true);
    }
    const edge = round(100, 100);
    const sizes = Array.from({ length: 12 }, (_, i) => round(300 + i * 100, 25));
    expect(sizes[0]).toBe(edge / 2);
    expect(sizes[2]).toBeGreaterThan(0.7 * edge);
    expect(sizes.at(-1)).toBeLessThan(1.5 * edge);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
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
    expect(entered).toHaveLength(64);
  });
});

describe("the room of a process", () => {
  it("keeps lines apart", () => {
    const room = new Room(() => 0);
    const full = Array.from({ length: 100 }, () => room.enter("a", aimMs));
    expect(full.at(-1)).toBeNull();
    expect(room.enter("b", aimMs)).not.toBeNull();
  });

  it("remembers few names, and never forgets who is inside", () => {
    const room = new Room(() => 0);
    const full = Array.from({ length: 100 }, () => room.enter("a", aimMs));
    for (let i = 0; i < 5_000; i++) room.enter(`${i}`, aimMs)?.(true);
    expect(room.enter("a", aimMs)).toBeNull();
    for (const leave of full) leave?.(true);
    expect(room.enter("a", aimMs)).not.toBeNull();
  });
});
