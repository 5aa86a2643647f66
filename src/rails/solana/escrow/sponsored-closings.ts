import type { Address } from "@solana/kit";
import type { MarketId } from "../../../core/market-id.ts";
import { type PoolAddresses, requestClose } from "../program/instructions.ts";
import { readMarkets } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { marketAt } from "./markets.ts";
import { planSponsored, type SponsoredPlan } from "./sponsored-plan.ts";

/**
 * The end of a market on chain, by a requester without SOL. Null where there is nothing to end: nothing was ever paid in,
 * it was ended before, or refunded.
 *
 * @throws as `planSponsored`
 */
export async function planClosing(
  escrow: Escrow,
  at: PoolAddresses,
  { market, owner }: { readonly market: MarketId; readonly owner: Address },
): Promise<SponsoredPlan | null> {
  const address = marketAt(at, owner, market);
  const [account = null] = await readMarkets(escrow, [address], "confirmed");
  if (account === null || account.closesAt !== 0n) return null;
  return await planSponsored(escrow, [requestClose(at, owner, address)], 0n);
}
