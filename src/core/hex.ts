const digits = "0123456789abcdef";
const pairs = Array.from({ length: 256 }, (_, byte) => `${digits[byte >> 4]}${digits[byte & 15]}`);

/** By character code, for both cases; -1 for what is no digit. */
const values = new Int8Array(128).fill(-1);
for (let value = 0; value < digits.length; value++) {
  values[digits.charCodeAt(value)] = value;
  values[digits.toUpperCase().charCodeAt(value)] = value;
}

/** In lower case. Hashes name things everywhere, so this is written for texts of their length. */
export function encodeHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += pairs[bytes[i] as number] as string;
  return text;
}

/** Null where the text is not hexadecimal of whole bytes. */
export function decodeHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = values[text.charCodeAt(2 * i)] ?? -1;
    const low = values[text.charCodeAt(2 * i + 1)] ?? -1;
    if ((high | low) < 0) return null;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}
