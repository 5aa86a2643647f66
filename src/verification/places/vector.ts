import type { Place } from "../primitives/evidence.ts";

/**
 * Trigonometry from additions, multiplications, divisions and square roots alone: IEEE 754 fixes those to the bit, so that
 * every engine gives the same.
 */
export const degreesE7 = 10_000_000;
export const quarterE7 = 90 * degreesE7;

/** On the unit sphere, unless it says otherwise. */
export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export function unitVector({ latitudeE7, longitudeE7 }: Place): Vector {
  const toAxis = cosine(latitudeE7);
  return { x: toAxis * cosine(longitudeE7), y: toAxis * sine(longitudeE7), z: sine(latitudeE7) };
}

export const square = (x: number): number => x * x;

const cosine = (angleE7: number): number => sine(angleE7 + quarterE7);

/** Of an angle in ten-millionths of a degree: reduced to an eighth of a turn in integers, so without error. */
function sine(angleE7: number): number {
  const turn = 4 * quarterE7;
  const angle = ((angleE7 % turn) + turn) % turn;
  if (angle >= 2 * quarterE7) return -sine(angle - 2 * quarterE7);
  const acute = Math.min(angle, 2 * quarterE7 - angle);
  return acute <= quarterE7 / 2 ? series(radians(acute), 1) : series(radians(quarterE7 - acute), 0);
}

const radians = (angleE7: number): number => angleE7 * (Math.PI / (2 * quarterE7));

/** Taylor's series of the sine (from the first power) or cosine (from the zeroth), to 17 digits up to π/4. */
function series(x: number, first: 0 | 1): number {
  let term = first === 1 ? x : 1;
  let sum = term;
  for (let n = first + 1; n < first + 18; n += 2) {
    term = (-term * x * x) / (n * (n + 1));
    sum += term;
  }
  return sum;
}

/** Of 0 to 1: halves the angle twice, then Gregory's series. */
export function arcTangent(tangent: number): number {
  const quarter = halfTangent(halfTangent(tangent));
  const squared = quarter * quarter;
  let power = quarter;
  let sum = quarter;
  for (let n = 3; n <= 25; n += 2) {
    power *= -squared;
    sum += power / n;
  }
  return 4 * sum;
}

const halfTangent = (tangent: number): number => tangent / (1 + Math.sqrt(1 + tangent * tangent));

/** As long as one. */
export function unit({ x, y, z }: Vector): Vector {
  const length = Math.sqrt(x * x + y * y + z * z);
  return { x: x / length, y: y / length, z: z / length };
}

/** The place that a direction points at; its length does not matter. */
export function placeAt({ x, y, z }: Vector): Place {
  return { latitudeE7: angleOf(z, Math.sqrt(x * x + y * y)), longitudeE7: angleOf(y, x) };
}

/** The angle of the direction (x, y) to the first axis, to the ten-millionth of a degree. */
function angleOf(y: number, x: number): number {
  const [far, near] = [Math.abs(x), Math.abs(y)];
  if (far === 0 && near === 0) return 0;
  const acute = near <= far ? arcTangent(near / far) : Math.PI / 2 - arcTangent(far / near);
  const angle = x >= 0 ? acute : Math.PI - acute;
  const rounded = Math.round(angle * ((2 * quarterE7) / Math.PI));
  return y < 0 && rounded !== 0 ? -rounded : rounded;
}
