import type { Amount } from "../core/amount.ts";
import type { Bytes32 } from "../core/bytes.ts";
import type { AttestorSet } from "../core/commit/attestors.ts";
import type { MarketId } from "../core/market-id.ts";
import type { ClaimSource, ClaimWish } from "./solana/escrow/claims.ts";
import type { SignedCommit } from "./solana/escrow/commits.ts";
import type { CosignedOutcome } from "./solana/escrow/cosigning.ts";
import type { MarketProof } from "./solana/escrow/markets.ts";
import type { AccountCreation, PayingOutcome } from "./solana/escrow/paying.ts";
import type { SponsoredPlan } from "./solana/escrow/sponsored-plan.ts";
import type { SponsorPolicy } from "./solana/escrow/sponsorship.ts";
import type { PlannedTransfer, StoredTransfer, TransferOutcome } from "./solana/escrow/transfers.ts";

/** A slot of the chain, and the hash that nobody knew before it. */
export interface Block {
  readonly slot: number;
  readonly hash: Bytes32;
}

/** What a market's account on chain must be like for its deposits to count. */
export interface EscrowTerms {
  readonly market: MarketId;
  /** The wallet that opens the account and gets back what is left. */
  readonly requester: string;
  readonly specHash: Bytes32;
}

/** A finalized payment into a market's account. */
export interface Deposit {
  readonly signature: string;
  readonly amount: Amount;
  readonly account: Bytes32;
  /** When the account was opened, in seconds since 1970. */
  readonly openedAt: number;
}

/** The accounts of the pool at one finalized slot. Times are seconds since 1970. */
export interface PoolView {
  readonly clock: bigint;
  readonly cluster: Bytes32;
  readonly programHash: Bytes32;
  readonly network: {
    readonly operator: Bytes32;
    readonly setVersion: number;
    readonly attestors: AttestorSet;
    readonly maxValiditySeconds: number;
    readonly refundDelaySeconds: number;
    readonly deadAfterSeconds: number;
  };
  readonly pool: {
    readonly network: Bytes32;
    readonly isLive: boolean;
    readonly epoch: bigint;
    readonly floor: bigint;
    readonly asOf: bigint;
    readonly lastCommitAt: bigint;
    readonly leafCount: bigint;
    readonly deposited: Amount;
    readonly refunded: Amount;
    readonly allocated: Amount;
    readonly digest: Bytes32;
  };
  readonly markets: readonly MarketView[];
}

/** A market's account. One that was refunded is gone. */
export interface MarketView {
  readonly account: Bytes32;
  readonly market: MarketId;
  readonly openedAt: number;
  /** 0 while it is open. */
  readonly closesAt: number;
  readonly deposited: Amount;
  readonly specHash: Bytes32;
}

/** The addresses, in base58, under which a network settles. */
export interface RailAddresses {
  /** The genesis hash: which chain this is. */
  readonly cluster: string;
  readonly mint: string;
  readonly program: string;
  readonly network: string;
  readonly pool: string;
  /** The pool's token account. */
  readonly vault: string;
}

/** A token that is to be issued. */
export interface TokenToIssue {
  readonly name: string;
  readonly symbol: string;
  readonly uri: string;
  readonly decimals: number;
  readonly supply: Amount;
  /** The wallet that gets the supply. */
  readonly to: string;
  /** Who may make more: an address, or nobody, ever. */
  readonly authority: string | null;
}

/** What a network's operator does on chain for tokens beside the home token. */
export interface TokenDesk {
  /** Whether requesters may have the network pay in a mint that is there, or in what it issues (null). */
  permits(mint: string | null): boolean;
  /** Each costs the operator rents: so many a day of one requester, a day of all, and ever. */
  readonly limits: { readonly perDayMax: number; readonly allPerDayMax: number; readonly poolsMax: number };
  /** @throws MINT_NOT_FOUND, MINT_REFUSED */
  check(mint: string): Promise<void>;
  /**
   * The pool of a mint, which is opened where it is missing, and whose token accounts are paid for in it.
   *
   * @throws MINT_NOT_FOUND, MINT_REFUSED, LAMPORTS_INSUFFICIENT
   */
  open(mint: string): Promise<{ readonly rail: Rail; readonly sponsor: SponsorPolicy }>;
  /** The address of the mint that a seed gives. */
  mintOf(seed: Uint8Array): Promise<string>;
  /** Once for a seed, however often it is asked for. @throws LAMPORTS_INSUFFICIENT, TRANSACTION_FAILED */
  issue(seed: Uint8Array, token: TokenToIssue): Promise<void>;
}

