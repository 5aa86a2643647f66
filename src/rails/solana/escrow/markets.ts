import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import type { Amount } from "../../../core/amount.ts";
import type { Bytes32 } from "../../../core/bytes.ts";
import { earnestError } from "../../../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../../../core/market-id.ts";
import { marketAddress, tokenAddress } from "../program/derived-addresses.ts";
import { deposit, openMarket, type PoolAddresses, refund, requestClose } from "../program/instructions.ts";
import { readMarket, readMarkets, readPool } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { type Keeping, sendPlan } from "./sending.ts";

export const marketAt = (at: PoolAddresses, requester: Address, id: MarketId): Address =>
  marketAddress(at.program, at.pool, requester, marketIdToBytes(id));

export interface MarketOpening {
  readonly requester: TransactionSigner;
  readonly id: MarketId;
  /** Binds what the market promises, its fee included. */
  readonly specHash: Bytes32;
  /** Where what is left goes, unchangeably; the requester's own token account where left out. */
  readonly refundTo?: Address;
}

/** The instruction alone, for a wallet that signs elsewhere (in a browser). */
export function marketOpening(
  at: PoolAddresses,
  { requester, id, specHash, refundTo }: Omit<MarketOpening, "requester"> & { readonly requester: Address },
  payer: Address,
): Instruction {
  const ownAccount = tokenAddress(requester, at.mint, at.tokenProgram);
  return openMarket(at, { requester, payer, refundTo: refundTo ?? ownAccount, id: marketIdToBytes(id), specHash });
}

/**
 * Opens the requester's market where it is not open; returns its address.
 *
 * @throws ESCROW_TERMS_MISMATCH where it is open with another spec or refund account; as `sendPlan`
 */
export async function ensureMarket(escrow: Escrow, at: PoolAddresses, opening: MarketOpening): Promise<Address> {
  const { requester, id, specHash } = opening;
  const address = marketAt(at, requester.address, id);
  const isDone = async (): Promise<boolean> => (await readMarkets(escrow, [address], "confirmed"))[0] !== null;
  const instructions = [marketOpening(at, { ...opening, requester: requester.address }, escrow.payer.address)];
  if (!(await isDone())) await sendPlan(escrow, { instructions, signers: [requester] }, { isDone });
  const account = await readMarket(escrow, address, "confirmed");
  const refundTo = opening.refundTo ?? tokenAddress(requester.address, at.mint, at.tokenProgram);
  requireTerms(account, address, { specHash, refundTo });
  return address;
}

/** @throws ESCROW_TERMS_MISMATCH where the account was opened with another spec or refund account */
export function requireTerms(
  account: Pick<Awaited<ReturnType<typeof readMarket>>, "specHash" | "refundTo">,
  address: Address,
  { specHash, refundTo }: { readonly specHash: Bytes32; readonly refundTo: Address },
): void {
  const specIsOther = !Buffer.from(account.specHash).equals(specHash);
  if (!specIsOther && account.refundTo === refundTo) return;
  const field = specIsOther ? "a spec" : "the refund account";
  const found = specIsOther ? "of another hash" : account.refundTo;
  const expected = specIsOther ? "of this one" : refundTo;
  throw earnestError("ESCROW_TERMS_MISMATCH", { kind: "market", address, field, found, expected });
}

export interface Depositing {
  readonly market: Address;
  /** Owns the tokens; signs. */
  readonly owner: TransactionSigner;
  readonly amount: Amount;
  /** The owner's associated token account where left out. */
  readonly source?: Address;
}

/** The instruction alone, for a wallet that signs elsewhere (in a browser). */
export function depositing(
  at: PoolAddresses,
  { market, owner, amount, source }: Omit<Depositing, "owner"> & { readonly owner: Address },
): Instruction {
  return deposit(at, { market, owner, amount, source: source ?? tokenAddress(owner, at.mint, at.tokenProgram) });
}

/**
 * Pays into a market. It is the one thing here that would happen twice if it were asked for twice: whoever retries over
 * a crash keeps the delivery. Returns the signature.
 *
 * @throws PROGRAM_REFUSED, TOKENS_INSUFFICIENT; as `sendPlan`
 */
export async function payIn(
  escrow: Escrow,
  at: PoolAddresses,
  { owner, ...asked }: Depositing,
  keeping?: Keeping,
): Promise<string> {
  const instructions = [depositing(at, { ...asked, owner: owner.address })];
  return (await sendPlan(escrow, { instructions, signers: [owner] }, { keeping })) as string;
}

/** The requester ends its market: refunded by the first commit after the network's refund delay. */
export async function closeMarket(
  escrow: Escrow,
  at: PoolAddresses,
  requester: TransactionSigner,
  market: Address,
): Promise<void> {
  const isDone = async (): Promise<boolean> => (await readMarket(escrow, market, "confirmed")).closesAt !== 0n;
  if (await isDone()) return;
  const instructions = [requestClose(at, requester.address, market)];
  await sendPlan(escrow, { instructions, signers: [requester] }, { isDone });
}

/** A market's leaf under the pool's last commit, and where it stands. */
export interface MarketProof {
  readonly allocated: Amount;
  readonly position: number;
  readonly siblings: readonly Uint8Array[];
}

/**
 * Pays back what nobody earned, and the market's rent; anybody may ask. Nothing where that was done. A market opened
 * since the last commit has no leaf: then the proof is null.
 *
 * @throws PROGRAM_REFUSED (REFUND_TOO_EARLY, UNKNOWN_ROOT); as `sendPlan`
 */
export async function refundMarket(
  escrow: Escrow,
  at: PoolAddresses,
  market: Address,
  proof: MarketProof | null,
): Promise<string | null> {
  const [account = null] = await readMarkets(escrow, [market], "confirmed");
  if (account === null) return null;
  const isDone = async (): Promise<boolean> => {
    const [now = null] = await readMarkets(escrow, [market], "confirmed");
    return now === null || now.openedAt !== account.openedAt;
  };
  const { refundTo, rentPayer } = account;
  const instruction = refund(at, {
    market,
    refundTo,
    rentPayer,
    allocated: proof?.allocated ?? 0n,
    position: BigInt(proof?.position ?? 0),
    proof: proof?.siblings ?? [],
  });
  return await sendPlan(escrow, { instructions: [instruction] }, { isDone });
}

/** Whether a market may be refunded now: as the program checks it. */
export async function isRefundable(escrow: Escrow, at: PoolAddresses, market: Address): Promise<boolean> {
  const [pool, account] = await Promise.all([
    readPool(escrow, at.pool, "confirmed"),
    readMarket(escrow, market, "confirmed"),
  ]);
  return pool.state === 1 || (account.closesAt !== 0n && pool.asOf >= account.closesAt);
}
