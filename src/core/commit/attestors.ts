import { type Bytes32, equalBytes, zero32 } from "../bytes.ts";

/** At most this many keys, of whom at most this many sign: a version 0 transaction has room for five signatures. */
export const attestorsMax = 8;
export const thresholdMax = 5;

/** A network's attestors, `threshold` of whom sign. */
export interface AttestorSet {
  readonly keys: readonly Bytes32[];
  readonly threshold: number;
}

export interface AttestorSignature {
  readonly key: Bytes32;
  /** 64 bytes, ed25519. */
  readonly signature: Uint8Array;
}

/** Whether a signature is the key's over these bytes. */
export type VerifySignature = (key: Bytes32, message: Uint8Array, signature: Uint8Array) => boolean;

/** A majority must sign, few enough for one transaction, and each is somebody and somebody else. */
export function isAttestorSet({ keys, threshold }: AttestorSet): boolean {
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > thresholdMax) return false;
  if (keys.length > attestorsMax || threshold > keys.length || 2 * threshold <= keys.length) return false;
  return keys.every((key, i) => !equalBytes(key, zero32) && placeOf(keys, key) === i);
}

const placeOf = (keys: readonly Bytes32[], key: Bytes32): number => keys.findIndex((each) => equalBytes(each, key));

export const signatureReasons = {
  SIGNATURES_TOO_FEW: "fewer attestors signed than have to",
  SIGNER_UNKNOWN: "a signer is no attestor of this set",
  SIGNER_REPEATED: "an attestor signed twice",
  SIGNATURE_WRONG: "a signature is not its attestor's over this message",
} as const;
export type SignatureReason = keyof typeof signatureReasons;

/** Whom it is about is a place in the list of signatures; −1 where it is about none. */
export interface SignatureProblem {
  readonly reason: SignatureReason;
  readonly place: number;
}

/** Whether at least the threshold of the set signed, each once and nobody else; null where all is well. */
export function signatureProblem(
  set: AttestorSet,
  message: Uint8Array,
  signatures: readonly AttestorSignature[],
  verify: VerifySignature,
): SignatureProblem | null {
  const signed = new Set<number>();
  for (const [place, { key, signature }] of signatures.entries()) {
    const attestor = placeOf(set.keys, key);
    if (attestor < 0) return { reason: "SIGNER_UNKNOWN", place };
    if (signed.has(attestor)) return { reason: "SIGNER_REPEATED", place };
    if (!verify(key, message, signature)) return { reason: "SIGNATURE_WRONG", place };
    signed.add(attestor);
  }
  return signed.size < set.threshold ? { reason: "SIGNATURES_TOO_FEW", place: -1 } : null;
}

/**
 * As many of the signatures as have to be there, in the order of the set: the program wants them so. Those of strangers
 * are left out; of an attestor's several the first is taken.
 */
export function signaturesToSend(set: AttestorSet, signatures: readonly AttestorSignature[]): AttestorSignature[] {
  return set.keys.flatMap((key) => signatures.find((each) => equalBytes(each.key, key)) ?? []).slice(0, set.threshold);
}
