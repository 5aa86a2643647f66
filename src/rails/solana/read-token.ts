import { type Address, isAddress } from "@solana/kit";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { type Amount, amount } from "../../core/amount.ts";
import { toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { SolanaClient } from "./client.ts";
import { readAccounts } from "./escrow/accounts.ts";
import { token2022Program } from "./escrow/pools.ts";
import {
  extensionName,
  extensionsOf,
  metadataOf,
  metadataPointerType,
  type TokenMetadata,
  tokenMetadataType,
} from "./mint-extensions.ts";

/** A mint of either token program. */
export interface Token {
  readonly mint: Address;
  readonly tokenProgram: Address;
  readonly decimals: number;
  readonly supply: Amount;
  readonly mintAuthority: Address | null;
  readonly freezeAuthority: Address | null;
  readonly extensions: readonly string[];
  /** Null in a classic mint, and where it is kept in another account. */
  readonly metadata: TokenMetadata | null;
  /** Why the escrow program takes no pool of it; null where it does. */
  readonly refusal: string | null;
}

const mintBytes = 82;
const tokenPrograms = [TOKEN_PROGRAM_ADDRESS, token2022Program];

export const isTokenProgram = (owner: string | undefined): boolean => tokenPrograms.some((each) => each === owner);

/** @throws MINT_NOT_FOUND; CHAIN_UNAVAILABLE */
export async function readToken(client: SolanaClient, mint: string): Promise<Token> {
  if (!isAddress(mint)) throw earnestError("MINT_NOT_FOUND", { mint });
  const [account] = (await readAccounts(client, [mint], "confirmed")).accounts;
  const program = tokenPrograms.find((each) => each === account?.owner);
  if (account === null || account === undefined || program === undefined)
    throw earnestError("MINT_NOT_FOUND", { mint });
  const { data } = account;
  // Token-2022 says behind the classic layout what an account is: 1 is a mint.
  const isMint = data.length === mintBytes || (program === token2022Program && data[165] === 1);
  if (!isMint || data[45] !== 1) throw earnestError("MINT_NOT_FOUND", { mint });
  const extensions = extensionsOf(data);
  const refused = extensions.filter(({ type }) => type !== metadataPointerType && type !== tokenMetadataType);
  return {
    mint,
    tokenProgram: program,
    decimals: data[44] ?? 0,
    supply: amount(new DataView(data.buffer, data.byteOffset).getBigUint64(36, true)),
    mintAuthority: authorityAt(data, 0),
    freezeAuthority: authorityAt(data, 46),
    extensions: extensions.map(extensionName),
    metadata: metadataOf(extensions),
    refusal: refused.length === 0 ? null : `it has ${refused.map(extensionName).join(", ")}`,
  };
}

/** Four bytes say whether there is one. */
const authorityAt = (data: Uint8Array, at: number): Address | null =>
  data[at] === 0 ? null : (toBase58(data.subarray(at + 4, at + 36)) as Address);
