import { type Bytes32, equalBytes } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { logRoot } from "../core/log-tree.ts";
import { encodeEntry, isInput, type LogRecord } from "./entries.ts";
import type { LaneState } from "./state.ts";
import { type Appended, step } from "./step.ts";

/**
 * Recomputes a lane from its log. Every input must be admissible, and every consequence must stand where the rules put
 * it, to the bit. Feed it records in order, in portions of any size; the state is that of the live server.
 *
 * @throws REPLAY_MISMATCH naming the first entry that differs.
 */
export class Replay {
  readonly state: LaneState;
  readonly #hash: Hash;
  /** Consequences the rules produced and the log has not shown yet. */
  #expected: Appended[] = [];

  constructor(state: LaneState, hash: Hash) {
    this.state = state;
    this.#hash = hash;
  }

  feed(records: Iterable<LogRecord>): void {
    for (const record of records) this.#feedOne(record);
  }

  /**
   * The log must not end in the middle of a step, nor anywhere but at its signed head: an input that was left out or
   * altered without consequences shows in nothing else.
   */
  end(head?: { readonly size: number; readonly root: Bytes32 }): void {
    const { tree } = this.state;
    const [missing] = this.#expected;
    if (missing !== undefined) this.#differs(missing.sequence, `the log ends before its ${missing.entry.kind} entry`);
    if (head === undefined) return;
    if (head.size !== tree.size) this.#differs(tree.size, `the log ends here, its head at ${head.size}`);
    if (!equalBytes(logRoot(this.#hash, tree), head.root)) this.#differs(tree.size, "the root is not that of the head");
  }

  #feedOne(record: LogRecord): void {
    const expected = this.#expected.shift();
    if (expected !== undefined) {
      if (!equalBytes(expected.encoded, encodeEntry(record.entry))) {
        this.#differs(expected.sequence, `the log says ${record.entry.kind}, the rules say ${expected.entry.kind}`);
      }
      if (record.attachment !== null) this.#differs(expected.sequence, "a consequence has no attachment");
      return;
    }
    const sequence = this.state.tree.size + 1;
    const { entry } = record;
    if (!isInput(entry)) this.#differs(sequence, `${entry.kind} does not follow from anything`);
    const appended: Appended[] = [];
    try {
      step(this.state, { entry, attachment: record.attachment }, this.#hash, (each) => appended.push(each));
    } catch (error) {
      if (isEarnestError(error)) this.#differs(sequence, `${entry.kind} is not admissible: ${error.message}`);
      throw error;
    }
    this.#expected = appended.slice(1);
  }

  #differs(sequence: number, what: string): never {
    throw earnestError("REPLAY_MISMATCH", { lane: this.state.lane, sequence, what });
  }
}
