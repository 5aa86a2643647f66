import { type Bytes32, bytes32, equalBytes, fromBase58 } from "./bytes.ts";
import { Reader } from "./codec.ts";

/** A Solana message (version 0) that two sign: who pays for it, and who wants what it does. */
export interface CosignedMessage {
  readonly feePayer: Bytes32;
  /** Its signature is the second one. */
  readonly owner: Bytes32;
  /** Without those that set the budget. */
  readonly instructions: readonly MessageInstruction[];
}

export interface MessageInstruction {
  readonly program: Bytes32;
  readonly accounts: readonly Bytes32[];
  readonly data: Uint8Array;
}

const version0 = 0x80;
const keyBytes = 32;
const computeBudgetProgram = bytes32(fromBase58("ComputeBudget111111111111111111111111111111"));
/** Set the unit limit, and its price. */
const budgetKinds: readonly (number | undefined)[] = [2, 3];

/**
 * Null for a message of another version, with other signers, or with lookup tables.
 *
 * @throws MALFORMED_ENCODING
 */
export function readCosignedMessage(message: Uint8Array): CosignedMessage | null {
  const from = new Reader(message, "a Solana message");
  const [version, signers, readonlySigners] = [from.u8(), from.u8(), from.u8()];
  if (version !== version0 || signers !== 2 || readonlySigners !== 1) return null;
  from.u8();
  const keys = readMany(from, () => bytes32(from.raw(keyBytes)));
  from.raw(keyBytes);
  const indexed = (): Bytes32 => {
    const key = keys[from.u8()];
    if (key === undefined) throw from.malformed();
    return key;
  };
  const instructions = readMany(from, (): MessageInstruction => {
    const called = indexed();
    const accounts = readMany(from, indexed);
    return { program: called, accounts, data: from.raw(from.varint()) };
  });
  const lookupTables = from.varint();
  from.end();
  const [feePayer, owner] = keys;
  if (lookupTables !== 0 || feePayer === undefined || owner === undefined || equalBytes(feePayer, owner)) return null;
  return { feePayer, owner, instructions: instructions.filter((each) => !isBudget(each)) };
}

function readMany<T>(from: Reader, read: () => T): T[] {
  const count = from.varint();
  const all: T[] = [];
  // The length is a stranger's word: an end of the bytes ends it as well.
  for (let i = 0; i < count; i++) all.push(read());
  return all;
}

const isBudget = ({ program, accounts, data }: MessageInstruction): boolean =>
  equalBytes(program, computeBudgetProgram) && accounts.length === 0 && budgetKinds.includes(data[0]);
