// Real, whatever happens to the global one.
import { setImmediate as macrotask } from "node:timers";

interface Event {
  readonly atMs: number;
  readonly place: number;
  run: (() => void) | null;
}

/**
 * Time that passes only as far as the next thing that happens. One event runs at a time, with all that follows from it
 * at once; what comes at the same moment comes in the order in which it was asked for. So a run depends on its seed
 * alone.
 */
export class Scheduler {
  nowMs: number;
  events = 0;
  readonly #heap: Event[] = [];
  #place = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** Returns what takes it back. */
  after(delayMs: number, run: () => void): () => void {
    const event: Event = { atMs: this.nowMs + Math.max(delayMs, 0), place: this.#place++, run };
    this.#push(event);
    return () => {
      event.run = null;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** Until then, or until nothing is left to happen. */
  async runUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const event = this.#pop();
      if (event === null) return;
      if (event.run === null) continue;
      this.nowMs = event.atMs;
      this.events++;
      event.run();
      // All promises that this settled run on before the next macrotask.
      await new Promise<void>((resolve) => {
        macrotask(resolve);
      });
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.place < b.place);
