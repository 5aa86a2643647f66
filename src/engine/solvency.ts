import { type Amount, amount } from "../core/amount.ts";
import { readTotals } from "../store/money/read-totals.ts";
import type { Engine } from "./engine.ts";
import { fresh } from "./fresh.ts";
import type { PoolContext, Pools } from "./pools.ts";

export interface SolvencyView {
  readonly mint: string;
  readonly atMs: number;
  readonly held: Amount;
  readonly deposited: Amount;
  readonly refunded: Amount;
  readonly unearned: Amount;
}

/** Everybody may ask, and the chain's node is not asked more often than that. */
const freshMs = 5_000;

export function createSolvency(pools: Pools): Pick<Engine, "solvency"> {
  const known = new Map<string, () => Promise<SolvencyView>>();
  return {
    async solvency(mint) {
      const of = await pools.byMint(mint);
      const read = known.get(of.rail.mint) ?? fresh(of.clock, freshMs, (atMs) => readSolvency(of, atMs));
      known.set(of.rail.mint, read);
      return await read();
    },
  };
}

async function readSolvency({ pool, poolNumber, rail }: PoolContext, atMs: number): Promise<SolvencyView> {
  const [chain, held, totals] = await Promise.all([
    rail.readPool(),
    rail.heldBy([rail.pool]),
    readTotals(pool, poolNumber),
  ]);
  const { deposited, refunded } = chain.pool;
  const left = deposited - refunded - totals.earned - totals.fee;
  return {
    mint: rail.mint,
    atMs,
    // The vault is the pool's own token account.
    held: held.get(rail.pool) ?? amount(0n),
    deposited,
    refunded,
    unearned: amount(left > 0n ? left : 0n),
  };
}
