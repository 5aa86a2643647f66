import type { Amount } from "../core/amount.ts";
import type { MarketId } from "../core/market-id.ts";

/** A finalized transfer into the vault whose memo names a market. */
export interface Deposit {
  readonly signature: string;
  readonly market: MarketId;
  /** The wallet that the tokens came from. */
  readonly from: string;
  /** How much more the vault held afterwards: measured, not declared. */
  readonly amount: Amount;
  readonly slot: bigint;
}

export interface Payout {
  /** The wallet; the tokens go to its associated token account. */
  readonly destination: string;
  readonly amount: Amount;
}

/** A signed transaction: plain data, to be stored before it is sent. */
export interface PreparedTransaction {
  readonly signature: string;
  readonly wire: Uint8Array;
  /** No block above this height can hold it. */
  readonly lastValidBlockHeight: bigint;
  /** Places in the list given to `preparePayouts`. */
  readonly payouts: readonly number[];
}

export type PayoutOutcome = "finalized" | "failed" | "pending" | "expired";

/**
 * How money enters and leaves. Paying twice is impossible as long as the caller stores what `preparePayouts` returned
 * before it sends, and prepares a payout again only after `outcome` said `expired` or `failed`.
 *
 * @throws CHAIN_UNAVAILABLE from every method, when the chain does not answer after several tries
 */
export interface Rail {
  /** The genesis hash: which chain this is. */
  readonly cluster: string;
  readonly mint: string;
  readonly decimals: number;
  /** The token account that deposits go to. */
  readonly vault: string;

  /** Null where the transaction is unknown, not final, failed, or no deposit to a market. */
  findDeposit(signature: string): Promise<Deposit | null>;

  /**
   * Packs many payouts into few transactions. A payout in none of them cannot be made now (its token account is frozen
   * or in other hands, or its destination is not an address): the others are not held up by it.
   */
  preparePayouts(payouts: readonly Payout[]): Promise<PreparedTransaction[]>;

  /**
   * Harmless to repeat.
   * @throws TRANSACTION_FAILED where the chain refuses it now; it may still be sent again until it expires
   */
  send(prepared: PreparedTransaction): Promise<void>;

  /** `expired` and `failed` are final: the transaction has not paid and never will. */
  outcome(prepared: PreparedTransaction): Promise<PayoutOutcome>;

  /** What the owners' associated token accounts hold; zero where there is none. */
  heldBy(owners: readonly string[]): Promise<Map<string, Amount>>;
}
