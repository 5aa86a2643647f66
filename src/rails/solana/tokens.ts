import {
  type Address,
  createKeyPairSignerFromPrivateKeyBytes,
  generateKeyPairSigner,
  getBase64Encoder,
  type Instruction,
  isAddress,
  type KeyPairSigner,
  lamports,
} from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
import {
  getInitializeMint2Instruction,
  getMintDecoder,
  getMintSize,
  getMintToCheckedInstruction,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import type { Amount } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import type { SolanaClient } from "./client.ts";
import { defaultFees } from "./escrow/fees.ts";
import { createTokenAccount } from "./escrow/pools.ts";
import { sendPlan } from "./escrow/sending.ts";
import type { Sender } from "./escrow/transactions.ts";
import { tokenAddress } from "./program/derived-addresses.ts";

export interface Mint {
  readonly address: string;
  readonly decimals: number;
  /** The classic token program where left out. */
  readonly tokenProgram?: Address;
}

const programOf = ({ tokenProgram = TOKEN_PROGRAM_ADDRESS }: Mint): Address => tokenProgram;

/** Whoever signs with this key, at base fees. */
export const senderOf = (client: SolanaClient, payer: KeyPairSigner): Sender & { readonly payer: KeyPairSigner } => ({
  client,
  payer,
  fees: defaultFees,
});

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
  await sendPlan(senderOf(client, payer), {
    instructions: [
      getCreateAccountInstruction({ payer, newAccount, lamports: rent, space, programAddress: TOKEN_PROGRAM_ADDRESS }),
      getInitializeMint2Instruction({ mint: newAccount.address, decimals, mintAuthority: payer.address }),
    ],
  });
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
export async function mintTo(
  client: SolanaClient,
  authority: KeyPairSigner,
  mint: Mint,
  owner: string,
  amount: Amount,
): Promise<string> {
  const [address, tokenProgram] = [mint.address as Address, programOf(mint)];
  const token = tokenAddress(owner as Address, address, tokenProgram);
  const minting = { mint: address, token, mintAuthority: authority, amount, decimals: mint.decimals };
  return sent(senderOf(client, authority), [
    createTokenAccount(authority.address, token, owner as Address, { mint: address, tokenProgram }),
    getMintToCheckedInstruction(minting, { programAddress: tokenProgram }),
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
}

/**
 * Returns the signature of the finalized transfer.
 *
 * @throws LAMPORTS_INSUFFICIENT, TOKENS_INSUFFICIENT, TRANSACTION_FAILED, CHAIN_UNAVAILABLE
 */
export async function transferTokens(client: SolanaClient, transfer: Transfer): Promise<string> {
  const { mint, from, amount, payer = from } = transfer;
  const [address, tokenProgram, to] = [mint.address as Address, programOf(mint), transfer.to as Address];
  const accountOf = (owner: Address): Address => tokenAddress(owner, address, tokenProgram);
  const destination = accountOf(to);
  return sent(senderOf(client, payer), [
    createTokenAccount(payer.address, destination, to, { mint: address, tokenProgram }),
    getTransferCheckedInstruction(
      {
        source: accountOf(from.address),
        mint: address,
        destination,
        authority: from,
        amount,
        decimals: mint.decimals,
      },
      { programAddress: tokenProgram },
    ),
  ]);
}

const sent = async (sender: Sender, instructions: readonly Instruction[]): Promise<string> =>
  (await sendPlan(sender, { instructions })) as string;

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
