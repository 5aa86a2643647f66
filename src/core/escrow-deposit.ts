import { type Amount, amount } from "./amount.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58 } from "./bytes.ts";
import { isEarnestError } from "./errors.ts";
import { type MessageInstruction, readCosignedMessage } from "./solana-message.ts";

/** A Solana message that pays into a market's account, and before that opens it where it was not there. */
export interface EscrowDeposit {
  readonly feePayer: Bytes32;
  /** The requester's wallet; its signature is the second one. */
  readonly owner: Bytes32;
  readonly program: Bytes32;
  readonly pool: Bytes32;
  readonly vault: Bytes32;
  /** The market's account. */
  readonly market: Bytes32;
  readonly source: Bytes32;
  readonly tokenProgram: Bytes32;
  readonly amount: Amount;
  readonly opens: {
    readonly id: Uint8Array;
    readonly specHash: Bytes32;
    readonly refundTo: Bytes32;
  } | null;
}

/** Null for a message that says anything else, or anything besides. */
export function readEscrowDeposit(message: Uint8Array): EscrowDeposit | null {
  try {
    const found = readCosignedMessage(message);
    if (found === null || found.instructions.length > 2) return null;
    const last = found.instructions.at(-1);
    const paid = last === undefined ? null : paidBy(last, found.owner);
    if (paid === null) return null;
    const parts = { feePayer: found.feePayer, owner: found.owner, ...paid };
    const opening = found.instructions.length === 2 ? found.instructions[0] : undefined;
    if (opening === undefined) return { ...parts, opens: null };
    const opens = openedBy(opening, parts);
    return opens === null ? null : { ...parts, opens };
  } catch (error) {
    if (isEarnestError(error, "MALFORMED_ENCODING")) return null;
    throw error;
  }
}

/** Instructions of the escrow program (program/README.md): the number, the amount. */
const deposit = { number: 6, bytes: 9 } as const;
/** The number, the market's id, the hash of its spec. */
const openMarket = { number: 5, bytes: 49, idEnd: 17 } as const;
const systemProgram = bytes32(fromBase58("11111111111111111111111111111111"));

function paidBy({ program, accounts, data }: MessageInstruction, owner: Bytes32) {
  const [authority, source, vault, pool, market, tokenProgram] = accounts;
  if (data[0] !== deposit.number || data.length !== deposit.bytes || accounts.length !== 6) return null;
  if (authority === undefined || source === undefined || vault === undefined) return null;
  if (pool === undefined || market === undefined || tokenProgram === undefined) return null;
  if (!equalBytes(authority, owner)) return null;
  const value = new DataView(data.buffer, data.byteOffset).getBigUint64(1, true);
  return { program, source, vault, pool, market, tokenProgram, amount: amount(value) };
}

function openedBy(
  { program, accounts, data }: MessageInstruction,
  { feePayer, owner, program: called, pool, market }: Omit<EscrowDeposit, "opens">,
): EscrowDeposit["opens"] {
  const refundTo = accounts[4];
  if (data[0] !== openMarket.number || data.length !== openMarket.bytes || refundTo === undefined) return null;
  const wanted = [owner, feePayer, pool, market, refundTo, systemProgram];
  const isRight =
    equalBytes(program, called) &&
    accounts.length === wanted.length &&
    accounts.every((each, i) => equalBytes(each, wanted[i] as Bytes32));
  if (!isRight) return null;
  return { id: data.slice(1, openMarket.idEnd), specHash: bytes32(data.slice(openMarket.idEnd)), refundTo };
}
