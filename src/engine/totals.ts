import { readTotals } from "../store/money/read-totals.ts";
import { claimedByContributors } from "../store/settlement/claims.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import { Gather } from "./gather.ts";
import type { Pools } from "./pools.ts";
import type { Totals } from "./types.ts";

type PoolTotals = Omit<Totals, "mint">;

/**
 * What was earned, and what of it was paid. Everybody may ask, and each reading looks at every balance: one is under way at a
 * time, and those who ask meanwhile share the next, which has in it whatever was there when they asked.
 */
export function createTotals(context: EngineContext, pools: Pools): Pick<Engine, "totals"> {
  const readings = new Gather<number, PoolTotals>(async (asked) => {
    const made = new Map<number, PoolTotals>();
    for (const poolNumber of new Set(asked)) made.set(poolNumber, await readPool(context, poolNumber));
    return asked.map((poolNumber) => made.get(poolNumber) as PoolTotals);
  });
  return {
    async totals(mint) {
      const { rail, poolNumber } = await pools.byMint(mint);
      return { mint: rail.mint, ...(await readings.get(poolNumber)) };
    },
  };
}

async function readPool({ pool }: EngineContext, poolNumber: number): Promise<PoolTotals> {
  const [totals, settled] = await Promise.all([readTotals(pool, poolNumber), claimedByContributors(pool, poolNumber)]);
  return { ...totals, settled };
}
