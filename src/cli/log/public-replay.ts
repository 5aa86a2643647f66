import { equalBytes } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { appendLeaf, logLeaf, logRoot } from "../../core/log-tree.ts";
import { slotKey } from "../../core/slot.ts";
import { admit } from "../../market/admit.ts";
import { apply } from "../../market/apply.ts";
import {
  type Consequence,
  type Entry,
  type EntryOf,
  encodeEntry,
  type Input,
  isInput,
  type LogRecord,
} from "../../market/entries.ts";
import { follow } from "../../market/follow.ts";
import { measureMsMax } from "../../market/measured.ts";
import { nextModel } from "../../market/model.ts";
import type { TreeKeeping } from "../../market/replay.ts";
import { isRight } from "../../market/right.ts";
import { emptyLaneState, type LaneState } from "../../market/state.ts";
import { sha256 } from "../crypto.ts";
import type { Hints } from "./hints.ts";
import { standInFor } from "./stand-ins.ts";

type BeforeInput = (input: Input, sequence: number) => void;

interface Logged {
  readonly entry: Entry;
  readonly encoded: Uint8Array;
  readonly sequence: number;
}

/**
 * Replays a log that withholds some bodies. Everything that does not hang on them is recomputed and compared to the
 * bit. Where a task hangs on them, its consequences are taken from the log, as far as they do not contradict the bodies
 * that are there.
 */
export class PublicReplay {
  readonly state: LaneState = emptyLaneState();
  /** Tasks that could not be recomputed: something of them is only supposed. */
  readonly unsure = new Set<number>();
  /** Slots whose answers stand in for withheld ones. */
  readonly #supposed = new Set<number>();
  readonly #hints: Hints;
  readonly #keeping: TreeKeeping;
  readonly #beforeInput: BeforeInput;
  /** An input and the consequences after it: they are compared together, once the next input shows that these are all. */
  #group: { readonly input: LogRecord; readonly sequence: number; readonly logged: Logged[] } | null = null;
  #size = 0;
  /** Whether members' records, and with them the weights of votes, rest on something supposed. */
  #isRecordUnsure = false;
  #isModelUnsure = false;

  /** @param beforeInput is told of each input just before it is taken */
  constructor(hints: Hints, keeping: TreeKeeping = "here", beforeInput: BeforeInput = () => {}) {
    this.#hints = hints;
    this.#keeping = keeping;
    this.#beforeInput = beforeInput;
  }

