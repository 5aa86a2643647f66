import { type Bytes32, equalBytes } from "../../core/bytes.ts";
import { type Codec, decode, encode, fixed, list, struct, u64 } from "../../core/codec.ts";

/** A message that an attestor signed, or is about to: durable before the signature leaves its machine. */
export interface SignedMessage {
  readonly pool: Bytes32;
  readonly epoch: bigint;
  readonly digest: Bytes32;
  /** Seconds since 1970. */
  readonly validUntil: bigint;
}

/** Until its end a message may still land, so until then there is no other one for its epoch. */
const mayLand = (message: SignedMessage, clock: bigint): boolean => message.validUntil >= clock;

/**
 * The message that was signed for this pool and epoch and may still land, if it is another one; null where `wanted` may
 * be signed, again or for the first time. `clock` is the chain's at a finalized slot: that of the machine may be ahead.
 */
export function signedAnother(
  signed: readonly SignedMessage[],
  wanted: SignedMessage,
  clock: bigint,
): SignedMessage | null {
  const same = signed.filter(({ pool, epoch }) => epoch === wanted.epoch && equalBytes(pool, wanted.pool));
  return same.find((each) => mayLand(each, clock) && !equalBytes(each.digest, wanted.digest)) ?? null;
}

/** The record with this message in it, and without those that cannot land any more. To be stored before signing. */
export function withSigned(
  signed: readonly SignedMessage[],
  message: SignedMessage,
  clock: bigint,
): readonly SignedMessage[] {
  const kept = signed.filter((each) => mayLand(each, clock));
  return kept.some((each) => isSame(each, message)) ? kept : [...kept, message];
}

const isSame = (a: SignedMessage, b: SignedMessage): boolean =>
  a.epoch === b.epoch && a.validUntil === b.validUntil && equalBytes(a.pool, b.pool) && equalBytes(a.digest, b.digest);

const hash32 = fixed<Bytes32>(32);
const count = u64<bigint>();
const recordCodec: Codec<SignedMessage[]> = list(
  struct({ pool: hash32, epoch: count, digest: hash32, validUntil: count }),
);

export const encodeSigned = (signed: readonly SignedMessage[]): Uint8Array => encode(recordCodec, [...signed]);

/** @throws MALFORMED_ENCODING: whoever cannot read its record must not sign. */
export const decodeSigned = (bytes: Uint8Array): SignedMessage[] =>
  decode(recordCodec, bytes, "a record of signatures");
