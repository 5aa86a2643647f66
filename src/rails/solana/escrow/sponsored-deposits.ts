import type { Address } from "@solana/kit";
import type { Amount } from "../../../core/amount.ts";
import type { Bytes32 } from "../../../core/bytes.ts";
import { earnestError } from "../../../core/errors.ts";
import type { MarketId } from "../../../core/market-id.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import type { PoolAddresses } from "../program/instructions.ts";
import { readTokenAccounts } from "../token-accounts.ts";
import { marketBytes, readMarkets } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { depositing, marketAt, marketOpening, requireTerms } from "./markets.ts";
import { planSponsored, type SponsoredPlan } from "./sponsored-plan.ts";

export interface DepositWish {
  readonly market: MarketId;
  /** The wallet that opens the market's account, owns the tokens and signs. */
  readonly owner: Address;
  readonly specHash: Bytes32;
  readonly amount: Amount;
}

/**
 * A deposit of a wallet without SOL: it opens the market's account where that is missing, pays in, and the payer of the
 * escrow pays for both. Tried on the node's present state, so what would fail is refused here.
 *
 * @throws TOKENS_INSUFFICIENT, ESCROW_TERMS_MISMATCH, LAMPORTS_INSUFFICIENT, TRANSACTION_FAILED, CHAIN_UNAVAILABLE
 */
export async function planDeposit(escrow: Escrow, at: PoolAddresses, wish: DepositWish): Promise<SponsoredPlan> {
  const { client, payer } = escrow;
  const { market, owner, specHash, amount } = wish;
  const address = marketAt(at, owner, market);
  const source = tokenAddress(owner, at.mint, at.tokenProgram);
  const [[held = null], [account = null]] = await Promise.all([
    readTokenAccounts(client, [source], "confirmed"),
    readMarkets(escrow, [address], "confirmed"),
  ]);
  if ((held?.amount ?? 0n) < amount) throw earnestError("TOKENS_INSUFFICIENT", { account: source });
  if (account !== null) requireTerms(account, address, { specHash, refundTo: source });
  const payIn = depositing(at, { market: address, owner, amount });
  const opening = marketOpening(at, { requester: owner, id: market, specHash }, payer.address);
  const instructions = account === null ? [opening, payIn] : [payIn];
  const rent = () => client.call((rpc) => rpc.getMinimumBalanceForRentExemption(marketBytes));
  return await planSponsored(escrow, instructions, account === null ? await rent() : 0n);
}
