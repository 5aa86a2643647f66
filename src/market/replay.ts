import { type Bytes32, equalBytes, toHex } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { GrowingLogTree, LogSize, logRoot } from "../core/log-tree.ts";
import { apply } from "./apply.ts";
import { decodeEntry, type Entry, encodeEntry, isInput, type LogRecord } from "./entries.ts";
import type { LaneState } from "./state.ts";
import { take } from "./step.ts";

/** A record as a log stores it: an entry's canonical bytes, and what it commits to by hash. */
export interface StoredRecord {
  readonly encoded: Uint8Array;
  readonly attachment: Uint8Array | null;
  /** What `encoded` says, where whoever feeds it has decoded it already. */
  readonly entry?: Entry | null;
  /** What the attachment comes to as a submission's body, where whoever feeds it has hashed it already. */
  readonly bodyHash?: Bytes32 | null;
}

/** Where the log tree grows: in the state, or with somebody else who reads the same bytes and compares the root. */
export type TreeKeeping = "here" | "elsewhere";

/**
 * Recomputes a lane from its log. Every input must be admissible, and every consequence must stand where the rules put
 * it, to the bit. Feed it records in order, in portions of any size; the state is that of the live server.
 *
 * An encoding is canonical, so that what was read need not be encoded again to be hashed, and a consequence not decoded
 * to be compared.
 *
 * @throws REPLAY_MISMATCH naming the first entry that differs.
 */
export class Replay {
  readonly state: LaneState;
  readonly #hash: Hash;
  readonly #keeping: TreeKeeping;
  /** Consequences the rules produced and the log has not shown yet, the next one last. */
  #expected: Uint8Array[] = [];

  constructor(state: LaneState, hash: Hash, keeping: TreeKeeping = "here") {
    this.state = state;
    this.#hash = hash;
    this.#keeping = keeping;
  }

  feed(records: Iterable<LogRecord>): void {
    this.#growing((grow) => {
      for (const { entry, attachment } of records)
        this.#feedOne({ encoded: encodeEntry(entry), attachment, entry }, grow);
    });
  }

  feedStored(records: Iterable<StoredRecord>): void {
    this.#growing((grow) => {
      for (const record of records) this.#feedOne(record, grow);
    });
  }

  /**
   * The log must not end in the middle of a step, nor anywhere but at its signed head: an input that was left out or
   * altered without consequences shows in nothing else.
   */
  end(head?: { readonly size: number; readonly root: Bytes32 }): void {
    const { tree } = this.state;
    const missing = this.#expected.at(-1);
    if (missing !== undefined) {
      this.#differs(this.#sequence(), `the log ends before its ${decodeEntry(missing).kind} entry`);
    }
    if (head === undefined) return;
    if (head.size !== tree.size) this.#differs(tree.size, `the log ends here, its head at ${head.size}`);
    if (this.#keeping === "elsewhere") return;
    if (!equalBytes(logRoot(this.#hash, tree), head.root)) this.#differs(tree.size, "the root is not that of the head");
  }

  /** The tree grows in place over a portion; between portions the state holds one that never changes. */
  #growing(work: (grow: Grow) => void): void {
    const { state } = this;
    const tree = this.#keeping === "here" ? new GrowingLogTree(this.#hash, state.tree) : new LogSize(state.tree.size);
    state.tree = tree;
    try {
      work((encoded) => tree.append(encoded));
    } finally {
      state.tree = tree.now();
    }
  }

  /** The entry that the next record must be. */
  #sequence(): number {
    return this.state.tree.size + 1 - this.#expected.length;
  }

  #feedOne(record: StoredRecord, grow: Grow): void {
    const expected = this.#expected.pop();
    if (expected === undefined) {
      this.#takeInput(record, grow);
      return;
    }
    const { encoded, attachment } = record;
    const sequence = this.#sequence() - 1;
    if (!equalBytes(expected, encoded)) this.#differs(sequence, differenceOf(encoded, expected));
    if (attachment !== null) this.#differs(sequence, "a consequence has no attachment");
  }

  #takeInput({ encoded, attachment, entry: known, bodyHash = null }: StoredRecord, grow: Grow): void {
    const sequence = this.state.tree.size + 1;
    const entry = known ?? this.#decode(encoded, sequence);
    if (!isInput(entry)) this.#differs(sequence, `${entry.kind} does not follow from anything`);
    const expected: Uint8Array[] = [];
    let isFirst = true;
    try {
      take(this.state, { entry, attachment, bodyHash }, this.#hash, (record) => {
        // Encoded first: what has no encoding is refused before it changed anything.
        const bytes = isFirst ? encoded : encodeEntry(record.entry);
        apply(this.state, record, this.#hash);
        grow(bytes);
        if (!isFirst) expected.push(bytes);
        isFirst = false;
      });
    } catch (error) {
      if (isEarnestError(error)) this.#differs(sequence, `${entry.kind} is not admissible: ${error.message}`);
      throw error;
    }
    this.#expected = expected.reverse();
  }

  #decode(encoded: Uint8Array, sequence: number): Entry {
    try {
      return decodeEntry(encoded);
    } catch (error) {
      if (isEarnestError(error)) this.#differs(sequence, error.message);
      throw error;
    }
  }

  #differs(sequence: number, what: string): never {
    throw earnestError("REPLAY_MISMATCH", { lane: this.state.lane, sequence, what });
  }
}

type Grow = (encoded: Uint8Array) => void;

/** What a log says where the rules say something else: another kind of entry, or another value of its fields. */
function differenceOf(encoded: Uint8Array, expected: Uint8Array): string {
  const [said, due] = [decodedOrNull(encoded), decodedOrNull(expected)];
  if (said === null || due === null || said.kind !== due.kind) {
    return `the log says ${said?.kind ?? "what cannot be decoded"}, the rules say ${due?.kind}`;
  }
  const saidOf: Fields = new Map(Object.entries(said));
  const values = Object.entries(due).flatMap(([name, value]) => {
    const [found, wanted] = [shown(saidOf.get(name)), shown(value)];
    return found === wanted ? [] : [`${name} ${found}, the rules ${wanted}`];
  });
  return `the log's ${due.kind} says ${values.join("; ")}`;
}

type Fields = ReadonlyMap<string, unknown>;

function decodedOrNull(encoded: Uint8Array): Entry | null {
  try {
    return decodeEntry(encoded);
  } catch (error) {
    if (!isEarnestError(error)) throw error;
    return null;
  }
}

const shownMax = 400;

/** A field's value for people: bytes in hexadecimal, amounts in base units, and no more than fits a line or two. */
function shown(value: unknown): string {
  const text =
    JSON.stringify(value, (_, each: unknown) => {
      if (typeof each === "bigint") return String(each);
      return each instanceof Uint8Array ? toHex(each) : each;
    }) ?? "nothing";
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`;
}
