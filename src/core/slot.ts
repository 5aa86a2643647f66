import { earnestError } from "./errors.ts";

/**
 * A slot: the place for one contributor's answer to a task, named by the task's number in its market and the slot's
 * ordinal in the task. A slot is given out once; after an expiry the task offers a slot with the next ordinal.
 */
export interface Slot {
  readonly task: number;
  readonly ordinal: number;
}

/** Slots per task a number can tell apart; also the largest overlap. */
export const slotsPerTask = 4096;

/** One safe integer per slot, in task order: the key of slot tables. */
export const slotKey = (slot: Slot): number => slot.task * slotsPerTask + slot.ordinal;

export const slotOfKey = (key: number): Slot => ({
  task: Math.floor(key / slotsPerTask),
  ordinal: key % slotsPerTask,
});

/** "17.2": task 17, third slot. */
export const formatSlot = (slot: Slot): string => `${slot.task}.${slot.ordinal}`;

export function parseSlot(text: string): Slot {
  const match = /^(\d{1,10})\.(\d{1,4})$/.exec(text);
  const task = Number(match?.[1]);
  const ordinal = Number(match?.[2]);
  if (match === null || task > 0xffffffff || ordinal >= slotsPerTask || formatSlot({ task, ordinal }) !== text) {
    throw earnestError("SLOT_NOT_FOUND", { slot: text.slice(0, 32) });
  }
  return { task, ordinal };
}
