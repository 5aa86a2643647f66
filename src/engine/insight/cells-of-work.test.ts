import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cell, cellAt, parentOf, resolutionOf } from "../../verification/places/cell.ts";
import { cellsOfWork, finestResolution } from "./cells-of-work.ts";

const cell = fc
  .record({
    latitudeE7: fc.integer({ min: -890_000_000, max: 890_000_000 }),
    longitudeE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
  })
  .map((place) => cellAt(place, finestResolution));
const market = fc
  .array(fc.tuple(cell, fc.integer({ min: 1, max: 1_000 })), { maxLength: 30 })
  .map((pairs): ReadonlyMap<Cell, number> => new Map(pairs));

const sum = (counts: Iterable<number>): number => [...counts].reduce((all, each) => all + each, 0);

describe("where work is", () => {
  it("leaves no task and no market out, however few cells there may be", () => {
    fc.assert(
      fc.property(fc.array(market, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (markets, cellsMax) => {
        const { resolution, cells } = cellsOfWork(markets, cellsMax);
        expect(sum(cells.map(({ tasks }) => tasks))).toBe(sum(markets.flatMap((each) => [...each.values()])));
        expect(new Set(cells.map((each) => each.cell)).size).toBe(cells.length);
        for (const each of cells) {
          expect(resolutionOf(each.cell)).toBe(resolution);
          const inside = markets.filter((one) => [...one.keys()].some((key) => at(key, resolution) === each.cell));
          expect(each.markets).toBe(inside.length);
        }
        // No coarser than it has to be, and the coarsest is as few as there can be.
        if (resolution > 0) expect(cells.length).toBeLessThanOrEqual(cellsMax);
        if (resolution < finestResolution) {
          const finer = new Set(markets.flatMap((each) => [...each.keys()].map((key) => at(key, resolution + 1))));
          expect(finer.size).toBeGreaterThan(cellsMax);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("names the busiest cell first, as fine as it may", () => {
    const [one, other] = [
      cellAt({ latitudeE7: 482_082_000, longitudeE7: 163_738_000 }, finestResolution),
      cellAt({ latitudeE7: 470_707_000, longitudeE7: 154_395_000 }, finestResolution),
    ];
    const markets = [
      new Map([[one, 2]]),
      new Map([
        [one, 1],
        [other, 7],
      ]),
    ];
    expect(cellsOfWork(markets, 2)).toEqual({
      resolution: finestResolution,
      cells: [
        { cell: other, markets: 1, tasks: 7 },
        { cell: one, markets: 2, tasks: 3 },
      ],
    });
    expect(cellsOfWork([], 2)).toEqual({ resolution: finestResolution, cells: [] });
  });
});

const at = (one: Cell, resolution: number): Cell => (resolution === finestResolution ? one : parentOf(one, resolution));
