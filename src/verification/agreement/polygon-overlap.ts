import { million, sharePpm } from "./vote.ts";

/** How many lines are laid over the two polygons: areas are right to about a hundredth. */
const lines = 256;

/**
 * What two polygons share of their union, in parts per million. Their areas are measured along 256 horizontal lines,
 * half a step away from the upper and lower end of both together; along a line exactly, as far as IEEE division goes.
 * Clipping would be exact but breaks where edges touch or cross themselves; this has no such cases: what is inside is
 * what an even-odd fill paints.
 *
 * @param one x and y of each vertex in turn
 */
export function polygonOverlapPpm(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [boundsOf(one), boundsOf(other)];
  const isApart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  if (isApart) return 0;
  if (isEqual(one, other)) return million;
  const top = Math.min(a.top, b.top);
  const step = (Math.max(a.bottom, b.bottom) - top) / lines;
  const [mine, theirs] = [new Float64Array(one.length / 2), new Float64Array(other.length / 2)];
  let shared = 0;
  let covered = 0;
  for (let i = 0; i < lines; i++) {
    const y = top + (i + 0.5) * step;
    const [inMine, inTheirs] = [cross(one, y, mine), cross(other, y, theirs)];
    const both = lengthOfBoth(mine, inMine, theirs, inTheirs);
    shared += both;
    covered += lengthOf(mine, inMine) + lengthOf(theirs, inTheirs) - both;
  }
  return shared <= 0 ? 0 : sharePpm(shared, covered);
}

const isEqual = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((each, i) => each === other[i]);

function boundsOf(points: readonly number[]) {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] as number, points[i + 1] as number];
    bounds.left = Math.min(bounds.left, x);
    bounds.right = Math.max(bounds.right, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}

/**
 * Where a line crosses the edges, from left to right: in and out by turns. An edge has its upper end but not its lower.
 *
 * @param crossed is written to
 * @returns how many there are
 */
function cross(points: readonly number[], y: number, crossed: Float64Array): number {
  let count = 0;
  let x0 = points[points.length - 2] as number;
  let y0 = points[points.length - 1] as number;
  for (let i = 0; i < points.length; i += 2) {
    const x1 = points[i] as number;
    const y1 = points[i + 1] as number;
    if (y0 <= y !== y1 <= y) {
      // From its upper end, so that an edge of both polygons is crossed at one place whichever way it is drawn.
      const x = y0 < y1 ? x0 + ((y - y0) * (x1 - x0)) / (y1 - y0) : x1 + ((y - y1) * (x0 - x1)) / (y0 - y1);
      let at = count++;
      for (; at > 0 && (crossed[at - 1] as number) > x; at--) crossed[at] = crossed[at - 1] as number;
      crossed[at] = x;
    }
    x0 = x1;
    y0 = y1;
  }
  return count;
}

function lengthOf(crossed: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 2) sum += (crossed[i + 1] as number) - (crossed[i] as number);
  return sum;
}

function lengthOfBoth(one: Float64Array, inOne: number, other: Float64Array, inOther: number): number {
  let sum = 0;
  let first = 0;
  for (let i = 0; i < inOne; i += 2) {
    const from = one[i] as number;
    const to = one[i + 1] as number;
    while (first < inOther && (other[first + 1] as number) <= from) first += 2;
    for (let k = first; k < inOther && (other[k] as number) < to; k += 2) {
      sum += Math.max(Math.min(to, other[k + 1] as number) - Math.max(from, other[k] as number), 0);
    }
  }
  return sum;
}
