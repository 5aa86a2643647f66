import type { Bytes32 } from "../core/bytes.ts";
import { type Codec, decode, encode, fixed, list, struct } from "../core/codec.ts";
import type { AttestorSignature } from "../core/commit/attestors.ts";
import { type CommitMessage, commitBodyCodec, commitContextCodec } from "../core/commit/commit-message.ts";

/** A message whose leaf file is kept, and the signatures on it that are known here and were verified. */
export interface KeptCommit {
  readonly message: CommitMessage;
  readonly signatures: readonly AttestorSignature[];
}

const keptCodec: Codec<KeptCommit> = struct({
  message: struct({ context: commitContextCodec, body: commitBodyCodec }),
  signatures: list(struct({ key: fixed<Bytes32>(32), signature: fixed(64) })),
});

export const encodeKept = (kept: KeptCommit): Uint8Array => encode(keptCodec, kept);

/** Null where the bytes are damaged. */
export function decodeKept(bytes: Uint8Array): KeptCommit | null {
  try {
    return decode(keptCodec, bytes, "a kept commit");
  } catch {
    return null;
  }
}
