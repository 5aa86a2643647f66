import { Worker } from "node:worker_threads";
import { type EarnestError, type ErrorCode, earnestError } from "../../core/errors.ts";
import type { StoredRecord } from "../../market/replay.ts";
import { wholeFile } from "../lines.ts";
import { LaneRules, type Pass, type RulesResult } from "./lane-rules.ts";
import { findLanes, type LanePart } from "./log-file.ts";
import { type Portion, packPortion } from "./portion.ts";
import { type LaneResult, type LaneSource, type OnRead, type Rules, replayLane } from "./replay-lane.ts";
import type { Request } from "./requests.ts";

export type ToThread =
  | { readonly type: "lane"; readonly source: LaneSource }
  | { readonly type: "pass"; readonly pass: Pass }
  | { readonly type: "feed"; readonly portion: Portion }
  | { readonly type: "end"; readonly size: number | null }
  | { readonly type: "verify"; readonly requests: readonly Request[] };

export type FromThread =
  | { readonly type: "ready" }
  | { readonly type: "read"; readonly bytes: number }
  | { readonly type: "lane"; readonly result: LaneResult }
  | { readonly type: "refused"; readonly code: ErrorCode; readonly context: object }
  | { readonly type: "fed"; readonly isOver: boolean }
  | { readonly type: "ended"; readonly result: RulesResult }
  | { readonly type: "verified"; readonly wrong: readonly number[] };

const usualProgram = new URL("./replay-thread.js", import.meta.url);
/** Replay makes much garbage that does not live long: with more room for it, less of it is looked at. */
const youngMegabytes = 64;

/** Another thread; what it says comes in the order in which it was asked. */
export class ReplayThread {
  readonly #worker: Worker;
  readonly #waiting: { readonly take: (message: FromThread) => void; readonly fail: (error: unknown) => void }[] = [];
  #failure: Error | null = null;
  onRead: OnRead = () => {};

  private constructor(program: URL) {
    this.#worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes } });
    this.#worker.on("message", (message: FromThread) => {
      if (message.type !== "read") this.#waiting.shift()?.take(message);
      else {
        try {
          this.onRead(message.bytes);
        } catch (error) {
          // Nobody wants the result any more: whoever waits for it hears why.
          this.#tellAll(error);
        }
      }
    });
    const end = (error: Error): void => {
      this.#failure ??= error;
      this.#tellAll(this.#failure);
    };
    this.#worker.on("error", end);
    this.#worker.on("exit", () => end(new Error("a thread ended")));
  }

  #tellAll(error: unknown): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }

  /** Whether it died: then what it was asked is for somebody else to do. */
  get isGone(): boolean {
    return this.#failure !== null;
  }

  /** Null where a thread cannot start: then the others do without it. */
  static async start(program = usualProgram): Promise<ReplayThread | null> {
    const thread = new ReplayThread(program);
    try {
      await thread.#next();
      return thread;
    } catch {
      return null;
    }
  }

  /** @throws what the thread refuses, or why it ended */
  async ask<Type extends FromThread["type"]>(message: ToThread, type: Type): Promise<FromThread & { type: Type }> {
    this.tell(message);
    const answer = await this.#next();
    if (answer.type === "refused") throw refusal(answer.code, answer.context);
    if (answer.type !== type) throw new Error(`a thread said ${answer.type}, not ${type}`);
    return answer as FromThread & { type: Type };
  }

  tell(message: ToThread): void {
    // What a portion is in is given away with it: nobody here reads it any more.
    const given = message.type === "feed" ? [message.portion.buffer] : [];
    this.#worker.postMessage(message, given);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #next(): Promise<FromThread> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((take, fail) => this.#waiting.push({ take, fail }));
  }
}

const refusal = (code: ErrorCode, context: object): EarnestError => earnestError(code, context as never);

/** Portions on their way: enough that neither thread waits, and few enough that a long log is not in memory. */
const portionsMax = 8;

/** The rules of a lane in another thread. */
class DistantRules implements Rules {
  readonly #thread: ReplayThread;
  #underWay: Promise<unknown>[] = [];
  isOver = false;

  constructor(thread: ReplayThread) {
    this.#thread = thread;
  }

  begin(pass: Pass): void {
    this.isOver = false;
    this.#thread.tell({ type: "pass", pass });
  }

