import { cellAt } from "../places/cell.ts";
import { isPlace } from "../places/distance.ts";
import type { CoveredCell, Sighting } from "./evidence.ts";

export interface FreshParameters {
  /** Of the cells, in H3. */
  readonly resolution: number;
  /** Vaguer sightings cover nothing. */
  readonly accuracyMmMax: number;
  /** A cell that was covered less than that before is worth nothing. */
  readonly againMs: number;
  /** One that was not covered for that long, or never, counts `longCells` times. */
  readonly longMs: number;
  readonly longCells: number;
}

/** When each cell of a track was covered, the first time; null where the track has a place or a time that is none. */
export function cellsOfTrack(
  { resolution, accuracyMmMax }: FreshParameters,
  track: readonly Sighting[],
): ReadonlyMap<string, number> | null {
  const cells = new Map<string, number>();
  for (const sighting of track) {
    const { accuracyMm, timeMs } = sighting;
    if (!isPlace(sighting) || !Number.isSafeInteger(timeMs) || !(accuracyMm >= 0)) return null;
    if (accuracyMm > accuracyMmMax) continue;
    const cell = cellAt(sighting, resolution);
    if (!cells.has(cell)) cells.set(cell, timeMs);
  }
  return cells;
}

/** How many cells a track is worth: every cell once, by how long nobody covered it. */
export function freshCells(
  parameters: FreshParameters,
  track: readonly Sighting[],
  covered: readonly CoveredCell[],
): number | null {
  const cells = cellsOfTrack(parameters, track);
  if (cells === null) return null;
  const lastMs = new Map(covered.map(({ cell, atMs }) => [cell, atMs]));
  const { againMs, longMs, longCells } = parameters;
  let sum = 0;
  for (const [cell, timeMs] of cells) {
    const sinceMs = timeMs - (lastMs.get(cell) ?? -Infinity);
    if (sinceMs >= againMs) sum += sinceMs >= longMs ? longCells : 1;
  }
  return sum;
}
