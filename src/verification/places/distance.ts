import type { Place } from "../primitives/evidence.ts";
import { arcTangent, quarterE7, square, unitVector } from "./vector.ts";

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

export const isPlace = ({ latitudeE7, longitudeE7 }: Place): boolean =>
  Number.isInteger(latitudeE7) &&
  Number.isInteger(longitudeE7) &&
  Math.abs(latitudeE7) <= quarterE7 &&
  Math.abs(longitudeE7) <= 2 * quarterE7;
