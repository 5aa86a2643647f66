import type { SignedHead } from "../../contract/receipts.ts";
import { type Bytes32, bytes32, fromBase58, fromBase64, fromHex, toHex } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { marketId } from "../../core/market-id.ts";
import { headStatement } from "../../core/statements.ts";
import { decodeEntry, type LogRecord } from "../../market/entries.ts";
import { Replay } from "../../market/replay.ts";
import { emptyLaneState } from "../../market/state.ts";
import type { CommandContext } from "../context.ts";
import { isSignedBy, parsePublicKey, publicKeyOf, sha256 } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { Hints } from "../log/hints.ts";
import { type FileRecord, type LogHeader, readLogFile } from "../log/log-file.ts";
import { PublicReplay } from "../log/public-replay.ts";
import type { AddCommand } from "../options.ts";
import { sizeOf } from "../rows/check-rows.ts";

export const addReplay: AddCommand = (program, run) => {
  examples(
    program
      .command("replay")
      .description("Recompute every verdict, balance and root from an exported log, without asking any server")
      .argument("<file>", "A log exported by `earnest log`")
      .option("--signer <key>", "The network's signing key (default: the one that the file names)")
      .action(run(replay)),
    "earnest replay market.log",
  );
};

interface Difference {
  readonly lane: number;
  readonly sequence: number;
  readonly what: string;
}

interface LaneResult {
  readonly lane: number;
  readonly entries: number;
  readonly root: string | null;
  readonly settled: number;
  /** Tasks that could not be recomputed, as something of them is withheld. */
  readonly withheld: number;
  readonly difference: Difference | null;
}

async function replay(context: CommandContext, { signer }: { signer?: string }, file: string): Promise<ExitCode> {
  const path = context.path(file);
  const key = signer === undefined ? null : parsePublicKey(signer, "a signing key");
  const hints = await readHints(context, path);
  const startMs = context.clock();
  const lanes = await replayLanes(context, path, hints, key);
  return report(context, lanes, Math.max(context.clock() - startMs, 1));
}

/** A first reading: what is withheld, and what the rest says of it. */
async function readHints(context: CommandContext, path: string): Promise<readonly Hints[]> {
  const lanes: Hints[] = [];
  const progress = context.output.progress("Reading", await sizeOf(path));
  try {
    for await (const line of readLogFile(path)) {
      context.stopped.throwIfAborted();
      if (line.type === "header") lanes.push(new Hints());
      // What cannot be decoded is reported in its place by the second reading.
      else if (line.type === "record") takeHint(lanes.at(-1) as Hints, line);
      progress.set(line.bytesRead);
    }
  } finally {
    progress.end();
  }
  return lanes;
}

function takeHint(hints: Hints, record: FileRecord): void {
  try {
    hints.take(recordOf(record));
  } catch (error) {
    if (!isEarnestError(error)) throw error;
  }
}

const recordOf = ({ encoded, attachment }: FileRecord): LogRecord => ({ entry: decodeEntry(encoded), attachment });

async function replayLanes(
  context: CommandContext,
  path: string,
  hints: readonly Hints[],
  signer: Bytes32 | null,
): Promise<readonly LaneResult[]> {
  const lanes: LaneResult[] = [];
  let running: LaneReplay | null = null;
  const progress = context.output.progress("Replaying", await sizeOf(path));
  try {
    for await (const line of readLogFile(path)) {
      context.stopped.throwIfAborted();
      if (line.type === "header") {
        if (running !== null) lanes.push(running.result());
        running = new LaneReplay(line, hints[lanes.length] as Hints, signer);
      } else if (line.type === "record") running?.feed(line);
      else running?.end(line.head);
      progress.set(line.bytesRead);
    }
  } finally {
    progress.end();
  }
  if (running !== null) lanes.push(running.result());
  return lanes;
}

/** Replays one lane up to its first difference; the rest of it is only counted. */
class LaneReplay {
  readonly #header: LogHeader;
  readonly #signer: Bytes32 | null;
  readonly #replay: Replay | PublicReplay;
  #entries = 0;
  #settled = 0;
  #root: string | null = null;
  #isEnded = false;
  #difference: Difference | null = null;

  constructor(header: LogHeader, hints: Hints, signer: Bytes32 | null) {
    this.#header = header;
    this.#signer = signer ?? signerOf(header);
    this.#replay = hints.withheld === 0 ? new Replay(emptyLaneState(), sha256) : new PublicReplay(hints);
  }

