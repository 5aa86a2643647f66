import { createHash } from "node:crypto";
import { AccountRole, type Address, generateKeyPairSigner, type Instruction, type KeyPairSigner } from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
import {
  AuthorityType,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToCheckedInstruction,
  getSetAuthorityInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import type { Amount } from "../../core/amount.ts";
import { concatBytes, fromBase58 } from "../../core/bytes.ts";
import { encode, struct } from "../../core/codec.ts";
import { createTokenAccount, token2022Program } from "./escrow/pools.ts";
import { sendPlan } from "./escrow/sending.ts";
import type { Sender } from "./escrow/transactions.ts";
import { borshText } from "./mint-extensions.ts";
import { tokenAddress } from "./program/derived-addresses.ts";

/** What a Token-2022 mint says of itself; wallets show it. */
export interface TokenNames {
  readonly name: string;
  readonly symbol: string;
  /** A JSON file with a picture and a description; may be empty. */
  readonly uri: string;
}

/** Bytes, as wallets and Metaplex have them at most. */
export const namesMax = { name: 32, symbol: 10, uri: 200 } as const satisfies Record<keyof TokenNames, number>;

export interface TokenIssue {
  readonly decimals: number;
  /** Minted to the issuer's own token account. */
  readonly supply: Amount;
  /** Null makes a mint of the classic program, which keeps no names. */
  readonly names: TokenNames | null;
  /** Who may mint more, and change the names: an address, or nobody, ever. */
  readonly authority: Address | null;
}

/** Where somebody issues it for another. */
export interface IssueFor {
  /** The mint's own key, which signs once: with the same one again nothing is issued twice. */
  readonly mint: KeyPairSigner;
  /** Gets the supply. */
  readonly owner: Address;
  readonly isDone: () => Promise<boolean>;
}

export interface IssuedToken {
  readonly mint: Address;
  readonly tokenProgram: Address;
  /** The issuer's token account, with the supply. */
  readonly account: Address;
  readonly signature: string;
}

/**
 * A new token, in one transaction: either all of it is there or nothing. Nobody can freeze it, so every pool takes it.
 *
 * @throws LAMPORTS_INSUFFICIENT, TRANSACTION_FAILED, TRANSACTION_EXPIRED, CHAIN_UNAVAILABLE
 */
export async function issueToken(
  sender: Sender & { readonly payer: KeyPairSigner },
  issue: TokenIssue,
  issueFor: Partial<IssueFor> = {},
): Promise<IssuedToken> {
  const { payer, client } = sender;
  const { names, decimals, supply, authority } = issue;
  const { mint = await generateKeyPairSigner(), owner = payer.address, isDone } = issueFor;
  const tokenProgram = names === null ? TOKEN_PROGRAM_ADDRESS : token2022Program;
  const space = BigInt(names === null ? getMintSize() : mintBytesWithPointer);
  const grown = space + BigInt(names === null ? 0 : metadataBytes(names));
  const lamports = await client.call((rpc) => rpc.getMinimumBalanceForRentExemption(grown));
  const account = tokenAddress(owner, mint.address, tokenProgram);
  const inProgram = { programAddress: tokenProgram };
  const minting = { mint: mint.address, token: account, mintAuthority: payer, amount: supply, decimals };
  const plan = {
    instructions: [
      getCreateAccountInstruction({ payer, newAccount: mint, lamports, space, ...inProgram }),
      ...(names === null ? [] : [pointToItself(mint.address)]),
      getInitializeMint2Instruction({ mint: mint.address, decimals, mintAuthority: payer.address }, inProgram),
      ...(names === null ? [] : writeNames(mint.address, payer.address, names, authority)),
      createTokenAccount(payer.address, account, owner, { mint: mint.address, tokenProgram }),
      ...(supply === 0n ? [] : [getMintToCheckedInstruction(minting, inProgram)]),
      ...(authority === payer.address
        ? []
        : [
            getSetAuthorityInstruction(
              {
                owned: mint.address,
                owner: payer,
                authorityType: AuthorityType.MintTokens,
                newAuthority: authority,
              },
              inProgram,
            ),
          ]),
    ],
  };
  const signature = await sendPlan(sender, plan, isDone === undefined ? {} : { isDone });
  return { mint: mint.address, tokenProgram, account, signature: signature as string };
}

/** A mint padded to a token account's length, its kind, and the pointer: type, length, authority, address. */
const mintBytesWithPointer = 165 + 1 + 4 + 64;

const namesCodec = struct({ name: borshText, symbol: borshText, uri: borshText });

/** Type, length, authority, mint, names, and the number of further fields. */
const metadataBytes = (names: TokenNames): number => 4 + 32 + 32 + encode(namesCodec, names).length + 4;

const nobody = new Uint8Array(32);
const writable = (address: Address) => ({ address, role: AccountRole.WRITABLE });
const readonly = (address: Address) => ({ address, role: AccountRole.READONLY });
const signing = (address: Address) => ({ address, role: AccountRole.READONLY_SIGNER });

/** Of the metadata pointer's extension: initialize, without an authority, so that it points here for ever. */
const initializePointer = Uint8Array.of(39, 0);

const pointToItself = (mint: Address): Instruction => ({
  programAddress: token2022Program,
  accounts: [writable(mint)],
  data: concatBytes(initializePointer, nobody, fromBase58(mint)),
});

/** The first bytes of a metadata instruction, by its name in the interface. */
const discriminator = (name: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(`spl_token_metadata_interface:${name}`).digest().subarray(0, 8));

/** Names and who may change them, as whoever may mint still is the payer. */
function writeNames(mint: Address, payer: Address, names: TokenNames, authority: Address | null): Instruction[] {
  const written: Instruction = {
    programAddress: token2022Program,
    accounts: [writable(mint), readonly(authority ?? payer), readonly(mint), signing(payer)],
    data: concatBytes(discriminator("initialize_account"), encode(namesCodec, names)),
  };
  const kept: Instruction = {
    programAddress: token2022Program,
    accounts: [writable(mint), signing(payer)],
    data: concatBytes(discriminator("update_the_authority"), nobody),
  };
  return authority === null ? [written, kept] : [written];
}
