import { setTimeout as sleep } from "node:timers/promises";
import { bytes32, equalBytes, toHex } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { formatSlot } from "../core/slot.ts";
import { readContents } from "../market/contents.ts";
import type { EntryOf } from "../market/entries.ts";
import { type Ended, executedEntry, taskInput } from "../market/executed.ts";
import { type BytesPlace, type WantedExecution, wantedExecutions, wantsDraw } from "../market/executions.ts";
import { runBytes } from "../sandbox/run-bytes.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import { readTasks } from "../store/tasks/read-tasks.ts";
import { own } from "../verification/primitives/evidence.ts";
import { Cache } from "./cache.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Lanes } from "./lanes.ts";
import { open } from "./places/sealed.ts";

/** Submissions of one lane that are executed for at the same time. */
const atOnceMax = 16;
/** After a fault of ours: what overloaded the machine may be over then. */
const faultPauseMs = 250;

/**
 * Executes what verdicts wait for, outside of any transaction, and enters what came of it. One worker a lane at a time;
 * whoever else did the same is told that nothing waits for it any more. A restart finds the lanes again, as they stay due.
 */
export class Executor {
  readonly #context: EngineContext;
  readonly #lanes: Lanes;
  readonly #programs: Cache<Uint8Array>;
  readonly #running = new Map<string, Promise<void>>();
  /** Lanes in which something was committed since their worker looked. */
  readonly #again = new Set<string>();
  readonly #entering = new Set<Promise<void>>();
  #isStopped = false;

  constructor(context: EngineContext, lanes: Lanes) {
    this.#context = context;
    this.#lanes = lanes;
    this.#programs = new Cache({ max: 8, ttlMs: 3_600_000, clock: context.clock });
  }

  /** Something in this lane may wait for an execution. */
  wake(market: MarketId, lane: number): void {
    const key = `${market}/${lane}`;
    if (this.#isStopped) return;
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#running.set(
      key,
      this.#work(key, market, lane).finally(() => {
        this.#running.delete(key);
        if (this.#again.delete(key)) this.wake(market, lane);
      }),
    );
  }

  /** Ends after what is being entered; what is being executed is done again after the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#entering);
  }

  async #work(key: string, market: MarketId, lane: number): Promise<void> {
    try {
      while (!this.#isStopped) {
        this.#again.delete(key);
        const { wanted, upTo } = await this.#lanes.get(market, lane).read((state) => ({
          wanted: wantedExecutions(state, atOnceMax),
          upTo: wantsDraw(state) ? state.tree.size : null,
        }));
        if (wanted.length === 0 && upTo === null) return;
        const drawing = upTo === null ? Promise.resolve() : this.#draw(market, lane, upTo);
        const executing = Promise.all(wanted.map((each) => this.#execute(market, lane, each)));
        const [faults] = await Promise.all([executing, drawing]);
        if (faults.some((isFault) => isFault) && !this.#isStopped) await sleep(faultPauseMs);
      }
    } catch (error) {
      // The lane stays due: the sweeper comes back to it.
      this.#context.log("executions are behind", { market, lane, error: String(error) });
    }
  }

  /** Whether a fault of ours was among them. */
  async #execute(market: MarketId, lane: number, wanted: WantedExecution): Promise<boolean> {
    const { sandbox, log } = this.#context;
    const { language, limits, times } = wanted;
    const [bytes, input] = await Promise.all([
      this.#program(market, lane, wanted),
      this.#bytesAt(market, lane, wanted.input),
    ]);
    const ended = await Promise.all(
      Array.from({ length: times }, () =>
        runBytes(sandbox, language, { bytes, hash: wanted.program.hash }, input, limits),
      ),
    );
    for (const each of ended) {
      // What was cut off says nothing of the program.
      if (this.#isStopped) return false;
      if (each.outcome === "fault") log("an execution failed", { slot: formatSlot(wanted), problem: each.problem });
      const entering = this.#enter(market, lane, wanted, each);
      this.#entering.add(entering);
      await entering.finally(() => this.#entering.delete(entering));
    }
    return ended.some(({ outcome }) => outcome === "fault");
  }

  async #enter(market: MarketId, lane: number, wanted: WantedExecution, ended: Ended): Promise<void> {
    await this.#run(market, lane, executedEntry(hashOf(this.#context), wanted, ended));
  }

  /** The hash of a slot that begins after all of the log up to here. */
  async #draw(market: MarketId, lane: number, upTo: number): Promise<void> {
    const { slot, hash } = await this.#context.rail.nextBlock();
    if (this.#isStopped) return;
    const entering = this.#run(market, lane, { kind: "drawn", chainSlot: slot, chainHash: hash, upTo });
    this.#entering.add(entering);
    await entering.finally(() => this.#entering.delete(entering));
  }

  async #run(market: MarketId, lane: number, entry: EntryOf<"executed"> | EntryOf<"drawn">): Promise<void> {
    try {
      await this.#lanes.get(market, lane).run({ type: "input", record: { entry, attachment: null } });
    } catch (error) {
      // Its verdict is there: another process was faster, or an execution before this one decided.
      if (!isEarnestError(error, "MALFORMED_REQUEST") && !isEarnestError(error, "SLOT_NOT_FOUND")) throw error;
    }
  }

  async #program(market: MarketId, lane: number, { program }: WantedExecution): Promise<Uint8Array> {
    const name = toHex(program.hash);
    return this.#programs.get(name) ?? this.#programs.set(name, await this.#bytesAt(market, lane, program));
  }

  async #bytesAt(
    market: MarketId,
    lane: number,
    { hash: wanted, place }: WantedExecution["program"],
  ): Promise<Uint8Array> {
    const hash = hashOf(this.#context);
    const bytes = await this.#read(market, lane, place, (content) => taskInput(hash, content, wanted));
    if (bytes === null || !equalBytes(hash(bytes), bytes32(wanted))) {
      throw new Error(`nothing has the hash ${toHex(wanted)} at ${JSON.stringify(place)}`);
    }
    return bytes;
  }

  async #read(
    market: MarketId,
    lane: number,
    place: BytesPlace,
    inputIn: (content: Json) => Uint8Array | null,
  ): Promise<Uint8Array | null> {
    const { pool } = this.#context;
    const key = marketIdToBytes(market);
    if (place.at === "task") {
      const [row] = await readTasks(pool, key, lane, [place.task]);
      return row === undefined ? null : inputIn(JSON.parse(row.content) as Json);
    }
    const [entry] = await readEntriesAt(pool, key, lane, [place.sequence]);
    const attachment = entry?.attachment ?? null;
    if (attachment === null || place.at === "program") return attachment;
    const body = await open(this.#context, market, attachment);
    return body === null ? null : (own(readContents(body), place.name) ?? null);
  }
}