  feed(line: FileRecord): void {
    this.#entries++;
    this.#attempt(line.sequence, () => {
      if (this.#isEnded) this.#differs(line.sequence, "the log goes on after its head");
      if (line.sequence !== this.#entries) this.#differs(this.#entries, `entry ${line.sequence} stands in its place`);
      const record = recordOf(line);
      if (record.entry.kind === "settled") this.#settled++;
      if (this.#replay instanceof Replay) this.#replay.feed([record]);
      else this.#replay.feed(record);
    });
  }

  end(head: SignedHead): void {
    this.#isEnded = true;
    this.#attempt(head.sequence, () => {
      const root = bytes32(fromHex(head.root));
      this.#replay.end({ size: head.sequence, root });
      this.#checkBelongs();
      this.#checkSignature(head, root);
      this.#root = toHex(root);
    });
  }

  result(): LaneResult {
    if (!this.#isEnded) {
      this.#difference ??= this.#differenceAt(this.#entries, "the log ends without its signed head");
    }
    const { lane } = this.#header;
    const withheld = this.#replay instanceof PublicReplay ? this.#replay.unsure.size : 0;
    const entries = this.#entries;
    return { lane, entries, root: this.#root, settled: this.#settled, withheld, difference: this.#difference };
  }

  #checkBelongs(): void {
    const { market, lane } = this.#replay.state;
    if (market !== this.#header.market || lane !== this.#header.lane) {
      this.#differs(1, "the log is of another market or lane than its header says");
    }
  }

  #checkSignature(head: SignedHead, root: Bytes32): void {
    if (this.#signer === null) return;
    const { sequence, timeMs } = head;
    const { lane } = this.#header;
    const statement = headStatement({ market: marketId(this.#header.market), lane, sequence, root, timeMs });
    if (!isSignedBy(publicKeyOf(this.#signer), statement, fromBase64(head.signature))) {
      this.#differs(sequence, "the head is not signed by the network's signer");
    }
  }

  #attempt(sequence: number, work: () => void): void {
    if (this.#difference !== null) return;
    try {
      work();
    } catch (error) {
      // Whatever the file does to the rules, it is the file that cannot be replayed.
      const what = isEarnestError(error) ? error.message : `it cannot be replayed (${String(error)})`;
      const found = isEarnestError(error, "REPLAY_MISMATCH") ? error.context : { sequence, what };
      this.#difference = this.#differenceAt(found.sequence, found.what);
    }
  }

  #differs(sequence: number, what: string): never {
    throw earnestError("REPLAY_MISMATCH", this.#differenceAt(sequence, what));
  }

  #differenceAt(sequence: number, what: string): Difference {
    return { lane: this.#header.lane, sequence, what };
  }
}

function signerOf({ network }: LogHeader): Bytes32 | null {
  return network === null ? null : bytes32(fromBase58(network.signer));
}

function report({ output }: CommandContext, lanes: readonly LaneResult[], tookMs: number): ExitCode {
  const sum = (of: (lane: LaneResult) => number): number => lanes.reduce((total, lane) => total + of(lane), 0);
  const entries = sum((lane) => lane.entries);
  const withheld = sum((lane) => lane.withheld);
  const entriesPerSecond = Math.round((entries * 1_000) / tookMs);
  const firstDifference = lanes.find(({ difference }) => difference !== null)?.difference ?? null;
  const root = lanes[0]?.root ?? null;
  const isOk = firstDifference === null;
  const { colours } = output;
  if (isOk) {
    output.line(`${colours.green("✓")} ${entries} entries replayed, ${entriesPerSecond} a second; nothing differs`);
    output.line(colours.dim(`  root ${root}`));
  } else {
    const { lane, sequence, what } = firstDifference;
    output.line(`${colours.red("✗")} lane ${lane}, entry ${sequence}: ${what}`);
  }
  if (withheld > 0) {
    output.line(`${withheld} tasks could not be recomputed: the log withholds bodies of unpaid answers or controls`);
  }
  const roots = lanes.map((lane) => ({ lane: lane.lane, root: lane.root }));
  const tasks = { settled: sum((lane) => lane.settled), notRecomputed: withheld };
  output.result({ ok: isOk, entries, entriesPerSecond, root, roots, tasks, firstDifference });
  if (!isOk) return exitCodes.failed;
  return withheld > 0 ? exitCodes.partial : exitCodes.ok;
}