  feed(record: LogRecord): void {
    const sequence = ++this.#size;
    if (isInput(record.entry)) {
      this.#finishGroup();
      this.#group = { input: record, sequence, logged: [] };
      return;
    }
    if (this.#group === null) differs(this.state, sequence, `${record.entry.kind} does not follow from anything`);
    if (record.attachment !== null) differs(this.state, sequence, "a consequence has no attachment");
    this.#group.logged.push({ entry: record.entry, encoded: encodeEntry(record.entry), sequence });
  }

  end(head?: { readonly size: number; readonly root: Uint8Array }): void {
    this.#finishGroup();
    const { tree } = this.state;
    if (head === undefined) return;
    if (head.size !== tree.size) differs(this.state, tree.size, `the log ends here, its head at ${head.size}`);
    if (!equalBytes(logRoot(sha256, tree), head.root)) {
      differs(this.state, tree.size, "the root is not that of the head");
    }
  }

  #finishGroup(): void {
    const group = this.#group;
    this.#group = null;
    if (group === null) return;
    this.#takeInput(group.input, group.sequence);
    const logged = new Queue(group.logged);
    follow(this.state, group.input.entry, sha256, (computed) => this.#compare(computed, logged));
    for (let next = logged.next; next !== undefined; next = logged.next) {
      if (!this.#isUnsure(next.entry)) {
        differs(this.state, next.sequence, `${next.entry.kind} does not follow from anything`);
      }
      this.#takeFromLog(logged.take());
    }
  }

  #takeInput(record: LogRecord, sequence: number): void {
    if (!isInput(record.entry)) return;
    const input = { entry: record.entry, attachment: record.attachment };
    this.#beforeInput(record.entry, sequence);
    try {
      const standIn = standInFor(this.state, this.#hints, input);
      if (this.#isSupposed(input.entry)) this.#checkHeld(input.entry, sequence);
      else admit(this.state, standIn?.record ?? input, sha256);
      apply(this.state, standIn?.record ?? input, sha256);
      standIn?.restore(this.state);
      for (const task of standIn?.unsure ?? []) {
        this.unsure.add(task);
        // A policy learns from every answer, and all verdicts rest on what it learned.
        // A composition looks at evidence that nothing stands in for.
        const { policy, verification } = this.state.spec ?? {};
        if (policy || verification) this.#isRecordUnsure = this.#isModelUnsure = true;
      }
      if (standIn !== null && input.entry.kind === "submitted") this.#supposed.add(slotKey(input.entry));
    } catch (error) {
      if (!isEarnestError(error)) throw error;
      differs(this.state, sequence, `${record.entry.kind} is not admissible: ${error.message}`);
    }
    this.#append(encodeEntry(record.entry));
  }

  /** What an execution is for hangs on all that a task was answered. */
  #isSupposed(entry: Input): entry is EntryOf<"executed"> {
    return entry.kind === "executed" && this.unsure.has(entry.task);
  }

  #checkHeld({ task, ordinal }: EntryOf<"executed">, sequence: number): void {
    const slot = this.state.tasks.get(task)?.slots[ordinal];
    if (slot?.state === "held" && slot.check !== null) return;
    differs(this.state, sequence, `slot ${task}.${ordinal} waits for no execution`);
  }

