import {
  type ClaimedExecution,
  claimedExecution,
  decodedOrNull,
  isExecuted,
} from "../../attestor/claimed-execution.ts";
import { isEarnestError } from "../../core/errors.ts";
import { decodeEntry, type Entry, encodeEntry, type LogRecord } from "../../market/entries.ts";
import { Replay, type StoredRecord } from "../../market/replay.ts";
import { emptyLaneState, type LaneState } from "../../market/state.ts";
import { sha256 } from "../crypto.ts";
import { Hints } from "./hints.ts";
import { PublicReplay } from "./public-replay.ts";

/** `full` takes every record as it is; `public` supposes what is withheld, by the `hints` of a reading before it. */
export type Pass = "full" | "hints" | "public";

export interface RulesResult {
  /** The lane that the records say they are of. */
  readonly market: string;
  readonly lane: number;
  readonly settled: number;
  /** Tasks that could not be recomputed, as something of them is withheld. */
  readonly notRecomputed: number;
  /** A full pass ends where something is withheld: the log is a public one. */
  readonly isWithheld: boolean;
  readonly difference: { readonly sequence: number; readonly what: string } | null;
  /** Entries that say what was executed, up to the first difference. */
  readonly executed: number;
}

/** Told what an execution is of; those of tasks that could not be recomputed are not known. */
export type OnClaim = (claim: ClaimedExecution) => void;

/** One lane's log by the rules of its market, up to the first difference. */
export class LaneRules {
  #hints = new Hints();
  #pass: Pass = "full";
  #replay: Replay | PublicReplay | null = null;
  #size = 0;
  #settled = 0;
  #isWithheld = false;
  #difference: RulesResult["difference"] = null;
  #executed = 0;
  readonly #onClaim: OnClaim | null;

  constructor(onClaim: OnClaim | null = null) {
    this.#onClaim = onClaim;
  }

  begin(pass: Pass): void {
    if (pass !== "public") this.#hints = new Hints();
    this.#pass = pass;
    this.#replay = pass === "public" ? this.#publicReplay() : null;
    if (pass === "full") this.#replay = new Replay(emptyLaneState(), sha256, "elsewhere");
    this.#size = 0;
    this.#settled = 0;
    this.#isWithheld = false;
    this.#difference = null;
    this.#executed = 0;
  }

  /** Whether something may still happen to a task. */
  hasTask(task: number): boolean {
    return this.#replay?.state.tasks.get(task) !== undefined;
  }

  /** Nothing that comes now can change the result of this pass. */
  get isOver(): boolean {
    return this.#isWithheld || this.#difference !== null;
  }

  feed(records: readonly StoredRecord[]): void {
    if (this.isOver) return;
    const before = this.#size;
    this.#size += records.length;
    for (const { encoded } of records) {
      if (encoded[0] === settledKind) this.#settled++;
      else if (isExecuted(encoded)) this.#executed++;
    }
    if (this.#pass === "hints") for (const record of records) this.#takeHint(record);
    else this.#attempt(records, before);
  }

  /** @param size of the log, by its head; null where it has none */
  end(size: number | null): RulesResult {
    if (!this.isOver && size !== null && this.#pass !== "hints") this.#attempt(null, size);
    const { market = "", lane = 0 } = this.#replay?.state ?? {};
    const notRecomputed = this.#replay instanceof PublicReplay ? this.#replay.unsure.size : 0;
    const [settled, isWithheld, difference] = [this.#settled, this.#isWithheld, this.#difference];
    return {
      market,
      lane,
      settled,
      notRecomputed,
      isWithheld,
      difference,
      executed: this.#executed,
    };
  }

  #takeHint(record: StoredRecord): void {
    try {
      this.#hints.take(decodeRecord(record));
    } catch (error) {
      // What cannot be decoded is reported in its place by the next reading.
      if (!isEarnestError(error)) throw error;
    }
  }

  /** Whatever a file does to the rules, it is the file that cannot be replayed. */
  #attempt(records: readonly StoredRecord[] | null, before: number): void {
    try {
      if (records === null) this.#end();
      else if (this.#replay instanceof Replay) {
        this.#replay.feedStored(this.#onClaim === null ? records : this.#watched(this.#replay, records, before));
      } else this.#feedPublic(records, before);
    } catch (error) {
      const sequence = this.#replay?.state.tree.size ?? 0;
      const what = isEarnestError(error) ? error.message : `it cannot be replayed (${String(error)})`;
      const found = isEarnestError(error, "REPLAY_MISMATCH") ? error.context : { sequence: sequence + 1, what };
      const record = records?.[found.sequence - before - 1];
      this.#isWithheld = this.#pass === "full" && record !== undefined && lacksAttachment(record);
      if (!this.#isWithheld) this.#difference = { sequence: found.sequence, what: found.what };
    }
  }

  *#watched({ state }: Replay, records: readonly StoredRecord[], before: number): Iterable<StoredRecord> {
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as StoredRecord;
      if (isExecuted(record.encoded)) this.#note(state, decodedOrNull(record.encoded), before + i + 1);
      yield record;
    }
  }

  #note(state: LaneState, entry: Entry | null, sequence: number): void {
    const claimed = this.#onClaim === null ? null : claimedExecution(state, entry, sequence);
    if (claimed !== null) this.#onClaim?.(claimed);
  }

  #publicReplay(): PublicReplay {
    const replay: PublicReplay = new PublicReplay(this.#hints, "elsewhere", (entry, sequence) =>
      this.#note(replay.state, entry, sequence),
    );
    return replay;
  }

  #feedPublic(records: readonly StoredRecord[], before: number): void {
    for (const [i, record] of records.entries()) {
      let decoded: LogRecord;
      try {
        decoded = decodeRecord(record);
      } catch (error) {
        this.#difference = { sequence: before + i + 1, what: (error as Error).message };
        return;
      }
      (this.#replay as PublicReplay).feed(decoded);
    }
  }

  #end(): void {
    if (this.#replay instanceof PublicReplay) this.#replay.end();
    else this.#replay?.end();
  }
}

const decodeRecord = ({ encoded, attachment }: StoredRecord): LogRecord => ({
  entry: decodeEntry(encoded),
  attachment,
});

/** An encoding begins with the number of the entry's kind. */
const [settledKind] = encodeEntry({
  kind: "settled",
  task: 0,
  label: 0,
  confidencePpm: 0,
  decided: true,
  rulings: [],
});

/** Whether a record is there without what it commits to. */
function lacksAttachment(record: StoredRecord): boolean {
  if (record.attachment !== null) return false;
  try {
    const { entry } = decodeRecord(record);
    if (entry.kind === "batchAdded") return entry.controls.length > 0;
    return entry.kind === "submitted" || entry.kind === "testAdded";
  } catch {
    return false;
  }
}
