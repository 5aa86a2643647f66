import { z } from "zod";
import { base64Bytes, count, ed25519Signature, hash32, marketRef, slotRef, timeMs } from "./wire.ts";

/** The root of a lane's log up to an entry, signed by the network's signer over `headStatement`. */
export const signedHead = z.strictObject({ sequence: count, root: hash32, timeMs, signature: ed25519Signature });
export type SignedHead = z.output<typeof signedHead>;

export const logPath = z.strictObject({ index: count, size: count, siblings: z.array(hash32) });

/** Proof that entries stand in the log under a signed head. */
export const acknowledgement = z.strictObject({
  market: marketRef,
  lane: count,
  head: signedHead,
  entries: z.array(z.strictObject({ sequence: count, encoded: base64Bytes, path: logPath })),
});
export type Acknowledgement = z.output<typeof acknowledgement>;

export const log = z.strictObject({
  records: z.array(z.strictObject({ sequence: count, encoded: base64Bytes, attachment: base64Bytes.nullable() })),
  head: signedHead,
});
export type LogPage = z.output<typeof log>;

/** What became of a submission, as `earnest receipts verify` and the page take it. */
export const slotReceipt = z.strictObject({
  slot: slotRef,
  receipt: base64Bytes.meta({ description: "A portable receipt: binary, version 1 (docs/receipts.md)." }),
});
export type SlotReceipt = z.output<typeof slotReceipt>;
