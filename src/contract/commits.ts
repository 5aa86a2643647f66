import { z } from "zod";
import { base64Bytes, count, ed25519Signature, hash32, note, page, publicKey, text, timeMs } from "./wire.ts";

/** Seconds since 1970, epochs and indexes of the chain: decimal digits, as they are wider than a number. */
const wide = z.string().regex(/^\d{1,20}$/);

export const attestorSignature = z.strictObject({
  key: publicKey,
  signature: ed25519Signature.meta({ description: "Over the 48 bytes that begin with `earnest:commit:1`." }),
});
export type AttestorSignature = z.output<typeof attestorSignature>;

export const commitOutcome = z.strictObject({
  key: publicKey,
  outcome: z.enum(["abstain", "refuse"]),
  code: z
    .string()
    .regex(/^[A-Z_]{3,40}$/)
    .meta({ description: "Why: stable." }),
  place: text(200).meta({ description: "The first thing that differs." }),
  what: note.meta({ description: "The values." }),
  signature: ed25519Signature.meta({ description: "Over `outcomeStatement`, by the attestor." }),
});
export type CommitOutcome = z.output<typeof commitOutcome>;

/** A commit message, from when it was stored to when it is on chain. */
export const commit = z.strictObject({
  epoch: wide,
  state: z.enum(["proposed", "committed", "expired"]),
  digest: hash32,
  message: base64Bytes.meta({ description: "Context and body: 340 bytes, whose sha256 is the digest." }),
  asOf: wide,
  validUntil: wide,
  allocated: wide.meta({ description: "Base units, over all markets." }),
  leafFile: z.boolean().meta({ description: "Whether the leaf file is still to be had here." }),
  signatures: z.array(attestorSignature),
  outcomes: z.array(commitOutcome),
  proposedAtMs: timeMs,
  committedAtMs: timeMs.nullable(),
});
export type Commit = z.output<typeof commit>;

export const commits = page(commit);
export type Commits = z.output<typeof commits>;

export const attestorSet = z.strictObject({ threshold: count, keys: z.array(publicKey) });
