import type { Lanes } from "../lanes.ts";
import { eachPool, type Pools } from "../pools.ts";
import { Settler } from "./settle.ts";

/** All pools of the network, each settled by itself: what holds up one of them does not hold up the others. */
export class Settling {
  readonly #pools: Pools;
  readonly #lanes: Lanes;
  readonly #settlers = new Map<number, Settler>();
  #isStopped = false;

  constructor(pools: Pools, lanes: Lanes) {
    this.#pools = pools;
    this.#lanes = lanes;
  }

  /** @throws what the first of the failures was, after the others were settled */
  async once(): Promise<void> {
    await eachPool(await this.#pools.all(), async (pool) => {
      if (this.#isStopped) return;
      const settler = this.#settlers.get(pool.poolNumber) ?? new Settler(pool, this.#lanes);
      this.#settlers.set(pool.poolNumber, settler);
      await settler.once();
    });
  }

  stop(): void {
    this.#isStopped = true;
    for (const settler of this.#settlers.values()) settler.stop();
  }
}
