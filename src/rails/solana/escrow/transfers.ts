import {
  type Address,
  createNoopSigner,
  getPublicKeyFromAddress,
  isTransactionPartialSigner,
  type SignatureBytes,
  type TransactionPartialSigner,
  verifySignature,
} from "@solana/kit";
import { getTransferCheckedInstruction } from "@solana-program/token";
import type { Amount } from "../../../core/amount.ts";
import { toBase58 } from "../../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../../core/errors.ts";
import { readTokenTransfer, type TokenTransfer } from "../../../core/token-transfer.ts";
import { compileMessage, signedWire } from "../compiled-message.ts";
import { budgetInstructions, latestLifetime, type SignedTransaction } from "../messages.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import type { PoolAddresses } from "../program/instructions.ts";
import { isTokenProgram } from "../read-token.ts";
import { outcomeOf, submit } from "../submission.ts";
import { readTokenAccounts, type TokenAccountState } from "../token-accounts.ts";
import { readAccounts } from "./accounts.ts";
import { failureOf } from "./deliveries.ts";
import type { Escrow } from "./escrow.ts";
import { unitPrice } from "./fees.ts";
import { accountBytes, createTokenAccount } from "./pools.ts";
import { explained } from "./refusals.ts";
import { simulatedUnits } from "./transactions.ts";

/** Tokens that their owner sends on, and the payer of the escrow pays for. */
export interface TransferWish {
  /** Wallets; their associated token accounts pay and are paid. */
  readonly from: Address;
  readonly to: Address;
  readonly amount: Amount;
}

export interface PlannedTransfer {
  /** What the payer and the owner sign. */
  readonly message: Uint8Array;
  /** The transaction with empty signatures, for wallets that sign those. */
  readonly wire: Uint8Array;
  /** Whose signatures it takes, in their order. */
  readonly signers: readonly [payer: Address, owner: Address];
  readonly lastValidBlockHeight: bigint;
  /** What the payer pays at most: the fee, and the rent of a token account that has to be made. */
  readonly feeLamports: bigint;
  readonly rentLamports: bigint;
}

/** What of a planned transfer has to be stored to send it. */
export type StoredTransfer = Pick<PlannedTransfer, "message" | "lastValidBlockHeight">;

const noSignature = new Uint8Array(64);
/** The base fee, for each signature. */
const signatureLamports = 5_000n;

/**
 * Tried on the node's present state, so what would fail is refused here.
 *
 * @throws TRANSFER_REFUSED, TOKENS_INSUFFICIENT, LAMPORTS_INSUFFICIENT, TRANSACTION_FAILED, CHAIN_UNAVAILABLE
 */
export async function planTransfer(
  escrow: Escrow,
  at: PoolAddresses,
  decimals: number,
  wish: TransferWish,
): Promise<PlannedTransfer> {
  const { client, payer, fees } = escrow;
  const { from, to, amount } = wish;
  const isMissing = await checkWallets(escrow, at, wish);
  const [source, destination] = [
    tokenAddress(from, at.mint, at.tokenProgram),
    tokenAddress(to, at.mint, at.tokenProgram),
  ];
  const move = getTransferCheckedInstruction(
    { source, mint: at.mint, destination, authority: createNoopSigner(from), amount, decimals },
    { programAddress: at.tokenProgram },
  );
  const instructions = isMissing ? [createTokenAccount(payer.address, destination, to, at), move] : [move];
  const computeUnits = (await simulatedUnits(escrow, { instructions })) + client.nonce();
  const price = await unitPrice(client, fees, instructions);
  const { blockhash, lastValidBlockHeight } = await latestLifetime(client);
  const message = compileMessage({
    payer: payer.address,
    blockhash,
    instructions: [...budgetInstructions({ computeUnits, unitPrice: price }, 0), ...instructions],
    budget: null,
  });
  const rent = (bytes: bigint) => client.call((rpc) => rpc.getMinimumBalanceForRentExemption(bytes));
  return {
    message,
    wire: unsignedWire(message),
    signers: [payer.address, from],
    lastValidBlockHeight,
    feeLamports: 2n * signatureLamports + (price * BigInt(computeUnits) + 999_999n) / 1_000_000n,
    rentLamports: isMissing ? await rent(accountBytes(at.tokenProgram)) : 0n,
  };
}

export const unsignedWire = (message: Uint8Array): Uint8Array => signedWire(message, [noSignature, noSignature]);

export const transferReasons = {
  ownWallet: "they would go to the wallet that they come from",
  payersOwn: "they are those of the wallet that pays for everything here, which sends its own by itself",
  notAWallet:
    "what they would go to is a token account, a mint or a program, and nobody could ever move them from there",
  unusableAccount: "the token account that they would go to is frozen, or belongs to another wallet",
} as const;

