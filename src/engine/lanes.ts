import type { MarketId } from "../core/market-id.ts";
import type { EngineContext } from "./context.ts";
import { Lane } from "./lane.ts";

/** The lane of every task; further lanes of a market share its escrow by paired transfers. */
export const firstLane = 0;

/** The lanes this process works on, the least recently used dropped when they become too many. */
export class Lanes {
  readonly #context: EngineContext;
  readonly #lanes = new Map<string, Lane>();
  readonly #waiting = new Map<string, Set<() => void>>();

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

  /** Resolves at the market's next commit in this process, or after `msMax` because another process may have written. */
  async changed(market: MarketId, msMax: number): Promise<void> {
    const waiting = this.#waiting.get(market) ?? new Set();
    this.#waiting.set(market, waiting);
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        waiting.delete(finish);
        if (waiting.size === 0 && this.#waiting.get(market) === waiting) this.#waiting.delete(market);
        resolve();
      };
      const timer = setTimeout(finish, msMax);
      waiting.add(finish);
    });
  }

  async drained(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drained()));
  }

  #notify(market: MarketId): void {
    for (const finish of [...(this.#waiting.get(market) ?? [])]) finish();
  }

  #makeRoom(): void {
    if (this.#lanes.size < this.#context.settings.lanesCachedMax) return;
    const idle = [...this.#lanes].filter(([, lane]) => lane.idle).sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs);
    const [oldest] = idle;
    if (oldest !== undefined) this.#lanes.delete(oldest[0]);
  }
}
