import { type Address, createNoopSigner } from "@solana/kit";
import { getTransferCheckedInstruction } from "@solana-program/token";
import type { Amount } from "../../../core/amount.ts";
import { toBase58 } from "../../../core/bytes.ts";
import { earnestError } from "../../../core/errors.ts";
import { readTokenTransfer } from "../../../core/token-transfer.ts";
import { compileMessage, signedWire } from "../compiled-message.ts";
import { budgetInstructions, latestLifetime } from "../messages.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import type { PoolAddresses } from "../program/instructions.ts";
import { isTokenProgram } from "../read-token.ts";
import { readTokenAccounts, type TokenAccountState } from "../token-accounts.ts";
import { readAccounts } from "./accounts.ts";
import { type CosignedOutcome, noSignature, sendCosigned } from "./cosigning.ts";
import type { Escrow } from "./escrow.ts";
import { unitPrice } from "./fees.ts";
import { accountBytes, createTokenAccount } from "./pools.ts";
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

/** The base fee, for each signature. */
export const signatureLamports = 5_000n;

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

export type TransferOutcome = CosignedOutcome;

/**
 * Signs as the payer what was planned here, sends it and waits: see `sendCosigned`.
 *
 * @throws SIGNATURE_MISMATCH where the owner did not sign exactly this; CHAIN_UNAVAILABLE
 */
export async function sendTransfer(
  escrow: Escrow,
  transfer: StoredTransfer,
  ownerSignature: Uint8Array,
  waitMs: number,
): Promise<TransferOutcome> {
  const said = readTokenTransfer(transfer.message);
  if (said === null || toBase58(said.feePayer) !== escrow.payer.address) {
    throw earnestError("INVARIANT_MISMATCH", { what: "a stored transfer is not one that this payer planned" });
  }
  const owner = toBase58(said.owner) as Address;
  return await sendCosigned(escrow, { ...transfer, owner }, ownerSignature, waitMs);
}
