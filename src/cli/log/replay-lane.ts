import type { Bytes32 } from "../../core/bytes.ts";
import type { StoredRecord } from "../../market/replay.ts";
import type { Extent } from "../lines.ts";
import { type Difference, LaneReading } from "./lane-reading.ts";
import type { Pass, RulesResult } from "./lane-rules.ts";
import { type FileRecord, type LogLine, readLogFile } from "./log-file.ts";

export interface LaneResult {
  readonly lane: number;
  readonly entries: number;
  /** Of a log without a difference. */
  readonly root: string | null;
  readonly settled: number;
  /** Tasks that could not be recomputed, as something of them is withheld. */
  readonly notRecomputed: number;
  readonly difference: Difference | null;
  /** Entries that say what was executed. */
  readonly executed: number;
  /** The one that the result is of. */
  readonly pass: Exclude<Pass, "hints">;
}

/** The rules of a lane, in this thread or in another one, which may still be busy when it is fed. */
export interface Rules {
  begin(pass: Pass): void;
  feed(records: readonly StoredRecord[]): Promise<void> | void;
  /** Whether what comes now cannot change the result any more, as far as is known. */
  readonly isOver: boolean;
  end(size: number | null): Promise<RulesResult> | RulesResult;
}

export interface LaneSource extends Extent {
  readonly path: string;
  /** Who must have signed the head; null for the one that the file names. */
  readonly signer: Bytes32 | null;
}

/** Called with each part that was read; throws where nobody wants the result any more. */
export type OnRead = (bytesRead: number) => void;

/** Replays one lane of a file. A log that withholds something is read twice more: for what it says of that, and by it. */
export async function replayLane(source: LaneSource, rules: Rules, onRead: OnRead): Promise<LaneResult> {
  const full = await readLane(source, rules, "full", onRead);
  if (!full.byRules.isWithheld) return resultOf(full, "full");
  await readLane(source, rules, "hints", onRead);
  return resultOf(await readLane(source, rules, "public", onRead), "public");
}

interface ReadLane {
  readonly reading: LaneReading;
  readonly byRules: RulesResult;
}

async function readLane(source: LaneSource, rules: Rules, pass: Pass, onRead: OnRead): Promise<ReadLane> {
  const reading = new LaneReading(source.signer);
  let last = source.from;
  rules.begin(pass);
  for await (const { lines, bytesRead } of readLogFile(source.path, source)) {
    onRead(bytesRead - last);
    last = bytesRead;
    const records = pass === "hints" ? recordsOf(lines) : reading.take(lines);
    if (!rules.isOver) await rules.feed(records);
  }
  return { reading, byRules: await rules.end(reading.root === null ? null : reading.entries) };
}

export const recordsOf = (lines: readonly LogLine[]): FileRecord[] => lines.filter((line) => line.type === "record");

/** What comes first in the log counts first; a log that only its rules find fault with has that fault. */
function resultOf({ reading, byRules }: ReadLane, pass: LaneResult["pass"]): LaneResult {
  const { lane, market } = reading.header;
  const { entries, difference: outside } = reading;
  const { settled, notRecomputed, executed } = byRules;
  const inside = byRules.difference === null ? null : { lane, ...byRules.difference };
  const isOther = byRules.market !== "" && (market !== byRules.market || lane !== byRules.lane);
  const foreign = isOther ? { lane, sequence: 1, what: otherLane } : null;
  const found = [inside, outside, foreign].filter((each) => each !== null);
  const difference = found.toSorted((a, b) => a.sequence - b.sequence)[0] ?? null;
  const root = difference === null ? reading.root : null;
  return { lane, entries, root, settled, notRecomputed, difference, executed, pass };
}

const otherLane = "the log is of another market or lane than its header says";