  async feed(records: readonly StoredRecord[]): Promise<void> {
    if (records.length === 0) return;
    const fed = this.#thread.ask({ type: "feed", portion: packPortion(records) }, "fed").then(({ isOver }) => {
      this.isOver ||= isOver;
    });
    // Whoever waits for it later hears of its failure.
    fed.catch(() => {});
    this.#underWay.push(fed);
    if (this.#underWay.length > portionsMax) await this.#underWay.shift();
  }

  async end(size: number | null): Promise<RulesResult> {
    await Promise.all(this.#underWay.splice(0));
    const { result } = await this.#thread.ask({ type: "end", size }, "ended");
    return result;
  }
}

export interface ReplayFileOptions {
  readonly signer: LaneSource["signer"];
  /** Of all threads, this one among them, at most. */
  readonly threads: number;
  readonly onRead: OnRead;
  readonly program?: URL;
  /** A further thread is started for each so many bytes. Default: what it takes until one has paid for its start. */
  readonly bytesPerThread?: number;
}

/** A thread compiles all that it runs anew: a second of processor time, in which one that is warm replays this much. */
const usualBytesPerThread = 24 << 20;

/**
 * Replays all lanes of a file. Lanes are independent: each thread takes the next largest. Where there is but one, this
 * thread reads and hashes it, and another applies the rules.
 *
 * @throws MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function replayFile(path: string, options: ReplayFileOptions): Promise<readonly LaneResult[]> {
  const found = await findLanes(path);
  const parts: readonly LanePart[] = found.length > 0 ? found : [{ ...wholeFile, market: "", lane: 0 }];
  const sources = parts.map((part): LaneSource => ({ ...part, path, signer: options.signer }));
  const wanted = Math.min(options.threads, Math.max(parts.length, 2), threadsFor(parts, options));
  const started = await Promise.all(Array.from({ length: wanted - 1 }, () => ReplayThread.start(options.program)));
  const threads = started.filter((each) => each !== null);
  try {
    const [only, ...others] = sources as [LaneSource, ...LaneSource[]];
    if (others.length > 0) return onceEach(parts, await replayLanes(sources, threads, options.onRead));
    return [await replayOne(only, threads[0], options.onRead)];
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

/** A lane that stands in a file a second time tells nothing new, and must not count twice. */
function onceEach(parts: readonly LanePart[], results: readonly LaneResult[]): readonly LaneResult[] {
  const seen = new Set<string>();
  return results.map((result, at) => {
    const { market, lane } = parts[at] as LanePart;
    const name = `${market} ${lane}`;
    if (!seen.has(name)) {
      seen.add(name);
      return result;
    }
    return { ...result, root: null, difference: { lane, sequence: 1, what: "the lane stands in the file twice" } };
  });
}

function threadsFor(parts: readonly LanePart[], { bytesPerThread = usualBytesPerThread }: ReplayFileOptions): number {
  const bytes = parts.at(-1)?.to ?? 0;
  return Math.max(1, Math.ceil(bytes / bytesPerThread));
}

async function replayOne(source: LaneSource, helper: ReplayThread | undefined, onRead: OnRead): Promise<LaneResult> {
  if (helper === undefined) return await replayLane(source, new LaneRules(), onRead);
  try {
    return await replayLane(source, new DistantRules(helper), onRead);
  } catch (error) {
    if (!helper.isGone) throw error;
    return await replayLane(source, new LaneRules(), onRead);
  }
}

async function replayLanes(
  sources: readonly LaneSource[],
  threads: readonly ReplayThread[],
  onRead: OnRead,
): Promise<readonly LaneResult[]> {
  const left = sources.map((source, at) => ({ source, at })).sort((a, b) => sizeOf(b.source) - sizeOf(a.source));
  const results: LaneResult[] = [];
  const failed: { with: Error | null } = { with: null };
  const onReadWhileWanted: OnRead = (bytes) => {
    if (failed.with !== null) throw failed.with;
    onRead(bytes);
  };
  const work = async (thread: ReplayThread | null): Promise<void> => {
    for (let next = left.shift(); next !== undefined && failed.with === null; next = left.shift()) {
      try {
        results[next.at] = await replayIn(thread, next.source, onReadWhileWanted);
      } catch (error) {
        if (thread?.isGone === true) {
          left.push(next);
          return;
        }
        failed.with ??= error as Error;
      }
    }
  };
  await Promise.all([null, ...threads].map(work));
  // What a thread that died had taken.
  await work(null);
  if (failed.with !== null) throw failed.with;
  return results;
}

async function replayIn(thread: ReplayThread | null, source: LaneSource, onRead: OnRead): Promise<LaneResult> {
  if (thread === null) return await replayLane(source, new LaneRules(), onRead);
  thread.onRead = onRead;
  return (await thread.ask({ type: "lane", source }, "lane")).result;
}

const sizeOf = ({ from, to }: LaneSource): number => to - from;
