import { type Amount, formatAmount, parseAmount } from "../core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";

/** Between the wire and the engine: amounts need to know the token's decimals. */
export interface Money {
  read(text: string): Amount;
  write(value: bigint): string;
}

export const moneyOf = (decimals: number): Money => ({
  read: (text) => parseAmount(text, decimals),
  write: (value) => formatAmount(value, decimals),
});

/** @throws MALFORMED_BYTES, MALFORMED_TEXT_ENCODING */
export const readKey = (text: string): Bytes32 => bytes32(fromBase58(text));
export const writeKey = (key: Uint8Array): string => toBase58(key);

const scratch = Buffer.alloc(4_096);

/**
 * Buffer's hex and base64 are several times faster than portable code, and acknowledgements are full of them. Short bytes
 * are copied: they lie on the heap of V8, and a buffer over them would move them off it first.
 */
function textOf(bytes: Uint8Array, encoding: "hex" | "base64"): string {
  if (bytes.length > scratch.length)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  scratch.set(bytes);
  return scratch.toString(encoding, 0, bytes.length);
}

export const writeHash = (hash: Uint8Array): string => textOf(hash, "hex");
export const writeBytes = (bytes: Uint8Array): string => textOf(bytes, "base64");

/** @throws MALFORMED_BYTES where the length is another: Buffer skips what is not base64. */
export function readBytes(text: string, length: number, what: string): Uint8Array {
  const read = Buffer.from(text, "base64");
  const bytes = new Uint8Array(read);
  if (bytes.length !== length) {
    throw earnestError("MALFORMED_BYTES", { what, length: bytes.length, expected: length });
  }
  if (read.toString("base64") !== text) throw earnestError("MALFORMED_TEXT_ENCODING", { what: "base64", text });
  return bytes;
}

export const million = 1_000_000;
export const toPpm = (share: number): number => Math.round(share * million);
export const fromPpm = (ppm: number): number => ppm / million;

/** Digits of a path or query, already checked by the schema. */
export const readCount = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);

export const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value);
