import { cellToParent, getResolution } from "h3-js";
import type { CellOfWork } from "../../../../src/contract/reputation-routes.ts";

export interface Cells {
  readonly resolution: number;
  readonly items: readonly CellOfWork[];
}

/**
 * Cells of several pages as one map: each page is of markets of its own, and all are as coarse as the coarsest of them. A
 * market that is in several cells which become one is then counted for each.
 */
export function mergedCells(pages: readonly Cells[]): Cells {
  const resolution = Math.min(...pages.map((page) => page.resolution));
  const found = new Map<string, CellOfWork>();
  for (const { cell: finer, markets, tasks } of pages.flatMap(({ items }) => items)) {
    const cell = getResolution(finer) === resolution ? finer : cellToParent(finer, resolution);
    const known = found.get(cell) ?? { cell, markets: 0, tasks: 0 };
    found.set(cell, { cell, markets: known.markets + markets, tasks: known.tasks + tasks });
  }
  return { resolution, items: [...found.values()].sort((a, b) => b.tasks - a.tasks) };
}