  /** Takes what the rules say where the log says the same, and what the log says where the rules cannot know. */
  #compare(computed: Consequence, logged: Queue): void {
    let encoded = encodeEntry(computed);
    const isExpected = (next: Logged): boolean =>
      equalBytes(next.encoded, encoded) || isSameMatter(next.entry, computed);
    while (logged.next !== undefined && !isExpected(logged.next) && this.#isUnsure(logged.next.entry)) {
      this.#takeFromLog(logged.take());
      // A model covers what the log had before it.
      if (computed.kind === "modelAdopted") encoded = encodeEntry(nextModel(this.state, sha256));
    }
    const { next } = logged;
    const isSame = next !== undefined && equalBytes(next.encoded, encoded);
    if (!isSame && !this.#isUnsure(computed)) {
      const what = `the log says ${next?.entry.kind ?? "nothing"}, the rules say ${computed.kind}`;
      differs(this.state, next?.sequence ?? this.state.tree.size + 1, what);
    }
    // Another verdict in the same matter, or none: the log's word counts where the rules cannot know.
    if (next !== undefined && isExpected(next)) this.#takeFromLog(logged.take(), !isSame);
  }

  #takeFromLog({ entry, encoded, sequence }: Logged, isOtherwise = false): void {
    try {
      this.#checkKnown(entry, sequence);
      this.#noteRecords(entry);
      apply(this.state, { entry, attachment: null }, sha256);
    } catch (error) {
      if (isEarnestError(error, "REPLAY_MISMATCH")) throw error;
      differs(this.state, sequence, `${entry.kind} is not possible: ${(error as Error).message}`);
    }
    if (isOtherwise && entry.kind === "modelAdopted") this.#isModelUnsure = true;
    if (isOtherwise && "task" in entry) this.unsure.add(entry.task);
    this.#append(encoded);
  }

  #append(encoded: Uint8Array): void {
    const { tree } = this.state;
    const isHere = this.#keeping === "here";
    this.state.tree = isHere ? appendLeaf(sha256, tree, logLeaf(sha256, encoded)) : { size: tree.size + 1, peaks: [] };
  }

  /** What the rules cannot know: verdicts of tasks with something supposed, and the weights that rest on such. */
  #isUnsure(entry: Entry): boolean {
    if (entry.kind === "modelAdopted") return this.#isRecordUnsure;
    if (!("task" in entry)) return false;
    if (this.unsure.has(entry.task)) return true;
    // What waits for a better model also falls due, so that even the order of what falls due is not known.
    return this.#isModelUnsure && (weighed.has(entry.kind) || Boolean(this.state.spec?.policy));
  }

  /**
   * A body that is there must fit the verdict, whatever else of its task is withheld. One that is supposed may not: near
   * answers are right as well, and not every type has one that is surely wrong. Then the record behind it is unsure.
   */
  #checkKnown(entry: Entry, sequence: number): void {
    if (entry.kind === "expired" || entry.kind === "released") this.#checkDue(entry, sequence);
    if (entry.kind !== "settled" && entry.kind !== "judged") return;
    const { task } = entry;
    const label = entry.kind === "settled" ? entry.label : this.state.tasks.get(task)?.settled?.label;
    for (const { ordinal, reason } of entry.kind === "settled" ? entry.rulings : [entry]) {
      const slot = this.state.tasks.get(task)?.slots[ordinal];
      if (slot === undefined || slot.state === "assigned") {
        differs(this.state, sequence, `there is no answer in slot ${task}.${ordinal}`);
      }
      if (label === undefined || (reason !== "AGREES" && reason !== "DISAGREES")) continue;
      if (isRight(this.state, task, slot.answer, label) === (reason === "AGREES")) continue;
      if (!this.#supposed.has(slotKey({ task, ordinal })))
        differs(this.state, sequence, `slot ${task}.${ordinal} is judged against its answer`);
      this.#isRecordUnsure = true;
    }
  }

  #checkDue({ kind, task, ordinal }: EntryOf<"expired" | "released">, sequence: number): void {
    const slot = this.state.tasks.get(task)?.slots[ordinal];
    // An answer that nobody measured ends later than one that never came.
    const isHeld = kind === "expired" && slot?.state === "held";
    const dueMs = (slot?.expiresAtMs ?? Number.POSITIVE_INFINITY) + (isHeld ? measureMsMax : 0);
    const isOpen = slot?.state === (kind === "expired" ? "assigned" : "appealable");
    const isDue = (isOpen || isHeld) && dueMs <= this.state.timeMs;
    if (!isDue) differs(this.state, sequence, `slot ${task}.${ordinal} is not due`);
  }

  /** Whether somebody agreed with a label is their record; without the body, only some reasons tell. */
  #noteRecords(entry: Entry): void {
    if (!("task" in entry) || !this.unsure.has(entry.task)) return;
    const given = entry.kind === "settled" ? entry.rulings : entry.kind === "judged" ? [entry] : [];
    if (given.some(({ reason }) => reason === "CONTROL_RATE_LOW" || reason === "UNDECIDED"))
      this.#isRecordUnsure = true;
  }
}

const weighed: ReadonlySet<Entry["kind"]> = new Set([
  "settled",
  "judged",
  "verified",
  "appealSettled",
  "challengeSettled",
]);

class Queue {
  readonly #items: readonly Logged[];
  #at = 0;

  constructor(items: readonly Logged[]) {
    this.#items = items;
  }

  get next(): Logged | undefined {
    return this.#items[this.#at];
  }

  take(): Logged {
    return this.#items[this.#at++] as Logged;
  }
}

/** Two consequences that stand for each other: of one kind, about one task or slot. */
function isSameMatter(a: Entry, b: Entry): boolean {
  if (a.kind !== b.kind) return false;
  const isTask = !("task" in a) || !("task" in b) || a.task === b.task;
  return isTask && (!("ordinal" in a) || !("ordinal" in b) || a.ordinal === b.ordinal);
}

function differs({ lane }: LaneState, sequence: number, what: string): never {
  throw earnestError("REPLAY_MISMATCH", { lane, sequence, what });
}
