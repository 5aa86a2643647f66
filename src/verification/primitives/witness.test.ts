import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attestationOf, contextOf, evidenceOf, placeOf, shortOf, sightingOf } from "../algebra/testing.ts";
import type { Context, Observer, Sighting } from "./evidence.ts";
import { independentObservers } from "./independent.ts";
import { type WitnessParameters, witness } from "./witness.ts";

const window = { startMs: 0, endMs: 1_000_000 };
const here = placeOf(52.5, 13.4);
/** Some 0.00045 degrees of latitude are 50 m. */
const near = 52.50044;
const beyond = 52.50046;

const track: WitnessParameters = {
  type: "track",
  name: "walk",
  sightingsMin: 1,
  distanceMmMax: 50_000,
  accuracyMmMax: 10_000,
  speedMmPerSecondMax: 40_000,
};
const walked = (sightings: readonly Sighting[], context: Partial<Context> = {}, parameters = {}): string =>
  shortOf(
    witness(
      { ...track, ...parameters },
      evidenceOf({ tracks: { walk: sightings } }),
      contextOf({ window, place: here, ...context }),
    ),
  );

describe("witness a track", () => {
  it("passes who was near", () => {
    expect(walked([sightingOf(near, 13.4, 10)])).toBe("passed");
    expect(walked([sightingOf(beyond, 13.4, 10)])).toBe("failed PLACE_FAR");
  });

  it("lets the track lead there", () => {
    expect(walked([sightingOf(52.51, 13.4, 0), sightingOf(near, 13.4, 100_000)])).toBe("passed");
    expect(walked([sightingOf(52.51, 13.4, 0), sightingOf(near, 13.4, 100_000)], {}, { sightingsMin: 2 })).toBe(
      "failed PLACE_FAR",
    );
  });

  it("waits for the task's place and window, and needs a track", () => {
    expect(walked([sightingOf(near, 13.4, 10)], { place: null })).toBe("waiting WAITING");
    expect(walked([sightingOf(near, 13.4, 10)], { window: null })).toBe("waiting WAITING");
    expect(walked([])).toBe("failed TRACK_SHORT");
    expect(shortOf(witness(track, evidenceOf(), contextOf()))).toBe("failed EVIDENCE_MISSING");
  });

  it.each([
    [-1, "failed TOO_EARLY"],
    [0, "passed"],
    [999_999, "passed"],
    [1_000_000, "failed TOO_LATE"],
    [Number.NaN, "failed PLACE_MALFORMED"],
  ])("takes a sighting at %d ms for %s", (timeMs, expected) => {
    expect(walked([sightingOf(near, 13.4, timeMs)])).toBe(expected);
  });

  it.each<[string, Sighting]>([
    ["a latitude beyond the pole", { ...sightingOf(near, 13.4, 1), latitudeE7: 900_000_001 }],
    ["a longitude beyond the antimeridian", { ...sightingOf(near, 13.4, 1), longitudeE7: -1_800_000_001 }],
    ["NaN", { ...sightingOf(near, 13.4, 1), latitudeE7: Number.NaN }],
    ["a negative accuracy", { ...sightingOf(near, 13.4, 1), accuracyMm: -1 }],
    ["an accuracy of infinity", { ...sightingOf(near, 13.4, 1), accuracyMm: Number.POSITIVE_INFINITY }],
  ])("refuses %s", (_, sighting) => {
    expect(walked([sighting])).toBe("failed PLACE_MALFORMED");
  });

  it("refuses who is nowhere in particular", () => {
    expect(walked([sightingOf(near, 13.4, 10, 10_000)])).toBe("passed");
    expect(walked([sightingOf(near, 13.4, 10, 10_001)])).toBe("failed PLACE_INACCURATE");
  });

  it("refuses times that do not increase", () => {
    expect(walked([sightingOf(near, 13.4, 10), sightingOf(near, 13.4, 10)])).toBe("failed SERIES_UNORDERED");
    expect(walked([sightingOf(near, 13.4, 10), sightingOf(near, 13.4, 9)])).toBe("failed SERIES_UNORDERED");
  });

  it("refuses to be faster than anybody moves, also since the owner was last seen", () => {
    const paris = sightingOf(48.85, 2.35, 0);
    expect(walked([paris, sightingOf(near, 13.4, 60_000)])).toBe("failed SPEED_IMPLAUSIBLE");
    expect(walked([sightingOf(near, 13.4, 60_000)], { lastSighting: paris })).toBe("failed SPEED_IMPLAUSIBLE");
    expect(walked([sightingOf(near, 13.4, 0)], { lastSighting: paris })).toBe("failed SPEED_IMPLAUSIBLE");
    expect(walked([sightingOf(near, 13.4, 900_000)], { lastSighting: { ...paris, timeMs: -86_400_000 } })).toBe(
      "passed",
    );
  });

  it("bounds the speed between overlapping tasks too, whichever was first", () => {
    const paris = (timeMs: number) => ({ lastSighting: sightingOf(48.85, 2.35, timeMs) });
    expect(walked([sightingOf(near, 13.4, 0)], paris(86_400_000))).toBe("passed");
    expect(walked([sightingOf(near, 13.4, 0)], paris(60_000))).toBe("failed SPEED_IMPLAUSIBLE");
  });

  it("cannot be cheated by a device that says it is nowhere: accuracy is bounded where it counts", () => {
    const vague = sightingOf(48.85, 2.35, 0, 2_000_000_000);
    expect(walked([vague, sightingOf(near, 13.4, 60_000)])).toBe("passed");
    expect(walked([vague])).toBe("failed PLACE_INACCURATE");
    const leap = [sightingOf(48.85, 2.35, 0), { ...vague, timeMs: 30_000 }, sightingOf(near, 13.4, 60_000)];
    expect(walked(leap)).toBe("failed SPEED_IMPLAUSIBLE");
  });

  it("knows the antimeridian and the poles", () => {
    const date = { place: placeOf(0, 180) };
    expect(walked([sightingOf(0, -179.9999, 10)], date)).toBe("passed");
    expect(walked([sightingOf(0, -179.9999, 10), sightingOf(0, 179.9999, 2_000)], date)).toBe("passed");
    expect(walked([sightingOf(0, 0, 10)], date)).toBe("failed PLACE_FAR");
    const pole = { place: placeOf(90, 0) };
    expect(walked([sightingOf(89.9999, 137, 10)], pole)).toBe("passed");
    expect(walked([sightingOf(89.9999, -45, 10), sightingOf(89.9999, 135, 2_000)], pole)).toBe("passed");
    expect(walked([sightingOf(-90, 0, 10)], pole)).toBe("failed PLACE_FAR");
  });
});

