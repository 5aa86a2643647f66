import { base58, utf8 } from "@scure/base";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { type EarnestError, earnestError } from "./errors.ts";
import { decodeHex, encodeHex } from "./hex.ts";

/** A 32-byte value: a hash, a public key, a root. */
export type Bytes32 = Uint8Array & { readonly __brand: "Bytes32" };

export function bytes32(bytes: Uint8Array): Bytes32 {
  if (bytes.length !== 32) {
    throw earnestError("MALFORMED_BYTES", { what: "32-byte value", length: bytes.length, expected: 32 });
  }
  return bytes as Bytes32;
}

export const zero32: Bytes32 = bytes32(new Uint8Array(32));

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  const { length } = a;
  if (length !== b.length) return false;
  let i = 0;
  // Four at a time: two thirds of the time of one by one, and most of what is compared are hashes.
  for (; i + 4 <= length; i += 4) {
    if (a[i] !== b[i] || a[i + 1] !== b[i + 1] || a[i + 2] !== b[i + 2] || a[i + 3] !== b[i + 3]) return false;
  }
  for (; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two lists have the same values in the same places. */
export const equalLists = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((each, i) => equalBytes(each, b[i] as Uint8Array));

/** Lexicographic order of unsigned bytes; a prefix sorts first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => joinBytes(parts);

/** For lists that may be longer than a call has room for arguments. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** The bytes of a text in which each character is one, as Node's crypto gives them fastest. */
export function fromBinary(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The other way round: a character a byte. */
export function toBinary(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  return text;
}

export const toHex = (bytes: Uint8Array): string => encodeHex(bytes);
export const toBase58 = (bytes: Uint8Array): string => base58.encode(bytes);
export const toBase64 = (bytes: Uint8Array): string => encodeBase64(bytes);
export const toUtf8 = (text: string): Uint8Array => utf8.decode(text);
/** @throws where the bytes are not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => utf8.encode(bytes);

const notA = (what: string, text: string): EarnestError =>
  earnestError("MALFORMED_TEXT_ENCODING", { what, text: text.slice(0, 80) });

const decodeWith =
  (what: string, decode: (text: string) => Uint8Array | null) =>
  (text: string): Uint8Array => {
    const bytes = decode(text);
    if (bytes === null) throw notA(what, text);
    return bytes;
  };

export const fromHex = decodeWith("hexadecimal", decodeHex);
export const fromBase64 = decodeWith("base64", decodeBase64);

export function fromBase58(text: string): Uint8Array {
  try {
    return base58.decode(text);
  } catch {
    throw notA("base58", text);
  }
}
