import { ed25519 } from "@noble/curves/ed25519.js";
import type { Signer } from "../../../src/client/keys.ts";
import { bytes32 } from "../../../src/core/bytes.ts";

/** Ed25519 without WebCrypto, for pages without HTTPS and older browsers; loaded only there. */
export function pureSigner(seed: Uint8Array): Signer {
  const publicKey = bytes32(ed25519.getPublicKey(seed));
  return { publicKey, sign: (message) => ed25519.sign(message, seed) };
}

export const newSeed = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));

export function pureVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
