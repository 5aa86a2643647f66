import { base58 } from "@scure/base";

/**
 * Addresses as bytes and in base 58, remembered: every transaction turns the same ones over and over, which takes longer
 * than looking them up. What has not been asked for lately is forgotten, half of it at a time.
 */
const keptMax = 100_000;
let texts = new Map<string, string>();
let olderTexts = new Map<string, string>();
let bytes = new Map<string, Uint8Array>();
let olderBytes = new Map<string, Uint8Array>();

/** Of 32 bytes. */
export function addressText(address: Uint8Array): string {
  const key = Buffer.from(address.buffer, address.byteOffset, address.length).toString("latin1");
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = olderTexts.get(key) ?? base58.encode(address);
  if (texts.size >= keptMax / 2) [texts, olderTexts] = [new Map(), texts];
  texts.set(key, text);
  return text;
}

/** Not to be written to: everybody who asks gets the same. @throws where it is not base 58 */
export function addressBytes(text: string): Uint8Array {
  const known = bytes.get(text);
  if (known !== undefined) return known;
  const address = olderBytes.get(text) ?? base58.decode(text);
  if (bytes.size >= keptMax / 2) [bytes, olderBytes] = [new Map(), bytes];
  bytes.set(text, address);
  return address;
}
