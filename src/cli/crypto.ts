import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { type Bytes32, bytes32, fromBase58, fromBinary } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";

/** One-shot and as a text: the fastest way to a hash of few bytes. */
export const sha256: Hash = (bytes) => bytes32(fromBinary(hash("sha256", bytes, "binary")));

/** As a JSON Web Key (RFC 8037), which is parsed in a tenth of the time of a DER key. */
export const publicKeyOf = (raw: Bytes32): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") }, format: "jwk" });

export const isSignedBy = (key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean =>
  signature.length === 64 && verify(null, message, key, signature);

export function parsePublicKey(text: string, what: string): Bytes32 {
  try {
    return bytes32(fromBase58(text));
  } catch {
    throw earnestError("MALFORMED_COMMAND", {
      problem: `"${text.slice(0, 60)}" is not ${what}`,
      mend: "Write the key in base58, as `earnest config show` does.",
    });
  }
}

/** Reading a key costs as much as half a verification: the last ones are kept. */
const keys = new Map<string, KeyObject>();
const keysMax = 10_000;

/** The same by the key's bytes, for signatures of many keys. False for what is no key. */
export function isSignedByKey(raw: Bytes32, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return isSignedBy(keyOf(raw), message, signature);
  } catch {
    return false;
  }
}

function keyOf(raw: Bytes32): KeyObject {
  const name = Buffer.from(raw).toString("latin1");
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = publicKeyOf(raw);
  if (keys.size >= keysMax) keys.delete(keys.keys().next().value as string);
  keys.set(name, key);
  return key;
}
