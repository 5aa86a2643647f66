import type { Amount } from "../core/amount.ts";
import { distanceMm } from "../verification/places/distance.ts";
import type { Place } from "../verification/primitives/evidence.ts";
import { controlOf, isFinished, type LaneState, liveSlots } from "./state.ts";

/** A task with room for another contributor, and how far it is. */
export interface NearTask {
  readonly task: number;
  readonly place: Place;
  readonly distanceMm: number;
  readonly reward: Amount;
}

/** So many tasks of a batch are looked at: those that are done have to be passed over. */
const looksMax = 1_000;

/** Whether tasks of a lane lie somewhere, by the first of its batches. */
export function hasPlaces(state: LaneState): boolean {
  let looks = 0;
  for (const key of state.batches.keys()) {
    if ((state.batches.get(key)?.terms.known?.place ?? null) !== null) return true;
    if (++looks === looksMax) break;
  }
  return false;
}

/** The nearest tasks of a lane that somebody can still take, the nearest first. A batch lies at one place. */
export function nearestTasks(state: LaneState, from: Place, count: number): readonly NearTask[] {
  if (state.status !== "open") return [];
  const batches = [...state.batches.keys()].flatMap((key) => {
    const batch = state.batches.get(key);
    const place = batch?.terms.known?.place ?? null;
    return batch === undefined || place === null ? [] : [{ batch, place, apartMm: distanceMm(from, place) }];
  });
  const found: NearTask[] = [];
  for (const { batch, place, apartMm } of batches.sort((a, b) => a.apartMm - b.apartMm)) {
    const { deadlineMs, reward } = batch.terms;
    if (deadlineMs !== null && state.timeMs >= deadlineMs) continue;
    const end = batch.first + Math.min(batch.count, looksMax);
    for (let task = batch.first; task < end && found.length < count; task++)
      if (hasRoom(state, task, batch.terms.overlap.max)) found.push({ task, place, distanceMm: apartMm, reward });
    if (found.length >= count) break;
  }
  return found;
}

/** Control tasks are not told by where they are. */
function hasRoom(state: LaneState, number: number, overlapMax: number): boolean {
  if (isFinished(state, number) || controlOf(state, number) !== undefined) return false;
  const task = state.tasks.get(number);
  return task === undefined || (task.settled === null && liveSlots(task).length < overlapMax);
}
