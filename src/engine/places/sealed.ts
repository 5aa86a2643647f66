import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "../../core/bytes.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import type { EngineContext } from "../context.ts";
import { dayOf } from "./place-keys.ts";

/**
 * Bytes that lie under the key of a day: what remains of them without it, and the whole of them (AES-256-GCM).
 *
 *     0 · 1 · day u32 · length u32 · what remains · nonce 12 · encrypted · tag 16
 *
 * Neither a body, which is JSON, nor a checkpoint, which begins with the length of its first part, begins like that.
 */
const prefix = [0, 1] as const;
const headBytes = 10;
const nonceBytes = 12;
const tagBytes = 16;

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

export const isSealed = (stored: Uint8Array): boolean =>
  stored.length >= headBytes + nonceBytes + tagBytes && prefix.every((byte, i) => stored[i] === byte);

export const dayOfSealed = (stored: Uint8Array): number => viewOf(stored).getUint32(2);

/** What is left of it when its key is gone; of what is not sealed, all. */
export const remainsOf = (stored: Uint8Array): Uint8Array =>
  isSealed(stored) ? stored.subarray(headBytes, endOfRemains(stored)) : stored;

const endOfRemains = (stored: Uint8Array): number => headBytes + viewOf(stored).getUint32(6);

/** Under the market's key of today. */
export async function seal(
  { placeKeys, clock, random }: EngineContext,
  market: MarketId,
  bytes: Uint8Array,
  remains: Uint8Array,
): Promise<Uint8Array> {
  const day = dayOf(clock());
  const key = await placeKeys.make({ market, day });
  const head = new Uint8Array(headBytes);
  head.set(prefix);
  viewOf(head).setUint32(2, day);
  viewOf(head).setUint32(6, remains.length);
  const nonce = random(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(concatBytes(marketIdToBytes(market), head, remains));
  const encrypted = concatBytes(cipher.update(bytes), cipher.final());
  return concatBytes(head, remains, nonce, encrypted, cipher.getAuthTag());
}

/** Null once its key is gone, and where it was changed; what is not sealed is given as it is. */
export async function open(
  { placeKeys }: EngineContext,
  market: MarketId,
  stored: Uint8Array,
): Promise<Uint8Array | null> {
  if (!isSealed(stored)) return stored;
  const key = await placeKeys.find({ market, day: dayOfSealed(stored) });
  if (key === null) return null;
  const end = endOfRemains(stored);
  const nonce = stored.subarray(end, end + nonceBytes);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAAD(concatBytes(marketIdToBytes(market), stored.subarray(0, end)));
    decipher.setAuthTag(stored.subarray(-tagBytes));
    return concatBytes(decipher.update(stored.subarray(end + nonceBytes, -tagBytes)), decipher.final());
  } catch {
    return null;
  }
}
