import type { MarketId } from "../core/market-id.ts";
import type { EngineContext } from "./context.ts";
import { Lane } from "./lane.ts";
import { Watch } from "./watch.ts";
import { WatchedMarket } from "./watched-market.ts";

/** The lane of every task; further lanes of a market share its escrow by paired transfers. */
export const firstLane = 0;

/** The lanes this process works on, the least recently used dropped when they become too many. */
export class Lanes {
  readonly #context: EngineContext;
  readonly #lanes = new Map<string, Lane>();
  readonly #watched = new Map<MarketId, WatchedMarket>();
  readonly #onExecuting: (market: MarketId, lane: number) => void;

  /** @param onExecuting told where a lane has submissions that may wait for an execution */
  constructor(context: EngineContext, onExecuting: (market: MarketId, lane: number) => void = () => undefined) {
    this.#context = context;
    this.#onExecuting = onExecuting;
  }

  get(market: MarketId, lane: number = firstLane): Lane {
    const key = `${market}/${lane}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    this.#makeRoom();
    const fresh = new Lane(this.#context, market, lane, {
      onCommit: () => this.#watched.get(market)?.notify(),
      onExecuting: () => this.#onExecuting(market, lane),
    });
    this.#lanes.set(key, fresh);
    return fresh;
  }

  /** Notified at each commit to the market, soon also at those of other processes, until `unwatch`. */
  watch(market: MarketId): Watch {
    const watch = new Watch();
    let watched = this.#watched.get(market);
    if (watched === undefined) {
      watched = new WatchedMarket(this.#context, market);
      this.#watched.set(market, watched);
    }
    watched.watches.add(watch);
    return watch;
  }

  unwatch(market: MarketId, watch: Watch): void {
    const watched = this.#watched.get(market);
    watched?.watches.delete(watch);
    if (watched?.watches.size !== 0) return;
    watched.close();
    this.#watched.delete(market);
  }

  get watched(): number {
    return this.#watched.size;
  }

  /** The end of this process's work on all of them: where the database is gone, the first says so for all. */
  async leave(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drained()));
    for (const lane of this.#lanes.values()) if (!(await lane.leave())) return;
  }

  #makeRoom(): void {
    if (this.#lanes.size < this.#context.settings.lanesCachedMax) return;
    const idle = [...this.#lanes].filter(([, lane]) => lane.idle).sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs);
    const [oldest] = idle;
    if (oldest !== undefined) this.#lanes.delete(oldest[0]);
  }
}
