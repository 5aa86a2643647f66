import fc from "fast-check";
import {
  cellToLatLng,
  cellToParent,
  getPentagons,
  getRes0Cells,
  gridDisk,
  gridDistance,
  isValidCell,
  latLngToCell,
} from "h3-js";
import { describe, expect, it } from "vitest";
import type { Place } from "../primitives/evidence.ts";
import { cellAt, cellDistance, centreOfCell, isCell, parentOf, resolutionOf } from "./cell.ts";
import { distanceMm } from "./distance.ts";

const degrees = ({ latitudeE7, longitudeE7 }: Place): [number, number] => [latitudeE7 / 1e7, longitudeE7 / 1e7];
const place = fc.record({
  latitudeE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
  longitudeE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
});
const resolution = fc.integer({ min: 0, max: 15 });
const isPentagonal = (cell: string): boolean => getPentagons(0).includes(cellToParent(cell, 0));

describe("cells are those of the published library", () => {
  it("of any place, at any resolution", () => {
    fc.assert(
      fc.property(place, resolution, (at, r) => {
        expect(cellAt(at, r)).toBe(latLngToCell(...degrees(at), r));
      }),
      { numRuns: 1_000 },
    );
  });

  it("with their centres, to two centimetres, and their parents", () => {
    fc.assert(
      fc.property(place, resolution, resolution, (at, r, coarse) => {
        const cell = cellAt(at, r);
        const [latitude, longitude] = cellToLatLng(cell);
        const theirs = { latitudeE7: Math.round(latitude * 1e7), longitudeE7: Math.round(longitude * 1e7) };
        expect(distanceMm(centreOfCell(cell), theirs)).toBeLessThan(20);
        if (coarse <= r) expect(parentOf(cell, coarse)).toBe(cellToParent(cell, coarse));
      }),
    );
  });

  it("for every cell of resolution 0 and around every pentagon", () => {
    const cells = [...getRes0Cells(), ...[1, 2, 5, 8].flatMap(getPentagons).flatMap((each) => gridDisk(each, 2))];
    for (const cell of cells) {
      expect(isCell(cell)).toBe(true);
      const centre = centreOfCell(cell);
      if (resolutionOf(cell) > 0) expect(cellAt(centre, resolutionOf(cell))).toBe(cell);
      const [latitude, longitude] = cellToLatLng(cell);
      const theirs = { latitudeE7: Math.round(latitude * 1e7), longitudeE7: Math.round(longitude * 1e7) };
      expect(distanceMm(centre, theirs)).toBeLessThan(20);
    }
  });

  it("in how far they are apart, where no pentagon lies between", () => {
    let compared = 0;
    fc.assert(
      fc.property(
        place,
        fc.integer({ min: 3, max: 12 }),
        fc.integer({ min: -300, max: 300 }),
        fc.integer({ min: -300, max: 300 }),
        (from, r, north, east) => {
          const step = 40_000_000 / 7 ** (r / 2);
          const to = {
            latitudeE7: Math.max(
              -890_000_000,
              Math.min(890_000_000, from.latitudeE7 + Math.round((north * step) / 10)),
            ),
            longitudeE7: Math.max(
              -1_800_000_000,
              Math.min(1_800_000_000, from.longitudeE7 + Math.round((east * step) / 10)),
            ),
          };
          const [one, other] = [cellAt(from, r), cellAt(to, r)];
          if (isPentagonal(one) || isPentagonal(other)) return;
          let theirs: number;
          try {
            theirs = gridDistance(one, other);
          } catch {
            return;
          }
          const ours = cellDistance(one, other);
          if (ours === null) return;
          expect([one, other, ours]).toEqual([one, other, theirs]);
          compared++;
        },
      ),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it("and nothing else is one", () => {
    expect(isCell("8a2a1072b59ffff")).toBe(true);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), place, resolution, (any, at, r) => {
        for (const text of [any.toString(16), `8${any.toString(16).slice(0, 14)}`, cellAt(at, r).replace("f", "e")]) {
          expect(isCell(text)).toBe(/^[0-9a-f]{15}$/.test(text) && isValidCell(text));
        }
      }),
    );
    for (const text of ["", "8a2a1072b59fffff", "8A2A1072B59FFFF", "0x8a2a1072b59ffff"])
      expect(isCell(text)).toBe(false);
  });
});

describe("distances of cells", () => {
  const vienna = { latitudeE7: 482_082_000, longitudeE7: 163_738_000 };

  it("are not counted between resolutions, nor around the Earth", () => {
    expect(cellDistance(cellAt(vienna, 9), cellAt(vienna, 8))).toBeNull();
    expect(
      cellDistance(cellAt(vienna, 9), cellAt({ latitudeE7: -482_082_000, longitudeE7: -163_738_000 }, 9)),
    ).toBeNull();
  });

  it("are the same there and back, and nothing to itself", () => {
    fc.assert(
      fc.property(place, fc.integer({ min: -50_000, max: 50_000 }), (at, aside) => {
        const other = { ...at, latitudeE7: Math.min(900_000_000, Math.max(-900_000_000, at.latitudeE7 + aside)) };
        const [a, b] = [cellAt(at, 11), cellAt(other, 11)];
        expect(cellDistance(a, b)).toBe(cellDistance(b, a));
        expect(cellDistance(a, a)).toBe(0);
      }),
    );
  });
});
