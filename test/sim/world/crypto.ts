import { concatBytes } from "#src/core/bytes";
import type { Signer } from "#src/engine/context";
import { sha256, signerFromSeed, verifyEd25519 } from "#src/main/crypto";
import type { Random } from "../../crash/random.ts";

export { sha256 };

/** No market here asks for programs to be run. */
export const noSandbox = { execute: () => Promise.reject(new Error("nobody runs programs in a simulation")) };

const verified = new Map<string, boolean>();
const verifiedMax = 50_000;

/** Ed25519 is a function, and three attestors ask for the same signatures as the server. */
export function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const asked = Buffer.from(concatBytes(key, signature, message)).toString("latin1");
  const known = verified.get(asked);
  if (known !== undefined) return known;
  if (verified.size >= verifiedMax) verified.clear();
  const isValid = verifyEd25519(key, message, signature);
  verified.set(asked, isValid);
  return isValid;
}

export const randomBytesOf = (random: Random, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.between(0, 255));

export const signerOf = (random: Random): Signer => signerFromSeed(randomBytesOf(random, 32));
