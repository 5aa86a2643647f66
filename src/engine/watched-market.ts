import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { readLanes } from "../store/lanes/read-lanes.ts";
import type { EngineContext } from "./context.ts";
import type { Watch } from "./watch.ts";

/** How soon those who follow a market hear of what another process committed. */
const pollMs = 500;

/** Everybody in this process who follows a market. One look at its lanes serves them all. */
export class WatchedMarket {
  readonly watches = new Set<Watch>();
  readonly #context: EngineContext;
  readonly #key: Uint8Array;
  readonly #timer: NodeJS.Timeout;
  /** How much there was in all lanes at the last look. */
  #size = -1;
  #isLooking = false;

  constructor(context: EngineContext, market: MarketId) {
    this.#context = context;
    this.#key = marketIdToBytes(market);
    this.#timer = setInterval(() => void this.#look(), pollMs);
  }

  notify(): void {
    for (const watch of this.watches) watch.notify();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const lanes = await readLanes(this.#context.pool, this.#key);
      const size = lanes.reduce((sum, { sequence }) => sum + sequence, 0);
      if (size !== this.#size) this.notify();
      this.#size = size;
    } catch {
      // The database is away: whoever reads is told, and the next look comes soon.
      this.#size = -1;
    } finally {
      this.#isLooking = false;
    }
  }
}
