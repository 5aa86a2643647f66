import type { TextStore } from "./text-store.ts";

/** A part of the order whose texts are the same up to a depth. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** What fewer texts are sorted by insertion. */
const fewTexts = 16;
/** A key is a byte and 1, or 0 where the text has ended. */
const keys = 257;

/** The numbers of texts in the order of their bytes: sorted by one byte after the other, the first one first. */
export function orderOfTexts(store: TextStore): Int32Array {
  const order = Int32Array.from({ length: store.length }, (_, index) => index);
  const other = new Int32Array(order.length);
  const starts = new Int32Array(keys + 1);
  const ranges: Range[] = [{ from: 0, to: order.length, depth: 0 }];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    if (range.to - range.from < fewTexts) insertInOrder(store, order, range);
    else distribute(store, order, other, starts, range, ranges);
  }
  return order;
}

function distribute(
  store: TextStore,
  order: Int32Array,
  other: Int32Array,
  starts: Int32Array,
  { from, to, depth }: Range,
  ranges: Range[],
): void {
  starts.fill(0);
  for (let i = from; i < to; i++) {
    const key = store.keyAt(order[i] as number, depth);
    starts[key + 1] = (starts[key + 1] as number) + 1;
  }
  for (let key = 0; key < keys; key++) {
    const first = starts[key] as number;
    const count = starts[key + 1] as number;
    // Texts that have ended are all one.
    if (key > 0 && count > 1) ranges.push({ from: from + first, to: from + first + count, depth: depth + 1 });
    if (count === to - from) return;
    starts[key + 1] = first + count;
  }
  for (let i = from; i < to; i++) {
    const key = store.keyAt(order[i] as number, depth);
    other[from + (starts[key] as number)] = order[i] as number;
    starts[key] = (starts[key] as number) + 1;
  }
  order.set(other.subarray(from, to), from);
}

function insertInOrder(store: TextStore, order: Int32Array, { from, to, depth }: Range): void {
  for (let i = from + 1; i < to; i++) {
    const index = order[i] as number;
    let at = i;
    for (; at > from && isBefore(store, index, order[at - 1] as number, depth); at--)
      order[at] = order[at - 1] as number;
    order[at] = index;
  }
}

function isBefore(store: TextStore, a: number, b: number, depth: number): boolean {
  for (let at = depth; ; at++) {
    const [x, y] = [store.keyAt(a, at), store.keyAt(b, at)];
    if (x !== y) return x < y;
    if (x === 0) return false;
  }
}
