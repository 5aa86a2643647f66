import type { Address, Instruction } from "@solana/kit";
import { concatBytes, fromBase58 } from "../../../core/bytes.ts";
import { encode, struct, u16 } from "../../../core/codec.ts";
import type { AttestorSet } from "./layouts.ts";

const precompile = "Ed25519SigVerify111111111111111111111111111" as Address;

export interface AttestorSignature {
  readonly key: Address;
  /** 64 bytes, ed25519. */
  readonly signature: Uint8Array;
}

const offsetsCodec = struct({
  signature: u16,
  signatureInstruction: u16,
  key: u16,
  keyInstruction: u16,
  message: u16,
  messageSize: u16,
  messageInstruction: u16,
});
const offsetsSize = 14;
/** This same instruction, wherever it stands in the transaction. */
const here = 0xffff;

/** The signatures of members of the set, each once, in the order of the set: any other order is refused. */
export const signatureOrder = (set: AttestorSet, signatures: readonly AttestorSignature[]): AttestorSignature[] =>
  set.keys.flatMap((key) => signatures.find((each) => each.key === key) ?? []);

/**
 * The instruction of the ed25519 precompile that has to stand directly before a commit or a rotation: count, offsets of
 * each signature, the message once, then key and signature of each.
 */
export function signaturesInstruction(message: Uint8Array, signatures: readonly AttestorSignature[]): Instruction {
  const messageAt = 2 + signatures.length * offsetsSize;
  const parts = signatures.map(({ key, signature }) => concatBytes(fromBase58(key), signature));
  const offsets = signatures.map((_, i) => {
    const keyAt = messageAt + message.length + i * 96;
    return encode(offsetsCodec, {
      signature: keyAt + 32,
      signatureInstruction: here,
      key: keyAt,
      keyInstruction: here,
      message: messageAt,
      messageSize: message.length,
      messageInstruction: here,
    });
  });
  const count = Uint8Array.of(signatures.length, 0);
  return { programAddress: precompile, data: concatBytes(count, ...offsets, message, ...parts) };
}
