import { createPrivateKey, createPublicKey, hash, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { bytes32, fromBinary } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import type { Signer } from "../engine/context.ts";

/** One-shot and as a text: a quarter of the time of a hash object or of one that gives a buffer, and far less garbage. */
export const sha256: Hash = (bytes) => bytes32(fromBinary(hash("sha256", bytes, "binary")));

export const randomFill = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** What RFC 8410 puts before the 32 bytes of an ed25519 key in PKCS #8 and SubjectPublicKeyInfo. */
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** An ed25519 key (RFC 8032) from its 32-byte seed. */
export function signerFromSeed(seed: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: bytes32(new Uint8Array(spki.subarray(publicPrefix.length))),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** Sessions sign many requests: parsing their keys again for each would be a tenth of verifying it. */
const publicKeys = new Map<string, KeyObject>();
const publicKeysMax = 10_000;

/** As a JSON Web Key (RFC 8037): OpenSSL takes as long to parse a DER key as to verify by it, and a tenth for this one. */
function publicKeyOf(bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
  const known = publicKeys.get(x);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  if (publicKeys.size >= publicKeysMax) publicKeys.delete(publicKeys.keys().next().value as string);
  publicKeys.set(x, key);
  return key;
}

/** False for anything that is not a valid signature, a key that is none included. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return verify(null, message, publicKeyOf(publicKey), signature);
  } catch {
    return false;
  }
}

/** The same beside the event loop: a server that answers others meanwhile uses both of two processors. */
export function verifyEd25519Aside(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return Promise.resolve(false);
  return new Promise((resolve) => {
    try {
      verify(null, message, publicKeyOf(publicKey), signature, (error, isValid) => resolve(error === null && isValid));
    } catch {
      resolve(false);
    }
  });
}