/**
 * How money enters and leaves: through the escrow program, on what attestors signed. Everything may be repeated after a
 * crash, and by several processes at once: the chain takes each commit, claim and refund once.
 *
 * @throws CHAIN_UNAVAILABLE from every method, when the chain does not answer after several tries
 */
export interface Rail extends RailAddresses {
  readonly decimals: number;
  /** What the mint says of itself; null where it says nothing. */
  readonly names: { readonly name: string; readonly symbol: string } | null;
  /** The token's issuer can freeze the accounts of those who are paid, who have to be told. */
  readonly canFreeze: boolean;
  /** From the moment a market is ended on chain to its refund: by then all that was earned in it has to be decided. */
  readonly refundDelayMs: number;

  /** A wallet's associated token account, which leaves pay to. */
  tokenAccountOf(wallet: Bytes32): Bytes32;

  /** Where a market's account is, once its requester opens it. */
  escrowOf(terms: Pick<EscrowTerms, "market" | "requester">): string;

  /**
   * Null where the transaction is unknown, not final, failed, or no deposit to this market.
   *
   * @throws ESCROW_TERMS_MISMATCH where the account was opened with other terms
   */
  findDeposit(signature: string, terms: EscrowTerms): Promise<Deposit | null>;

  readPool(): Promise<PoolView>;

  /** A block of a slot that had not begun when this was asked. */
  nextBlock(): Promise<Block>;

  /**
   * Brings a signed message onto the chain and waits until that is final.
   *
   * @throws COMMIT_EXPIRED_STATE, COMMIT_MISMATCH, PROGRAM_REFUSED, LAMPORTS_INSUFFICIENT
   */
  sendCommit(commit: SignedCommit): Promise<void>;

  /**
   * Pays whom it can under a committed root; who cannot be paid now does not hold up the others.
   *
   * @throws SPONSOR_INSUFFICIENT, LAMPORTS_INSUFFICIENT
   */
  payClaims(source: ClaimSource, wishes: readonly ClaimWish[], creation: AccountCreation): Promise<PayingOutcome>;

  /** Gives back what nobody earned of a market that ended. A market without a leaf has no proof. */
  refund(account: Bytes32, proof: MarketProof | null): Promise<void>;

  /**
   * The transaction that sends a wallet's tokens on at the operator's cost, without signatures: the owner has to sign it.
   *
   * @throws TRANSFER_REFUSED, TOKENS_INSUFFICIENT, LAMPORTS_INSUFFICIENT, TRANSACTION_FAILED
   */
  planTransfer(from: Bytes32, to: Bytes32, amount: Amount): Promise<PlannedTransfer>;

  /**
   * Signs and sends what was planned, once its owner has signed it, and waits so long at most until it is final.
   *
   * @throws SIGNATURE_MISMATCH
   */
  sendTransfer(transfer: StoredTransfer, ownerSignature: Uint8Array, waitMs: number): Promise<TransferOutcome>;

  /**
   * The transaction by which the requester's wallet pays into its market's account at the operator's cost, and opens it
   * where that is missing; without signatures: the wallet has to sign it.
   *
   * @throws TOKENS_INSUFFICIENT, ESCROW_TERMS_MISMATCH, LAMPORTS_INSUFFICIENT, TRANSACTION_FAILED
   */
  planDeposit(terms: EscrowTerms, amount: Amount): Promise<SponsoredPlan>;

  /** Whether the requester's market has nothing left to end on chain: one account is read, and nothing planned. */
  isEnded(market: MarketId, requester: string): Promise<boolean>;

  /**
   * The transaction by which the requester ends its market on chain, likewise; null where there is nothing to end.
   *
   * @throws LAMPORTS_INSUFFICIENT, PROGRAM_REFUSED, TRANSACTION_FAILED
   */
  planClosing(market: MarketId, requester: string): Promise<SponsoredPlan | null>;

  /**
   * Signs and sends what was planned for a requester, once its wallet has signed it, and waits until it is final.
   *
   * @throws SIGNATURE_MISMATCH
   */
  sendPlanned(
    plan: Pick<SponsoredPlan, "message" | "lastValidBlockHeight">,
    requester: string,
    signature: Uint8Array,
    waitMs: number,
  ): Promise<CosignedOutcome>;

  /** What the owners' token accounts hold; zero where there is none. */
  heldBy(owners: readonly string[]): Promise<Map<string, Amount>>;
}
