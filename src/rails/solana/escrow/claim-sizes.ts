import { batchMax } from "../program/layouts.ts";
import { type TransactionVersion, transactionBytesMax } from "./transactions.ts";

/** Keys of a claim's transaction besides its destinations: payer, pool, page, vault, token program, program. */
const keysOfClaim = 6;
const signatureBytes = 64;
const keyBytes = 32;

/** Bytes of a compact length: of 7 bits a byte. */
const lengthBytes = (length: number): number => (length < 0x80 ? 1 : 2);

/** Exactly how large a transaction with one claim of `count` leaves is, with its limit and its price of compute units. */
export function claimBytes(version: TransactionVersion, count: number, depth: number): number {
  const data = (count > 1 ? 12 + 16 * count : 26) + 32 * depth;
  const accounts = 4 + count;
  if (version === 1) {
    const header = 1 + 3 + 4 + keyBytes + 2;
    const budget = 8 + 4 + 4;
    return header + keyBytes * (keysOfClaim + count) + budget + 4 + accounts + data + signatureBytes;
  }
  const header = 1 + signatureBytes + 1 + 3 + 1 + keyBytes + 1 + 1;
  // The compute budget's program, and its two instructions.
  const budget = keyBytes + 8 + 12;
  const instruction = 1 + lengthBytes(accounts) + accounts + lengthBytes(data) + data;
  return header + keyBytes * (keysOfClaim + count) + budget + instruction;
}

/** A version 0 transaction takes no more accounts than this, and neither does a version 1. */
const accountsMax = 64;

export const fits = (version: TransactionVersion, count: number, depth: number): boolean =>
  count <= batchMax &&
  keysOfClaim + 1 + count <= accountsMax &&
  claimBytes(version, count, depth) <= transactionBytesMax[version];

/** With room to spare: clusters still run token programs that need far more than the newest. */
export const claimUnits = (count: number): number => 15_000 + 9_000 * count;
export const creationUnits = 45_000;
export const pageUnits = 20_000;
