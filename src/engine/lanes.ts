import type { MarketId } from "../core/market-id.ts";
import type { EngineContext } from "./context.ts";
import { Lane } from "./lane.ts";
import { Watch } from "./watch.ts";

/** The lane of every task; further lanes of a market share its escrow by paired transfers. */
export const firstLane = 0;

/** The lanes this process works on, the least recently used dropped when they become too many. */
export class Lanes {
  readonly #context: EngineContext;
  readonly #lanes = new Map<string, Lane>();
  readonly #watches = new Map<MarketId, Set<Watch>>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get(market: MarketId, lane: number = firstLane): Lane {
    const key = `${market}/${lane}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    this.#makeRoom();
    const fresh = new Lane(this.#context, market, lane, () => this.#notify(market));
    this.#lanes.set(key, fresh);
    return fresh;
  }

  /** Notified at each commit to the market in this process, until `unwatch`. */
  watch(market: MarketId): Watch {
    const watch = new Watch();
    this.#watches.set(market, (this.#watches.get(market) ?? new Set()).add(watch));
    return watch;
  }

  unwatch(market: MarketId, watch: Watch): void {
    const watches = this.#watches.get(market);
    watches?.delete(watch);
    if (watches?.size === 0) this.#watches.delete(market);
  }

  get watched(): number {
    return this.#watches.size;
  }

  async drained(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drained()));
  }

  #notify(market: MarketId): void {
    for (const watch of this.#watches.get(market) ?? []) watch.notify();
  }

  #makeRoom(): void {
    if (this.#lanes.size < this.#context.settings.lanesCachedMax) return;
    const idle = [...this.#lanes].filter(([, lane]) => lane.idle).sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs);
    const [oldest] = idle;
    if (oldest !== undefined) this.#lanes.delete(oldest[0]);
  }
}