const refused = (to: string, reason: keyof typeof transferReasons) =>
  earnestError("TRANSFER_REFUSED", { to, reason, problem: transferReasons[reason] });

/** Whether the destination's token account has to be made. */
async function checkWallets(escrow: Escrow, at: PoolAddresses, { from, to, amount }: TransferWish): Promise<boolean> {
  const { client, payer, program } = escrow;
  if (from === to) throw refused(to, "ownWallet");
  if (from === payer.address) throw refused(to, "payersOwn");
  const [account = null] = (await readAccounts(client, [to], "confirmed", 0)).accounts;
  const isOurs = account?.owner === program;
  if (isTokenProgram(account?.owner) || isOurs || account?.executable) throw refused(to, "notAWallet");
  const accountOf = (wallet: Address): Address => tokenAddress(wallet, at.mint, at.tokenProgram);
  const [source, destination] = await readTokenAccounts(client, [accountOf(from), accountOf(to)], "confirmed");
  if ((source?.amount ?? 0n) < amount) throw earnestError("TOKENS_INSUFFICIENT", { account: accountOf(from) });
  if (destination === null || destination === undefined) return true;
  if (!isUsable(destination, to)) throw refused(to, "unusableAccount");
  return false;
}

const isUsable = ({ owner, frozen }: TokenAccountState, wallet: string): boolean => owner === wallet && !frozen;

export interface TransferOutcome {
  readonly state: "pending" | "finalized" | "failed" | "expired";
  readonly signature: string;
  /** Why it failed; or why the node does not take it now, where another try may. */
  readonly problem: string | null;
}

const pollMs = 400;

/**
 * Adds the payer's signature, sends it and waits until it is final, for so long at most. It may be repeated, also after a
 * crash and by several at once: the same message has the same signatures, and the chain takes it once.
 *
 * @throws SIGNATURE_MISMATCH where the owner did not sign exactly this; CHAIN_UNAVAILABLE
 */
export async function sendTransfer(
  escrow: Escrow,
  transfer: StoredTransfer,
  ownerSignature: Uint8Array,
  waitMs: number,
): Promise<TransferOutcome> {
  const { client } = escrow;
  const transaction = await cosign(escrow, transfer, ownerSignature);
  const { signature } = transaction;
  for (let waited = 0; ; waited += pollMs) {
    const problem = await trySubmit(escrow, transaction);
    const state = await outcomeOf(client, transaction);
    if (state === "failed") return { state, signature, problem: (await failureOf(escrow, signature)).message };
    if (state !== "pending" || problem !== null || waited >= waitMs) return { state, signature, problem };
    await client.sleep(pollMs);
  }
}

/** Null where the node took it, or its outcome says all there is to say. */
async function trySubmit({ client, payer }: Escrow, transaction: SignedTransaction): Promise<string | null> {
  try {
    await submit(client, transaction);
    return null;
  } catch (error) {
    const known = explained(error, payer.address);
    if (!isEarnestError(known) || isEarnestError(known, "CHAIN_UNAVAILABLE")) throw known;
    return known.message;
  }
}

async function cosign(
  { payer }: Escrow,
  { message, lastValidBlockHeight }: StoredTransfer,
  ownerSignature: Uint8Array,
): Promise<SignedTransaction> {
  const said = readTokenTransfer(message);
  if (said === null || toBase58(said.feePayer) !== payer.address) {
    throw earnestError("INVARIANT_MISMATCH", { what: "a stored transfer is not one that this payer planned" });
  }
  if (!(await isSignedBy(said, message, ownerSignature))) {
    throw earnestError("SIGNATURE_MISMATCH", { what: "the transaction" });
  }
  const signature = await signAs(payer, message, toBase58(said.owner) as Address);
  return {
    signature: toBase58(signature),
    wire: signedWire(message, [signature, ownerSignature]),
    lastValidBlockHeight,
  };
}

async function isSignedBy({ owner }: TokenTransfer, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== noSignature.length) return false;
  const key = await getPublicKeyFromAddress(toBase58(owner) as Address);
  return await verifySignature(key, signature as SignatureBytes, message);
}

type Signable = Parameters<TransactionPartialSigner["signTransactions"]>[0][number];

/** As whatever holds the key signs: in this process, or elsewhere. */
async function signAs(payer: Escrow["payer"], message: Uint8Array, owner: Address): Promise<Uint8Array> {
  if (!isTransactionPartialSigner(payer)) {
    throw earnestError("INVARIANT_MISMATCH", { what: "the payer's key cannot sign what others sign too" });
  }
  const transaction = { messageBytes: message, signatures: { [payer.address]: null, [owner]: null } } as unknown;
  const [made] = await payer.signTransactions([transaction as Signable]);
  return (made as Readonly<Record<string, Uint8Array>>)[payer.address] as Uint8Array;
}
