import { AccountRole, type Address, type Instruction } from "@solana/kit";
import { ASSOCIATED_TOKEN_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { earnestError } from "../../../core/errors.ts";
import type { Rail } from "../../rail.ts";
import { extensionsOf, metadataOf } from "../mint-extensions.ts";
import { openPool, type PoolAddresses, poolAddresses, windDown } from "../program/instructions.ts";
import type { PoolAccount } from "../program/layouts.ts";
import { findPool, readAccounts, readPool } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { sendPlan } from "./sending.ts";

export const token2022Program = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb" as Address;
const systemProgram = "11111111111111111111111111111111" as Address;

/** What a token account takes; an associated one of Token-2022 also says that its owner stays. */
export const accountBytes = (tokenProgram: Address): bigint => (tokenProgram === token2022Program ? 170n : 165n);

/** Makes a wallet's token account of either token program; harmless where it is there. */
export function createTokenAccount(
  payer: Address,
  account: Address,
  owner: Address,
  { mint, tokenProgram }: Pick<PoolAddresses, "mint" | "tokenProgram">,
): Instruction {
  const readonly = (address: Address) => ({ address, role: AccountRole.READONLY });
  return {
    programAddress: ASSOCIATED_TOKEN_PROGRAM_ADDRESS,
    accounts: [
      { address: payer, role: AccountRole.WRITABLE_SIGNER },
      { address: account, role: AccountRole.WRITABLE },
      readonly(owner),
      readonly(mint),
      readonly(systemProgram),
      readonly(tokenProgram),
    ],
    data: Uint8Array.of(1),
  };
}

export interface PoolTerms {
  readonly network: Address;
  readonly mint: Address;
  readonly number: number;
  /** Take a mint whose issuer can freeze token accounts: then users must be told. */
  readonly allowsFreezing?: boolean;
}

export interface OpenPool {
  readonly at: PoolAddresses;
  /** The mint's issuer can freeze token accounts. */
  readonly canFreeze: boolean;
  /** What the mint says of itself; null where it says nothing. */
  readonly names: Rail["names"];
  readonly account: PoolAccount;
}

/**
 * The pool of this mint and number, with its vault, made where they are missing.
 *
 * @throws MINT_NOT_FOUND, MINT_REFUSED; PROGRAM_REFUSED (an extension, a foreign vault); as `sendPlan`
 */
export async function ensurePool(escrow: Escrow, terms: PoolTerms): Promise<OpenPool> {
  const { network, mint, number } = terms;
  const { tokenProgram, canFreeze, names } = await tokenOf(escrow, terms);
  const at = poolAddresses({ program: escrow.program, network, mint, number, tokenProgram });
  const isDone = async (): Promise<boolean> => (await findPool(escrow, at.pool, "confirmed")) !== null;
  const { address: payer } = escrow.payer;
  const instructions = [createTokenAccount(payer, at.vault, at.pool, at), openPool(at, payer)];
  if (!(await isDone())) await sendPlan(escrow, { instructions }, { isDone });
  return { at, canFreeze, names, account: await readPool(escrow, at.pool, "confirmed") };
}

const freezeAuthorityAt = 46;

async function tokenOf(escrow: Escrow, { mint, allowsFreezing = false }: PoolTerms) {
  const { accounts } = await readAccounts(escrow.client, [mint], "confirmed");
  const [account] = accounts;
  const tokenProgram = account?.owner as Address | undefined;
  if (tokenProgram !== TOKEN_PROGRAM_ADDRESS && tokenProgram !== token2022Program) {
    throw earnestError("MINT_NOT_FOUND", { mint });
  }
  const canFreeze = account?.data[freezeAuthorityAt] === 1;
  if (canFreeze && !allowsFreezing) {
    throw earnestError("MINT_REFUSED", {
      mint,
      problem: "its issuer can freeze the token accounts of those who are paid",
    });
  }
  return { tokenProgram, canFreeze, names: namesIn(account?.data ?? new Uint8Array()) };
}

/** Read from strangers' mints: wallets show no more of them. */
function namesIn(mint: Uint8Array): Rail["names"] {
  const found = metadataOf(extensionsOf(mint));
  return found === null ? null : { name: shown(found.name, 32), symbol: shown(found.symbol, 10) };
}

const shown = (text: string, most: number): string => text.replace(/[\p{Cc}\p{Cf}]/gu, "").slice(0, most);

/**
 * Ends a pool whose attestors are gone, for good: everybody may then claim, also what is held, and take refunds.
 *
 * @throws PROGRAM_REFUSED (NOT_DEAD_YET); as `sendPlan`
 */
export async function windDownPool(escrow: Escrow, at: PoolAddresses): Promise<void> {
  const isDone = async (): Promise<boolean> => (await readPool(escrow, at.pool, "confirmed")).state === 1;
  await sendPlan(escrow, { instructions: [windDown(at)] }, { isDone });
}
