import type { Place } from "./evidence.ts";

/**
 * Great-circle distance on the sphere of the Earth's mean radius, from additions, multiplications, divisions and square
 * roots alone: IEEE 754 fixes those to the bit. The angle is Kahan's 2 atan2(|u − v|, |u + v|) between unit vectors
 * ("How Futile are Mindless Assessments of Roundoff", 2006, section 12), which keeps its accuracy for points that coincide and for
 * antipodes, where the haversine loses it.
 *
 * Error: below 1 mm of the sphere's distance. The sphere itself differs from the WGS 84 ellipsoid by up to 0.56 % of a
 * distance, so limits should leave that much room.
 */
export function distanceMm(a: Place, b: Place): number {
  const u = unitVector(a);
  const v = unitVector(b);
  const apart = Math.sqrt(square(u.x - v.x) + square(u.y - v.y) + square(u.z - v.z));
  const together = Math.sqrt(square(u.x + v.x) + square(u.y + v.y) + square(u.z + v.z));
  const angle = apart <= together ? 2 * arcTangent(apart / together) : Math.PI - 2 * arcTangent(together / apart);
  return Math.round(earthRadiusMm * angle);
}

/** R1 of the IUGG: (2 a + b) / 3 of the ellipsoid (H. Moritz, Geodetic Reference System 1980). */
const earthRadiusMm = 6_371_008_771;

export const degreesE7 = 10_000_000;
const quarterE7 = 90 * degreesE7;

export const isPlace = ({ latitudeE7, longitudeE7 }: Place): boolean =>
  Number.isInteger(latitudeE7) &&
  Number.isInteger(longitudeE7) &&
  Math.abs(latitudeE7) <= quarterE7 &&
  Math.abs(longitudeE7) <= 2 * quarterE7;

interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

function unitVector({ latitudeE7, longitudeE7 }: Place): Vector {
  const toAxis = cosine(latitudeE7);
  return { x: toAxis * cosine(longitudeE7), y: toAxis * sine(longitudeE7), z: sine(latitudeE7) };
}

const square = (x: number): number => x * x;

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
function arcTangent(tangent: number): number {
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
