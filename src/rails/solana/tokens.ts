import {
  type Address,
  createKeyPairSignerFromPrivateKeyBytes,
  generateKeyPairSigner,
  getBase64Encoder,
  isAddress,
  type KeyPairSigner,
  lamports,
} from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
import {
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction,
  getMintDecoder,
  getMintSize,
  getMintToCheckedInstruction,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import type { Amount } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import { associatedTokenAddress } from "./addresses.ts";
import type { SolanaClient } from "./client.ts";
import { memoInstruction } from "./messages.ts";
import { sendAndFinalize } from "./submission.ts";

export interface Mint {
  readonly address: string;
  readonly decimals: number;
}

/** A key pair from a 32-byte secret (an ed25519 seed). */
export const signerFromSecret = (secret: Uint8Array): Promise<KeyPairSigner> =>
  createKeyPairSignerFromPrivateKeyBytes(secret);

/** Null where there is no such mint of the classic token program. */
export async function findMint(client: SolanaClient, address: string): Promise<Mint | null> {
  if (!isAddress(address)) return null;
  const { value } = await client.call((rpc) =>
    rpc.getAccountInfo(address, { commitment: "confirmed", encoding: "base64" }),
  );
  if (value === null || value.owner !== TOKEN_PROGRAM_ADDRESS || value.space !== BigInt(getMintSize())) return null;
  const { decimals, isInitialized } = getMintDecoder().decode(getBase64Encoder().encode(value.data[0]));
  return isInitialized ? { address, decimals } : null;
}

/** A new token whose minting belongs to `payer`. Nobody can freeze it. */
export async function createMint(
  client: SolanaClient,
  payer: KeyPairSigner,
  decimals: number,
  mint?: KeyPairSigner,
): Promise<Mint> {
  const newAccount = mint ?? (await generateKeyPairSigner());
  const space = BigInt(getMintSize());
  const rent = await client.call((rpc) => rpc.getMinimumBalanceForRentExemption(space));
  await sendAndFinalize(client, payer, [
    getCreateAccountInstruction({ payer, newAccount, lamports: rent, space, programAddress: TOKEN_PROGRAM_ADDRESS }),
    getInitializeMint2Instruction({ mint: newAccount.address, decimals, mintAuthority: payer.address }),
  ]);
  return { address: newAccount.address, decimals };
}

/** The mint of this key, made where it is missing: for a server that starts again on the same chain. */
export const ensureMint = async (
  client: SolanaClient,
  payer: KeyPairSigner,
  decimals: number,
  mint: KeyPairSigner,
): Promise<Mint> => (await findMint(client, mint.address)) ?? createMint(client, payer, decimals, mint);

/** Makes tokens for a wallet, whose token account `authority` pays for. Returns the signature. */
export function mintTo(
  client: SolanaClient,
  authority: KeyPairSigner,
  mint: Mint,
  owner: string,
  amount: Amount,
): Promise<string> {
  const [address, ata] = [mint.address as Address, associatedTokenAddress(owner, mint.address)];
  return sendAndFinalize(client, authority, [
    getCreateAssociatedTokenIdempotentInstruction({ payer: authority, ata, owner: owner as Address, mint: address }),
    getMintToCheckedInstruction({
      mint: address,
      token: ata,
      mintAuthority: authority,
      amount,
      decimals: mint.decimals,
    }),
  ]);
}

export interface Transfer {
  readonly mint: Mint;
  readonly from: KeyPairSigner;
  /** A wallet; its token account is made where it has none, paid for by `payer`. */
  readonly to: string;
  readonly amount: Amount;
  /** Pays fee and rent; `from` where left out. */
  readonly payer?: KeyPairSigner;
  readonly memo?: string;
}

/** Returns the signature of the finalized transfer. */
export function transferTokens(client: SolanaClient, transfer: Transfer): Promise<string> {
  const { mint, from, to, amount, payer = from, memo } = transfer;
  const [address, destination] = [mint.address as Address, associatedTokenAddress(to, mint.address)];
  return sendAndFinalize(client, payer, [
    getCreateAssociatedTokenIdempotentInstruction({ payer, ata: destination, owner: to as Address, mint: address }),
    getTransferCheckedInstruction({
      source: associatedTokenAddress(from.address, mint.address),
      mint: address,
      destination,
      authority: from,
      amount,
      decimals: mint.decimals,
    }),
    ...(memo === undefined ? [] : [memoInstruction(memo)]),
  ]);
}

/** Makes a wallet's token account, so that it can be deposited to. */
export async function createTokenAccount(
  client: SolanaClient,
  payer: KeyPairSigner,
  mint: string,
  owner: string,
): Promise<string> {
  const ata = associatedTokenAddress(owner, mint);
  await sendAndFinalize(client, payer, [
    getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner: owner as Address, mint: mint as Address }),
  ]);
  return ata;
}

const airdropPolls = 150;

/** Test SOL, on localnet and test clusters. */
export async function requestSol(client: SolanaClient, owner: string, amountLamports: bigint): Promise<void> {
  const signature = await client.call((rpc) =>
    rpc.requestAirdrop(owner as Address, lamports(amountLamports), { commitment: "confirmed" }),
  );
  for (let poll = 0; poll < airdropPolls; poll++) {
    const { value } = await client.call((rpc) => rpc.getSignatureStatuses([signature]));
    const status = value[0]?.confirmationStatus;
    if (status === "confirmed" || status === "finalized") return;
    await client.sleep(400);
  }
  throw earnestError("TRANSACTION_FAILED", { signature, problem: "the airdrop was not confirmed" });
}

/** Test SOL up to `least`, where the owner has less. */
export async function ensureSol(client: SolanaClient, owner: string, least: bigint): Promise<void> {
  const { value } = await client.call((rpc) => rpc.getBalance(owner as Address, { commitment: "confirmed" }));
  if (value < least) await requestSol(client, owner, least - value);
}
