import { type Bytes32, equalBytes, toHex } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import type { MarketId } from "../core/market-id.ts";
import { formatSlot } from "../core/slot.ts";
import { readContents } from "../market/contents.ts";
import { type EntryOf, encodeEntry } from "../market/entries.ts";
import { executedEntry, taskInput } from "../market/executed.ts";
import type { WantedExecution } from "../market/executions.ts";
import { type Difference, difference } from "../market/settlement/differences.ts";
import type { Execution } from "../sandbox/execution.ts";
import { runBytes } from "../sandbox/run-bytes.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { own } from "../verification/primitives/evidence.ts";
import type { ChainSource } from "./chain-source.ts";
import type { ClaimedExecution } from "./claimed-execution.ts";
import type { LogSource } from "./log-source.ts";

/** A hash that a log says the chain has. */
export interface ClaimedDraw {
  readonly sequence: number;
  readonly entry: EntryOf<"drawn">;
}

/** One's own sandbox failed, or is too slow: that says nothing of what the log claims. */
export class NotExecuted extends Error {
  readonly sequence: number;

  constructor(sequence: number, problem: string) {
    super(problem);
    this.sequence = sequence;
  }
}

/** The source has not what was executed, or shows something else. */
export class UnknownBytes extends Error {}

export interface ReexecutionOptions {
  readonly source: Pick<LogSource, "records" | "content">;
  readonly sandbox: Pick<Sandbox, "execute">;
  readonly hash: Hash;
  readonly chain: Pick<ChainSource, "blockHash">;
}

const attemptsMax = 3;
const resultsMax = 256;
const programsMax = 8;

/** Repeats what a log says was executed: program, input and limits follow from the log, and so must all else. */
export class Reexecution {
  readonly #options: ReexecutionOptions;
  readonly #programs = new Map<string, Uint8Array>();
  /** By program, input and limits: the same again comes to the same. */
  readonly #results = new Map<string, Execution>();
  /** Executions that were repeated since it was made. */
  executions = 0;

  constructor(options: ReexecutionOptions) {
    this.#options = options;
  }

  /** What a log claims of the world outside of it. */
  async check(market: MarketId, lane: number, claimed: ClaimedExecution | ClaimedDraw): Promise<Difference | null> {
    return "wanted" in claimed
      ? await this.#checkExecution(market, lane, claimed)
      : await this.#checkDraw(market, lane, claimed);
  }

  async #checkDraw(market: MarketId, lane: number, { sequence, entry }: ClaimedDraw): Promise<Difference | null> {
    const found = await this.#options.chain.blockHash(entry.chainSlot);
    if (found !== null && equalBytes(found, entry.chainHash)) return null;
    const place = { type: "entry", market, lane, sequence } as const;
    const is = found === null ? "no block" : `the hash ${toHex(found)}`;
    return difference("DRAW_DIFFERS", place, `it says ${toHex(entry.chainHash)}; slot ${entry.chainSlot} has ${is}`);
  }

  /**
   * Null where it came to the same.
   *
   * @throws NotExecuted; what the source throws where it does not answer
   */
  async #checkExecution(
    market: MarketId,
    lane: number,
    { sequence, entry, wanted }: ClaimedExecution,
  ): Promise<Difference | null> {
    // What failed with the operator need not fail here. Void submissions are capped and counted publicly.
    if (entry.outcome === "fault") return null;
    const execution = await this.#execute(market, lane, sequence, wanted);
    const expected = executedEntry(this.#options.hash, wanted, execution);
    if (equalBytes(encodeEntry(expected), encodeEntry(entry))) return null;
    const place = { type: "entry", market, lane, sequence } as const;
    const told = ({ outcome, fuel, output, crash }: EntryOf<"executed">): string =>
      `${outcome} with ${fuel} of fuel, output ${toHex(output).slice(0, 16)}${crash === null ? "" : `, ${crash.type}`}`;
    return difference(
      "EXECUTION_DIFFERS",
      place,
      `${entry.name} of slot ${formatSlot(entry)} says ${told(entry)}; here it is ${told(expected)}`,
    );
  }

  async #execute(market: MarketId, lane: number, sequence: number, wanted: WantedExecution): Promise<Execution> {
    const { language, limits } = wanted;
    const key = JSON.stringify([language, toHex(wanted.program.hash), toHex(wanted.input.hash), limits]);
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const { hash } = wanted.program;
    const bytes = await this.#program(market, lane, wanted.program);
    const input = await this.#bytesAt(market, lane, wanted.input);
    let problem = "";
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const execution = await runBytes(this.#options.sandbox, language, { bytes, hash }, input, limits);
      this.executions++;
      if (execution.outcome !== "fault") return kept(this.#results, key, execution, resultsMax);
      problem = execution.problem;
    }
    throw new NotExecuted(sequence, problem);
  }

  async #program(market: MarketId, lane: number, wanted: WantedExecution["program"]): Promise<Uint8Array> {
    const key = toHex(wanted.hash);
    return this.#programs.get(key) ?? kept(this.#programs, key, await this.#bytesAt(market, lane, wanted), programsMax);
  }

  async #bytesAt(market: MarketId, lane: number, wanted: WantedExecution["program"]): Promise<Uint8Array> {
    const bytes = await this.#read(market, lane, wanted);
    if (bytes !== null && equalBytes(this.#options.hash(bytes), wanted.hash)) return bytes;
    throw new UnknownBytes(`it does not show the bytes with the hash ${toHex(wanted.hash)}`);
  }

  async #read(
    market: MarketId,
    lane: number,
    { hash: wanted, place }: { readonly hash: Bytes32; readonly place: WantedExecution["input"]["place"] },
  ): Promise<Uint8Array | null> {
    const { source, hash } = this.#options;
    if (place.at === "task") return taskInput(hash, await source.content(market, place.task), wanted);
    const [record] = await source.records({ market, lane, from: place.sequence, limit: 1 });
    const attachment = record?.attachment ?? null;
    if (attachment === null || place.at === "program") return attachment;
    return own(readContents(attachment), place.name) ?? null;
  }
}

/** Keeps the newest of them. */
function kept<T>(values: Map<string, T>, key: string, value: T, max: number): T {
  values.set(key, value);
  const [oldest] = values.keys();
  if (values.size > max) values.delete(oldest as string);
  return value;
}
