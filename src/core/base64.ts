import { utf8 } from "@scure/base";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const codes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const padding = "=".charCodeAt(0);

/** By character code; -1 for what is no letter. */
const values = new Int8Array(128).fill(-1);
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
  const letterCount = text.length - padded;
  const bytes = new Uint8Array((3 * text.length) / 4 - padded);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    let four = 0;
    for (let j = i; j < i + 4; j++) {
      const value = j < letterCount ? (values[text.charCodeAt(j)] ?? -1) : 0;
      if (value < 0) return null;
      four = (four << 6) | value;
    }
    // A typed array takes no more than it has room for: of the last three bytes the padded ones are left out.
    bytes[at++] = four >> 16;
    bytes[at++] = four >> 8;
    bytes[at++] = four;
    if (i + 4 === text.length && (four & ((1 << (8 * padded)) - 1)) !== 0) return null;
  }
  return bytes;
}
