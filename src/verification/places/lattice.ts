import { type Face, plus, times } from "./icosahedron.ts";
import { unit, type Vector } from "./vector.ts";

/**
 * A point of the hexagonal lattice of a face: i, j and k count steps along three axes 120 degrees apart, the least of
 * them is 0.
 */
export interface Step {
  readonly i: number;
  readonly j: number;
  readonly k: number;
}

export const stepOf = (i: number, j: number, k: number): Step => {
  const least = Math.min(i, j, k);
  return { i: i - least, j: j - least, k: k - least };
};

export const minus = (a: Step, b: Step): Step => stepOf(a.i - b.i, a.j - b.j, a.k - b.k);
export const and = (a: Step, b: Step): Step => stepOf(a.i + b.i, a.j + b.j, a.k + b.k);

/** A sixth of a turn, anticlockwise. */
export const turned = ({ i, j, k }: Step): Step => stepOf(i + k, i + j, j + k);

/** How many cells lie between: the number of steps to it. */
export const lengthOf = ({ i, j, k }: Step): number => Math.max(i, j, k);

/** The lattice of every second resolution is turned against the one before, and each is finer by the root of seven. */
export const isTurned = (resolution: number): boolean => resolution % 2 === 1;

/** The cell of the coarser lattice in which a point lies: by whole numbers alone. */
export function coarser({ i, j, k }: Step, isFromTurned: boolean): Step {
  const [a, b] = [i - k, j - k];
  return isFromTurned
    ? stepOf(Math.round((3 * a - b) / 7), Math.round((a + 2 * b) / 7), 0)
    : stepOf(Math.round((2 * a + b) / 7), Math.round((3 * b - a) / 7), 0);
}

/** The middle of a cell in the finer lattice. */
export const finer = ({ i, j, k }: Step, isToTurned: boolean): Step =>
  isToTurned ? stepOf(3 * i + j, 3 * j + k, i + 3 * k) : stepOf(3 * i + k, i + 3 * j, j + 3 * k);

/** The distance of neighbouring cells of resolution 0 on the plane that touches a face in its centre. */
const spacing = 0.381966011250105;
const rootOf3 = Math.sqrt(3);
/** By how much the turned lattices are turned: the sine is the root of 3/28. */
const turnSine = Math.sqrt(3 / 28);
const turnCosine = Math.sqrt(25 / 28);

/** By resolution. */
const scales: readonly number[] = Array.from({ length: 16 }, (_, resolution) => scaleOf(resolution));

function scaleOf(resolution: number): number {
  let scale = isTurned(resolution) ? spacing / Math.sqrt(7) : spacing;
  for (let r = 2; r <= resolution; r += 2) scale /= 7;
  return scale;
}

/** The point of a face's lattice next to where a direction meets its plane. */
export function stepTowards({ centre, ahead, left }: Face, direction: Vector, resolution: number): Step {
  const depth = direction.x * centre.x + direction.y * centre.y + direction.z * centre.z;
  const scale = depth * (scales[resolution] as number);
  const x = (direction.x * ahead.x + direction.y * ahead.y + direction.z * ahead.z) / scale;
  const y = (direction.x * left.x + direction.y * left.y + direction.z * left.z) / scale;
  return isTurned(resolution)
    ? nearestStep(x * turnCosine + y * turnSine, y * turnCosine - x * turnSine)
    : nearestStep(x, y);
}

/** Three coordinates that sum to nothing, each rounded; the one that was rounded most follows from the others. */
function nearestStep(x: number, y: number): Step {
  const b = (2 * y) / rootOf3;
  const a = x + y / rootOf3;
  const [q, r, s] = [a, b - a, -b];
  let [wholeQ, wholeS] = [Math.round(q), Math.round(s)];
  const wholeR = Math.round(r);
  const [offQ, offR, offS] = [Math.abs(wholeQ - q), Math.abs(wholeR - r), Math.abs(wholeS - s)];
  if (offQ > offR && offQ > offS) wholeQ = -wholeR - wholeS;
  else if (offS >= offR) wholeS = -wholeQ - wholeR;
  return stepOf(wholeQ, -wholeS, 0);
}

/** Where a point of a face's lattice lies on the sphere. */
export function directionOf({ centre, ahead, left }: Face, { i, j, k }: Step, resolution: number): Vector {
  const scale = scales[resolution] as number;
  const [a, b] = [i - k, j - k];
  const [x, y] = [a - b / 2, (b * rootOf3) / 2];
  const [alongX, alongY] = isTurned(resolution)
    ? [x * turnCosine - y * turnSine, x * turnSine + y * turnCosine]
    : [x, y];
  return unit(plus(centre, plus(times(ahead, alongX * scale), times(left, alongY * scale))));
}
