import type { Hash } from "../core/hash.ts";
import { type Completed, grow, logLeaf } from "../core/log-tree.ts";
import { admit } from "./admit.ts";
import { apply } from "./apply.ts";
import { encodeEntry, type Input, type LogRecord } from "./entries.ts";
import { follow } from "./follow.ts";
import type { LaneState } from "./state.ts";

/** A record that stands in the log, with its canonical bytes. */
export interface Appended extends LogRecord {
  readonly sequence: number;
  readonly encoded: Uint8Array;
  /** Its leaf in the log tree, and what that completed there. */
  readonly completed: Completed;
}

export type Append = (appended: Appended) => void;

/**
 * One step of a lane: admits an input, applies it, then emits and applies everything that follows from it. The live
 * server and replay take the same steps, so they cannot disagree.
 *
 * @throws EarnestError where the input is refused; then nothing was appended.
 */
export function step(state: LaneState, record: LogRecord<Input>, hash: Hash, append: Append): void {
  take(state, record, hash, (each) => append(appendRecord(state, each, hash)));
}

/** The order of a step, for whoever applies and appends its records: the input first, then each that follows. */
export function take(
  state: LaneState,
  record: LogRecord<Input>,
  hash: Hash,
  append: (record: LogRecord) => void,
): void {
  admit(state, record, hash);
  append(record);
  follow(state, record.entry, hash, (entry) => append({ entry, attachment: null }));
}

function appendRecord(state: LaneState, record: LogRecord, hash: Hash): Appended {
  // Encoded first: what has no encoding is refused before it changed anything.
  const encoded = encodeEntry(record.entry);
  apply(state, record, hash);
  const { tree, completed } = grow(hash, state.tree, logLeaf(hash, encoded));
  state.tree = tree;
  return { entry: record.entry, attachment: record.attachment, sequence: tree.size, encoded, completed };
}
