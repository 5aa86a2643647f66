import { decodeEntry, type Entry, type EntryOf, kindNumberOf } from "../market/entries.ts";
import { type WantedExecution, wantedExecution } from "../market/executions.ts";
import type { LaneState } from "../market/state.ts";

/** An execution that a log claims, and what it was of by one's own replay. */
export interface ClaimedExecution {
  readonly sequence: number;
  readonly entry: EntryOf<"executed">;
  readonly wanted: WantedExecution;
}

/** An encoding begins with the number of the entry's kind. */
const executedKind = kindNumberOf("executed");

export const isExecuted = (encoded: Uint8Array): boolean => encoded[0] === executedKind;

/**
 * What an entry claims was executed, by the state just before it: afterwards its task may be gone. Null where it is no
 * execution, or one that nothing waits for: that the replay refuses in the next moment.
 */
export function claimedExecution(state: LaneState, entry: Entry | null, sequence: number): ClaimedExecution | null {
  if (entry?.kind !== "executed" || state.tasks.get(entry.task)?.slots[entry.ordinal] === undefined) return null;
  const wanted = wantedExecution(state, entry);
  return wanted === null ? null : { sequence, entry, wanted };
}

export function decodedOrNull(encoded: Uint8Array): Entry | null {
  try {
    return decodeEntry(encoded);
  } catch {
    return null;
  }
}
