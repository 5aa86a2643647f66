import fc from "fast-check";
import { cellToBoundary, cellToParent, latLngToCell } from "h3-js";
import { describe, expect, it } from "vitest";
import { mergedCells } from "../../web/source/console/explorer/merged-cells.ts";
import { outlineOf } from "../../web/source/console/explorer/outline.ts";

const numbersIn = (path: string): number[] => (path.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
const cells = fc.array(
  fc
    .tuple(fc.double({ min: -89, max: 89, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }))
    .map(([latitude, longitude]) => cellToBoundary(latLngToCell(latitude, longitude, 5))),
  { minLength: 1, maxLength: 30 },
);

describe("the map of cells", () => {
  it("has room for every cell, wherever they are, also across the 180th meridian", () => {
    fc.assert(
      fc.property(cells, (some) => {
        const { shapes, width, height } = outlineOf(some);
        expect(shapes).toHaveLength(some.length);
        for (const [i, number] of shapes.flatMap(numbersIn).entries()) {
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThanOrEqual(i % 2 === 0 ? width : height);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("draws north above south and west before east, with a few lines that say where it is", () => {
    const [north, south] = [cellToBoundary(latLngToCell(48.5, 16, 5)), cellToBoundary(latLngToCell(47.5, 17, 5))];
    const { shapes, lines } = outlineOf([north, south]);
    const [x1 = 0, y1 = 0] = numbersIn(shapes[0] ?? "");
    const [x2 = 0, y2 = 0] = numbersIn(shapes[1] ?? "");
    expect([x1 < x2, y1 < y2]).toEqual([true, true]);
    expect(lines.map(({ label }) => label)).toEqual(expect.arrayContaining(["16.5°", "48°"]));
    expect(lines.length).toBeLessThanOrEqual(14);
  });
});

describe("cells of several pages", () => {
  it("are as coarse as the coarsest, and lose no task", () => {
    const [vienna, graz] = [latLngToCell(48.2, 16.4, 5), latLngToCell(47.1, 15.4, 5)];
    const fine = {
      resolution: 5,
      items: [
        { cell: vienna, markets: 1, tasks: 3 },
        { cell: graz, markets: 2, tasks: 9 },
      ],
    };
    const again = { resolution: 5, items: [{ cell: vienna, markets: 4, tasks: 8 }] };
    expect(mergedCells([fine, again])).toEqual({
      resolution: 5,
      items: [
        { cell: vienna, markets: 5, tasks: 11 },
        { cell: graz, markets: 2, tasks: 9 },
      ],
    });
    const parent = cellToParent(vienna, 3);
    const coarse = { resolution: 3, items: [{ cell: parent, markets: 1, tasks: 100 }] };
    expect(mergedCells([fine, again, coarse])).toEqual({
      resolution: 3,
      items: [
        { cell: parent, markets: 6, tasks: 111 },
        { cell: cellToParent(graz, 3), markets: 2, tasks: 9 },
      ],
    });
  });
});
