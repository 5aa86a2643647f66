import { type Amount, amount } from "./amount.ts";
import { type Bytes32, bytes32, concatBytes, equalBytes, fromBase58, toUtf8 } from "./bytes.ts";
import { isEarnestError } from "./errors.ts";
import type { Hash } from "./hash.ts";
import { type MessageInstruction, readCosignedMessage } from "./solana-message.ts";

/**
 * A Solana message (version 0) that does one thing: it moves tokens of one wallet, and somebody else pays for it. Whoever
 * signs such a message reads it first, as bytes that another machine made may say anything.
 */
export interface TokenTransfer {
  readonly feePayer: Bytes32;
  /** The wallet whose tokens move; its signature is the second one. */
  readonly owner: Bytes32;
  readonly source: Bytes32;
  readonly destination: Bytes32;
  readonly mint: Bytes32;
  readonly tokenProgram: Bytes32;
  readonly amount: Amount;
  /** The wallet whose token account the fee payer makes first, at `destination`; null where it is there. */
  readonly creates: Bytes32 | null;
}

const program = (text: string): Bytes32 => bytes32(fromBase58(text));
const systemProgram = program("11111111111111111111111111111111");
const accountsProgram = program("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
const tokenPrograms = [
  program("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"),
  program("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"),
];

/** Null for a message that says anything else, or anything besides. */
export function readTokenTransfer(message: Uint8Array): TokenTransfer | null {
  try {
    return transferIn(message);
  } catch (error) {
    if (isEarnestError(error, "MALFORMED_ENCODING")) return null;
    throw error;
  }
}

function transferIn(message: Uint8Array): TokenTransfer | null {
  const found = readCosignedMessage(message);
  return found === null ? null : readInstructions(found.instructions, found.feePayer, found.owner);
}

function readInstructions(
  rest: readonly MessageInstruction[],
  feePayer: Bytes32,
  owner: Bytes32,
): TokenTransfer | null {
  const [last] = rest.slice(-1);
  const moved = last === undefined ? null : movedBy(last, owner);
  if (moved === null || last === undefined || rest.length > 2) return null;
  const parts = { feePayer, owner, ...moved, tokenProgram: last.program };
  const creation = rest.length === 2 ? rest[0] : undefined;
  if (creation === undefined) return { ...parts, creates: null };
  const creates = createdBy(creation, parts);
  return creates === null ? null : { ...parts, creates };
}

/** TransferChecked of both token programs: 12, the amount, the decimals. */
const transferChecked = { kind: 12, bytes: 10 } as const;

function movedBy({ program: called, accounts, data }: MessageInstruction, owner: Bytes32) {
  const [source, mint, destination, authority] = accounts;
  if (!tokenPrograms.some((each) => equalBytes(each, called)) || accounts.length !== 4) return null;
  if (source === undefined || mint === undefined || destination === undefined || authority === undefined) return null;
  if (data[0] !== transferChecked.kind || data.length !== transferChecked.bytes) return null;
  if (!equalBytes(authority, owner)) return null;
  const value = new DataView(data.buffer, data.byteOffset).getBigUint64(1, true);
  return { source, mint, destination, amount: amount(value) };
}

/** CreateIdempotent of the associated token account program. */
function createdBy(
  { program: called, accounts, data }: MessageInstruction,
  { feePayer, destination, mint, tokenProgram }: Omit<TokenTransfer, "creates">,
): Bytes32 | null {
  const wallet = accounts[2];
  if (wallet === undefined || !equalBytes(called, accountsProgram) || data.length !== 1 || data[0] !== 1) return null;
  const wanted = [feePayer, destination, wallet, mint, systemProgram, tokenProgram];
  const isRight =
    accounts.length === wanted.length && accounts.every((each, i) => equalBytes(each, wanted[i] as Bytes32));
  return isRight ? wallet : null;
}

const marker = toUtf8("ProgramDerivedAddress");

/**
 * Whether an account is a wallet's associated token account. It asks for any bump: the account program makes only the
 * one of the highest that is off the curve, and nobody has a key for one of the others.
 */
export function isTokenAccountOf(
  hash: Hash,
  account: Uint8Array,
  { wallet, mint, tokenProgram }: { readonly wallet: Bytes32; readonly mint: Bytes32; readonly tokenProgram: Bytes32 },
): boolean {
  for (let bump = 255; bump >= 0; bump--) {
    const seeds = concatBytes(wallet, tokenProgram, mint, Uint8Array.of(bump), accountsProgram, marker);
    if (equalBytes(hash(seeds), account)) return true;
  }
  return false;
}
