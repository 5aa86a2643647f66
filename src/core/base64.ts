import { utf8 } from "@scure/base";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const codes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const padding = "=".charCodeAt(0);

/** By character code; -1 for what is no letter. */
const values = new Int8Array(256).fill(-1);
for (const [value, code] of codes.entries()) values[code] = value;

/** RFC 4648 section 4, with padding. Receipts are thousands of bytes, and come by the ten thousand. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    // What is beyond the end counts as zeros.
    const three = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    text[at++] = codes[three >> 18] as number;
    text[at++] = codes[(three >> 12) & 63] as number;
    text[at++] = codes[(three >> 6) & 63] as number;
    text[at++] = codes[three & 63] as number;
  }
  text.fill(padding, text.length - missingOf(bytes.length));
  return utf8.encode(text);
}

/** How many bytes the last three lack. */
const missingOf = (length: number): number => (3 - (length % 3)) % 3;

/** Null for everything but the one base64 text of some bytes: padded, without spaces, the bits left over zero. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padded = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const whole = padded === 0 ? text.length : text.length - 4;
  const bytes = new Uint8Array((3 * text.length) / 4 - padded);
  let at = 0;
  let all = 0;
  for (let i = 0; i < whole; i += 4) {
    const four =
      (valueIn(text, i) << 18) | (valueIn(text, i + 1) << 12) | (valueIn(text, i + 2) << 6) | valueIn(text, i + 3);
    // What is no letter makes it negative.
    all |= four;
    bytes[at] = four >> 16;
    bytes[at + 1] = four >> 8;
    bytes[at + 2] = four;
    at += 3;
  }
  if (padded === 0) return all < 0 ? null : bytes;
  const third = padded === 2 ? 0 : valueIn(text, whole + 2) << 6;
  const last = (valueIn(text, whole) << 18) | (valueIn(text, whole + 1) << 12) | third;
  bytes[at] = last >> 16;
  if (padded === 1) bytes[at + 1] = last >> 8;
  return all < 0 || last < 0 || (last & ((1 << (8 * padded)) - 1)) !== 0 ? null : bytes;
}

/** Negative for what is no letter. */
function valueIn(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < values.length ? (values[code] as number) : -1;
}

/** How many bytes the text stands for that lies at these places; null where it is too short or too long for any. */
export function base64Size(text: Uint8Array, from: number, to: number): number | null {
  const length = to - from;
  if (length % 4 !== 0) return null;
  if (length === 0 || text[to - 1] !== padding) return (3 * length) / 4;
  return (3 * length) / 4 - (text[to - 2] === padding ? 2 : 1);
}

/**
 * The same for a text among other bytes, into a place of its `base64Size`. False for everything but the one base64 text
 * of some bytes. A log's file is mostly such texts, and a string for each takes as long as all else.
 */
export function decodeBase64Into(into: Uint8Array, text: Uint8Array, from: number, to: number): boolean {
  const padded = (3 * (to - from)) / 4 - into.length;
  const whole = padded === 0 ? to : to - 4;
  let at = 0;
  let all = 0;
  for (let i = from; i < whole; i += 4) {
    const four = fourAt(text, i) | valueAt(text, i + 3);
    // What is no letter makes it negative.
    all |= four;
    into[at] = four >> 16;
    into[at + 1] = four >> 8;
    into[at + 2] = four;
    at += 3;
  }
  if (padded === 0) return all >= 0;
  const last =
    (valueAt(text, whole) << 18) |
    (valueAt(text, whole + 1) << 12) |
    (padded === 2 ? 0 : valueAt(text, whole + 2) << 6);
  into[at] = last >> 16;
  if (padded === 1) into[at + 1] = last >> 8;
  return all >= 0 && last >= 0 && (last & ((1 << (8 * padded)) - 1)) === 0;
}

const valueAt = (text: Uint8Array, at: number): number => values[text[at] as number] as number;
const fourAt = (text: Uint8Array, at: number): number =>
  (valueAt(text, at) << 18) | (valueAt(text, at + 1) << 12) | (valueAt(text, at + 2) << 6);
