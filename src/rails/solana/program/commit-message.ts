import { createHash } from "node:crypto";
import type { Address } from "@solana/kit";
import { type Bytes32, bytes32, concatBytes, fromBase58, toUtf8 } from "../../../core/bytes.ts";
import { encode, u32 } from "../../../core/codec.ts";
import { type CommitBody, commitBodyCodec } from "./layouts.ts";

/** What attestors sign: a domain tag of 16 letters and a digest. */
const messageTags = { commit: "earnest:commit:1", rotate: "earnest:rotate:1", cancel: "earnest:cancel:1" } as const;

const message = (tag: keyof typeof messageTags, digest: Bytes32): Uint8Array =>
  concatBytes(toUtf8(messageTags[tag]), digest);

export const commitMessage = (digest: Bytes32): Uint8Array => message("commit", digest);
export const rotationMessage = (digest: Bytes32): Uint8Array => message("rotate", digest);
/** Over the digest of the rotation that is pending. */
export const cancellationMessage = (pendingDigest: Bytes32): Uint8Array => message("cancel", pendingDigest);

/** Where and on top of what a commit counts; the program reads all of it from accounts. */
export interface CommitContext {
  readonly program: Address;
  readonly cluster: Bytes32;
  readonly network: Address;
  readonly pool: Address;
  readonly setVersion: number;
  /** Of the pool's last commit; zeros before the first. */
  readonly previousDigest: Bytes32;
}

export function commitDigest(context: CommitContext, body: CommitBody): Bytes32 {
  return sha256(
    fromBase58(context.program),
    context.cluster,
    fromBase58(context.network),
    fromBase58(context.pool),
    encode(u32, context.setVersion),
    context.previousDigest,
    encode(commitBodyCodec, body),
  );
}

export interface RotationContext {
  readonly program: Address;
  readonly cluster: Bytes32;
  readonly network: Address;
  readonly setVersion: number;
  /** How many the network has had so far. */
  readonly proposals: number;
}

/** `data` is what follows the number of the instruction `propose_rotation`. */
export function rotationDigest(context: RotationContext, data: Uint8Array): Bytes32 {
  return sha256(
    fromBase58(context.program),
    context.cluster,
    fromBase58(context.network),
    encode(u32, context.setVersion),
    encode(u32, context.proposals),
    data,
  );
}

function sha256(...parts: readonly Uint8Array[]): Bytes32 {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return bytes32(Uint8Array.from(hash.digest()));
}
