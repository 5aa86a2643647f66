import type { Observer } from "./evidence.ts";

/**
 * How many observers are independent: the most that can be chosen so that no two share an owner or a cell. Neither many
 * keys of one owner nor many owners in one cell count for more than one. A maximum matching between owners and cells
 * (H. W. Kuhn's augmenting paths), so the order of the observers does not matter.
 */
export function independentObservers(observers: readonly Observer[]): number {
  const cellsOf = new Map<string, Set<string>>();
  for (const { owner, cell } of observers) cellsOf.set(owner, (cellsOf.get(owner) ?? new Set<string>()).add(cell));
  const ownerOf = new Map<string, string>();
  let count = 0;
  for (const owner of cellsOf.keys()) if (findCell(owner, cellsOf, ownerOf, new Set())) count++;
  return count;
}

/** Gives the owner a cell, moving others to another of theirs where that helps. At most as deep as there are cells. */
function findCell(
  owner: string,
  cellsOf: ReadonlyMap<string, ReadonlySet<string>>,
  ownerOf: Map<string, string>,
  tried: Set<string>,
): boolean {
  for (const cell of cellsOf.get(owner) ?? []) {
    if (tried.has(cell)) continue;
    tried.add(cell);
    const holder = ownerOf.get(cell);
    if (holder !== undefined && !findCell(holder, cellsOf, ownerOf, tried)) continue;
    ownerOf.set(cell, owner);
    return true;
  }
  return false;
}
