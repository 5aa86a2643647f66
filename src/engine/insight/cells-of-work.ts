import type { LaneState } from "../../market/state.ts";
import { type Cell, cellAt, parentOf } from "../../verification/places/cell.ts";

export interface CellOfWork {
  readonly cell: Cell;
  readonly markets: number;
  readonly tasks: number;
}

/** Some 20 kilometres across; each coarser one is about 2.6 times as wide. */
export const finestResolution = 5;

/** How many tasks of a market are where. A batch lies at one place. */
export function tasksByCell(state: LaneState): ReadonlyMap<Cell, number> {
  const found = new Map<Cell, number>();
  for (const key of state.batches.keys()) {
    const { terms, count } = state.batches.get(key) ?? { terms: null, count: 0 };
    const place = terms?.known?.place ?? null;
    if (place === null) continue;
    const cell = cellAt(place, finestResolution);
    found.set(cell, (found.get(cell) ?? 0) + count);
  }
  return found;
}

/**
 * Cells of all these markets, the ones with most tasks first. Where they would be more than so many they are coarser:
 * then each says less, and none is left out.
 */
export function cellsOfWork(
  markets: readonly ReadonlyMap<Cell, number>[],
  cellsMax: number,
): { readonly resolution: number; readonly cells: readonly CellOfWork[] } {
  let resolution = finestResolution;
  const all = new Set(markets.flatMap((market) => [...market.keys()]));
  // There are 122 cells of the coarsest resolution.
  while (resolution > 0 && distinctAt(all, resolution) > cellsMax) resolution--;
  const cells = new Map<Cell, CellOfWork>();
  for (const market of markets) {
    for (const [cell, tasks] of coarser(market, resolution)) {
      const known = cells.get(cell) ?? { cell, markets: 0, tasks: 0 };
      cells.set(cell, { cell, markets: known.markets + 1, tasks: known.tasks + tasks });
    }
  }
  return { resolution, cells: [...cells.values()].sort((a, b) => b.tasks - a.tasks) };
}

const at = (cell: Cell, resolution: number): Cell =>
  resolution === finestResolution ? cell : parentOf(cell, resolution);

const distinctAt = (cells: ReadonlySet<Cell>, resolution: number): number =>
  new Set([...cells].map((cell) => at(cell, resolution))).size;

function coarser(market: ReadonlyMap<Cell, number>, resolution: number): ReadonlyMap<Cell, number> {
  const found = new Map<Cell, number>();
  for (const [cell, tasks] of market) {
    const parent = at(cell, resolution);
    found.set(parent, (found.get(parent) ?? 0) + tasks);
  }
  return found;
}
