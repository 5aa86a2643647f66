import { type Slot, slotKey, slotOfKey } from "../core/slot.ts";
import type { DueSlot, LaneState } from "./state.ts";

/** Plans a look at a slot, in the second of that time. */
export function schedule(state: LaneState, slot: Slot, timeMs: number): void {
  const second = Math.floor(timeMs / 1000);
  state.due.set(second, { key: slotKey(slot), before: state.due.get(second) ?? null });
}

/** The keys of a second, oldest first. */
export function dueKeys(newest: DueSlot | undefined): number[] {
  const keys: number[] = [];
  for (let slot = newest ?? null; slot !== null; slot = slot.before) keys.push(slot.key);
  return keys.reverse();
}

/** The other way round; adds to those already there. */
export function withDue(keys: readonly number[], newest: DueSlot | undefined): DueSlot | undefined {
  return keys.reduce<DueSlot | undefined>((before, key) => ({ key, before: before ?? null }), newest);
}

/** Of a second's slots those of which something can still fall due: a task that left the state has ended. */
export const openKeys = ({ tasks }: LaneState, newest: DueSlot | undefined): number[] =>
  dueKeys(newest).filter((key) => tasks.get(slotOfKey(key).task) !== undefined);

/**
 * Lets go of slots that will fall due for nothing. Leases end long after most answers came, so that a busy lane would keep
 * every submission of an hour otherwise. Changes nothing that follows from the state; only for a committed one.
 */
export function forgetDue(state: LaneState): void {
  for (const second of state.due.keys()) {
    const newest = state.due.get(second);
    const left = withDue(openKeys(state, newest), undefined);
    if (left === undefined) state.due.delete(second);
    else state.due.set(second, left);
  }
}
