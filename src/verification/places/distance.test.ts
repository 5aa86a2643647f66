import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeOf } from "../algebra/testing.ts";
import type { Place } from "../primitives/evidence.ts";
import { distanceMm, isPlace } from "./distance.ts";

const radiusMm = 6_371_008_771;
const far = (lat1: number, lon1: number, lat2: number, lon2: number): number =>
  distanceMm(placeOf(lat1, lon1), placeOf(lat2, lon2));

/** The haversine with the engine's own functions: the plain reference. */
function haversineMm(a: Place, b: Place): number {
  const radians = (e7: number): number => (e7 / 1e7) * (Math.PI / 180);
  const latitude = Math.sin(radians(b.latitudeE7 - a.latitudeE7) / 2) ** 2;
  const longitude = Math.sin(radians(b.longitudeE7 - a.longitudeE7) / 2) ** 2;
  const h = latitude + Math.cos(radians(a.latitudeE7)) * Math.cos(radians(b.latitudeE7)) * longitude;
  return 2 * radiusMm * Math.asin(Math.sqrt(Math.min(h, 1)));
}

const place = fc.record({
  latitudeE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
  longitudeE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
});

describe("distanceMm", () => {
  it("gives the arcs that need no table", () => {
    expect(far(0, 0, 0, 0)).toBe(0);
    expect(far(0, 0, 0, 1)).toBe(Math.round((radiusMm * Math.PI) / 180));
    expect(far(0, 0, 90, 0)).toBe(Math.round((radiusMm * Math.PI) / 2));
    expect(far(90, 0, -90, 0)).toBe(Math.round(radiusMm * Math.PI));
    expect(far(0, 0, 0, 180)).toBe(Math.round(radiusMm * Math.PI));
    expect(far(45, 0, 45, 180)).toBe(Math.round((radiusMm * Math.PI) / 2));
  });

  it.each([
    // Great-circle distances in km on the mean sphere, as airline tables give them.
    ["London to New York", 51.4775, -0.461389, 40.639722, -73.778889, 5_540],
    ["Sydney to Santiago", -33.946111, 151.177222, -33.392778, -70.785556, 11_346],
    ["Nashville to Los Angeles", 36.12, -86.67, 33.94, -118.4, 2_886],
    ["Berlin to Paris", 52.516667, 13.388889, 48.856667, 2.351944, 877],
  ])("%s", (_, lat1, lon1, lat2, lon2, km) => {
    expect(Math.abs(far(lat1, lon1, lat2, lon2) / 1e6 - km) / km).toBeLessThan(0.003);
  });

  it("crosses the antimeridian by the short way", () => {
    expect(far(0, 179.9999999, 0, -179.9999999)).toBe(far(0, 0, 0, 0.0000002));
    expect(far(10, 180, 10, -180)).toBe(0);
    expect(far(65, 179.5, 65, -179.5)).toBe(far(65, 0, 65, 1));
  });

  it("knows that all meridians meet at the poles", () => {
    expect(far(90, 0, 90, 137)).toBe(0);
    expect(far(-90, -180, -90, 42)).toBe(0);
    expect(far(89.9999, 0, 89.9999, 180)).toBe(far(0, 0, 0.0002, 0));
  });

  it("tells apart what the coordinates can", () => {
    expect(far(0, 0, 0, 0.0000001)).toBe(11);
    expect(far(60, 30, 60, 30.0000001)).toBe(6);
  });

  it("agrees with the haversine to a millimetre where that is well conditioned", () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const reference = haversineMm(a, b);
        // Near antipodes the reference loses its digits.
        fc.pre(reference < 19_000_000_000);
        expect(Math.abs(distanceMm(a, b) - reference)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is a metric, to the rounding", () => {
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        expect(distanceMm(a, a)).toBe(0);
        expect(distanceMm(a, b)).toBe(distanceMm(b, a));
        expect(distanceMm(a, c)).toBeLessThanOrEqual(distanceMm(a, b) + distanceMm(b, c) + 2);
      }),
    );
  });

  it("keeps its bits", () => {
    let state = 1;
    const next = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % below;
    };
    let sum = 0;
    for (let i = 0; i < 1_000; i++) {
      const random = (): Place => ({
        latitudeE7: next(1_800_000_001) - 900_000_000,
        longitudeE7: next(3_600_000_001) - 1_800_000_000,
      });
      sum = (sum * 31 + distanceMm(random(), random())) % 1_000_000_007;
    }
    expect(sum).toBe(pinned);
  });
});

/** Whatever changes it changes verdicts. */
const pinned = 962_086_655;

describe("isPlace", () => {
  it.each([
    [900_000_000, 1_800_000_000, true],
    [-900_000_000, -1_800_000_000, true],
    [900_000_001, 0, false],
    [0, 1_800_000_001, false],
    [0.5, 0, false],
    [Number.NaN, 0, false],
    [0, Number.POSITIVE_INFINITY, false],
  ])("takes %d, %d for %s", (latitudeE7, longitudeE7, expected) => {
    expect(isPlace({ latitudeE7, longitudeE7 })).toBe(expected);
  });
});
