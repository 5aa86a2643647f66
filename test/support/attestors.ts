import type { AttestorSet, AttestorSignature } from "../../src/core/commit/attestors.ts";
import { signerFromSeed, verifyEd25519 } from "../../src/main/crypto.ts";
import { named } from "./market-hash.ts";

export { verifyEd25519 };

/** Keys that sign, the same on every run. */
export const attestors = Array.from({ length: 6 }, (_, i) => signerFromSeed(named(`attestor ${i}`)));

/** The first `count` of them, a majority of whom signs. */
export const attestorSet = (count: number): AttestorSet => ({
  keys: attestors.slice(0, count).map(({ publicKey }) => publicKey),
  threshold: Math.floor(count / 2) + 1,
});

export const signedBy = (message: Uint8Array, ...places: readonly number[]): AttestorSignature[] =>
  attestors
    .filter((_, place) => places.includes(place))
    .map(({ publicKey, sign }) => ({ key: publicKey, signature: sign(message) }));
