import type { Bytes32 } from "../bytes.ts";
import { type Codec, decode, encode, fixed, struct, u8, u32, u64 } from "../codec.ts";
import type { Hash } from "../hash.ts";
import type { AttestorSet } from "./attestors.ts";

/** Where a rotation counts, and which one it is. */
export interface RotationContext {
  readonly program: Bytes32;
  readonly cluster: Bytes32;
  readonly network: Bytes32;
  readonly setVersion: number;
  /** How many were proposed before: a cancelled one cannot come back with its old signatures. */
  readonly proposals: number;
}

export interface Rotation {
  /** Seconds since 1970. */
  readonly validUntil: bigint;
  readonly attestors: AttestorSet;
}

const hash32 = fixed<Bytes32>(32);

const contextCodec: Codec<RotationContext> = struct({
  program: hash32,
  cluster: hash32,
  network: hash32,
  setVersion: u32,
  proposals: u32,
});

/** Count, threshold, keys. */
const attestorsCodec: Codec<AttestorSet> = {
  write: (writer, { keys, threshold }) => {
    u8.write(writer, keys.length);
    u8.write(writer, threshold);
    for (const key of keys) hash32.write(writer, key);
  },
  read: (reader) => {
    const [count, threshold] = [u8.read(reader), u8.read(reader)];
    return { threshold, keys: Array.from({ length: count }, () => hash32.read(reader)) };
  },
};

const rotationCodec: Codec<Rotation> = struct({ validUntil: u64<bigint>(), attestors: attestorsCodec });

/** The data of the proposal, behind its instruction's number. */
export const encodeRotation = (rotation: Rotation): Uint8Array => encode(rotationCodec, rotation);

/** @throws MALFORMED_ENCODING where the bytes are not those of a rotation. */
export const decodeRotation = (bytes: Uint8Array): Rotation => decode(rotationCodec, bytes, "a rotation");

const messageCodec = struct({ context: contextCodec, rotation: rotationCodec });

/** What current and new attestors sign as `rotate`, and the current ones as `cancel`. */
export const rotationDigest = (hash: Hash, context: RotationContext, rotation: Rotation): Bytes32 =>
  hash(encode(messageCodec, { context, rotation }));
