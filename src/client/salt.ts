import { type Bytes32, bytes32, toHex, toUtf8 } from "../core/bytes.ts";
import { encode, fixed, struct, text, u16, u32 } from "../core/codec.ts";
import { taggedHash, tags } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { type MarketId, marketId } from "../core/market-id.ts";
import { parseSlot, type Slot } from "../core/slot.ts";
import type { Signer } from "./keys.ts";
import { sha256 } from "./sha256.ts";

/**
 * What a wallet signs so that its answers stay hidden until they are judged; the signature is a secret. No network is
 * named: one that has several addresses must find the same answers again.
 */
export const saltText = [
  "Hide my answers on Earnest until they are judged.",
  "",
  "This costs nothing and moves no money. Sign it only where you work: the signature tells what you answered.",
].join("\n");

/**
 * The secret that a contributor's salts are made of: the hash of the wallet's signature of `saltText`.
 *
 * Ed25519 signatures are deterministic (RFC 8032, section 5.1.6), so the same wallet gives the same secret after any
 * restart, also where its key cannot be read. Where that does not hold, the secret lives as long as whoever holds it: a
 * wallet that will not sign gets a random one, and some signers randomise (Apple's CryptoKit, so Safari).
 */
export async function saltSecretOf(wallet: Signer): Promise<Bytes32> {
  try {
    return sha256(await wallet.sign(toUtf8(saltText)));
  } catch {
    return bytes32(crypto.getRandomValues(new Uint8Array(32)));
  }
}

const saltCodec = struct({ secret: fixed<Bytes32>(32), market: text<MarketId>(), task: u32, ordinal: u16 });

/** 32 hexadecimal digits: the first 16 bytes of a hash over the secret and the slot. Another slot has another salt. */
export function saltOf(secret: Bytes32, market: MarketId, { task, ordinal }: Slot): string {
  const hash = taggedHash(sha256, tags.salt, encode(saltCodec, { secret, market, task, ordinal }));
  return toHex(hash.subarray(0, 16));
}

/** The body with the slot's salt; as it is where it has a salt already, or no fields. */
export function saltedBody(secret: Bytes32, market: string, slot: string, body: Json): Json {
  if (typeof body !== "object" || body === null || Array.isArray(body) || "salt" in body) return body;
  const fields = body as Readonly<Record<string, Json>>;
  return { ...fields, salt: saltOf(secret, marketId(market), parseSlot(slot)) };
}
