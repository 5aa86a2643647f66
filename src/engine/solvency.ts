import { type Amount, amount } from "../core/amount.ts";
import { readTotals } from "../store/money/read-totals.ts";
import type { EngineContext } from "./context.ts";
import { fresh } from "./fresh.ts";

export interface SolvencyView {
  readonly atMs: number;
  readonly held: Amount;
  readonly deposited: Amount;
  readonly refunded: Amount;
  readonly unearned: Amount;
}

/** Everybody may ask, and the chain's node is not asked more often than that. */
const freshMs = 5_000;

export const createSolvency = ({ pool, rail, clock }: EngineContext): { solvency(): Promise<SolvencyView> } => ({
  solvency: fresh(clock, freshMs, async (atMs) => {
    const [chain, held, totals] = await Promise.all([rail.readPool(), rail.heldBy([rail.pool]), readTotals(pool)]);
    const { deposited, refunded } = chain.pool;
    const left = deposited - refunded - totals.earned - totals.fee;
    return {
      atMs,
      // The vault is the pool's own token account.
      held: held.get(rail.pool) ?? amount(0n),
      deposited,
      refunded,
      unearned: amount(left > 0n ? left : 0n),
    };
  }),
});
