import { equalBytes } from "../../core/bytes.ts";
import { marketIdToBytes } from "../../core/market-id.ts";
import type { PoolView } from "../../rails/rail.ts";
import { endStanding } from "../../store/markets/end-standing.ts";
import { readEscrows } from "../../store/markets/escrows.ts";
import { isOver, retirements } from "../controls.ts";
import type { Lanes } from "../lanes.ts";
import type { PoolContext } from "../pools.ts";
import { type Committed, marketProof } from "./committed.ts";

/**
 * Whoever ends a market on chain ends it here: after the network's refund delay nothing can be allocated in it any more,
 * and by then its log has to be closed.
 */
export async function closeEnding(context: PoolContext, lanes: Lanes, { markets }: PoolView): Promise<void> {
  const ending = markets.filter(({ closesAt }) => closesAt !== 0);
  if (ending.length === 0) return;
  const escrows = await readEscrows(context.pool, context.poolNumber);
  for (const { account, openedAt } of ending) {
    const escrow = escrows.find((each) => each.openedAt === openedAt && equalBytes(each.account, account));
    if (escrow === undefined) continue;
    await lanes.get(escrow.market).runAlong({
      commands: (_dbTx, state) =>
        Promise.resolve(
          isOver(state)
            ? []
            : [{ type: "input", record: { entry: { kind: "closing" }, attachment: null } }, ...retirements(state)],
        ),
      after: async (dbTx) => await endStanding(dbTx, marketIdToBytes(escrow.market)),
    });
  }
}

/** Gives requesters back what nobody earned, where a commit has reached the end of their market. */
export async function refundEnded(
  context: PoolContext,
  committed: Committed,
  { pool, markets }: PoolView,
): Promise<void> {
  for (const market of markets) {
    const isRefundable = !pool.isLive || (market.closesAt !== 0 && BigInt(market.closesAt) <= pool.asOf);
    if (isRefundable) await context.rail.refund(market.account, marketProof(context, committed, market));
  }
}