describe("witness by others", () => {
  const others: WitnessParameters = {
    type: "observers",
    observersMin: 2,
    distanceMmMin: 300_000,
    distanceMmMax: 20_000_000,
  };
  const observer = (owner: string, cell: string, latitude = 52.51, timeMs = 500): Observer => ({
    ...placeOf(latitude, 13.4),
    owner,
    cell,
    timeMs,
  });
  const seen = (observers: readonly Observer[], context: Partial<Context> = {}): string =>
    shortOf(
      witness(
        others,
        evidenceOf(),
        contextOf({ window, place: here, attestation: attestationOf(), observers, nowMs: 2_000_000, ...context }),
      ),
    );

  it("wants owners and cells of their own", () => {
    expect(seen([observer("bob", "a"), observer("carol", "b")])).toBe("passed");
    expect(seen([observer("bob", "a"), observer("bob", "b")])).toBe("failed OBSERVERS_FEW");
    expect(seen([observer("bob", "a"), observer("carol", "a")])).toBe("failed OBSERVERS_FEW");
    expect(seen([observer("bob", "a"), observer("bob", "a"), observer("bob", "a")])).toBe("failed OBSERVERS_FEW");
  });

  it("does not count the contributor itself, nor who is too near, too far or too late", () => {
    const bob = observer("bob", "a");
    expect(seen([bob, observer("alice", "b")])).toBe("failed OBSERVERS_FEW");
    expect(seen([bob, observer("carol", "b", 52.5)])).toBe("failed OBSERVERS_FEW");
    expect(seen([bob, observer("carol", "b", 60)])).toBe("failed OBSERVERS_FEW");
    expect(seen([bob, observer("carol", "b", 52.51, 1_000_000)])).toBe("failed OBSERVERS_FEW");
    expect(seen([bob, observer("carol", "b", 52.51, -1)])).toBe("failed OBSERVERS_FEW");
    expect(seen([bob, { ...observer("carol", "b"), latitudeE7: Number.NaN }])).toBe("failed OBSERVERS_FEW");
  });

  it("waits for others until the window ends", () => {
    expect(seen([], { nowMs: 999_999 })).toBe("waiting WAITING");
    expect(seen([], { nowMs: 1_000_000 })).toBe("failed OBSERVERS_FEW");
    expect(seen([], { attestation: null })).toBe("waiting WAITING");
  });

  const seat = fc.record({ owner: fc.constantFrom("a", "b", "c", "d"), cell: fc.constantFrom("1", "2", "3", "4") });
  const standing = ({ owner, cell }: { owner: string; cell: string }): Observer => observer(owner, cell);

  it("counts the most that are independent, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(seat, { maxLength: 8 }), (seats) => {
        const observers = seats.map(standing);
        expect(independentObservers(observers)).toBe(mostApart(seats));
        expect(independentObservers([...observers].reverse())).toBe(mostApart(seats));
      }),
    );
  });

  /** Every subset. */
  function mostApart(seats: readonly { owner: string; cell: string }[]): number {
    let most = 0;
    for (let subset = 0; subset < 1 << seats.length; subset++) {
      const chosen = seats.filter((_, i) => (subset >> i) & 1);
      const owners = new Set(chosen.map(({ owner }) => owner)).size;
      const cells = new Set(chosen.map(({ cell }) => cell)).size;
      if (owners === chosen.length && cells === chosen.length) most = Math.max(most, chosen.length);
    }
    return most;
  }
});
