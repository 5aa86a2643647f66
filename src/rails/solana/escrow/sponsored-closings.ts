import type { Address } from "@solana/kit";
import type { MarketId } from "../../../core/market-id.ts";
import { type PoolAddresses, requestClose } from "../program/instructions.ts";
import { readMarkets } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { marketAt } from "./markets.ts";
import { planSponsored, type SponsoredPlan } from "./sponsored-plan.ts";

interface Ending {
  readonly market: MarketId;
  readonly owner: Address;
}

/** Whether a market has nothing to end: nothing was ever paid in, it was ended before, or refunded. */
export const isEnded = async (escrow: Escrow, at: PoolAddresses, { market, owner }: Ending): Promise<boolean> =>
  await isEndedAt(escrow, marketAt(at, owner, market));

async function isEndedAt(escrow: Escrow, address: Address): Promise<boolean> {
  const [account = null] = await readMarkets(escrow, [address], "confirmed");
  return account === null || account.closesAt !== 0n;
}

/**
 * The end of a market on chain, by a requester without SOL. Null where there is nothing to end.
 *
 * @throws as `planSponsored`
 */
export async function planClosing(
  escrow: Escrow,
  at: PoolAddresses,
  { market, owner }: Ending,
): Promise<SponsoredPlan | null> {
  const address = marketAt(at, owner, market);
  if (await isEndedAt(escrow, address)) return null;
  return await planSponsored(escrow, [requestClose(at, owner, address)], 0n);
}
