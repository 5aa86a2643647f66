import { setTimeout as sleep } from "node:timers/promises";
import { type Bytes32, bytes32 } from "../../core/bytes.ts";
import type { AttestorSignature } from "../../core/commit/attestors.ts";
import { isEarnestError } from "../../core/errors.ts";
import { readSignatures } from "../../store/settlement/commit-signatures.ts";
import { type CommitRow, finishCommit } from "../../store/settlement/commits.ts";
import type { PoolContext } from "../pools.ts";
import { messageOf } from "./committed.ts";

/** How often signatures are looked for: attestors may have given them to another process. */
const pollMs = 50;

export type Landing =
  | "committed"
  /** Too few attestors signed so far: it may still land. */
  | "unsigned"
  /** It can no longer land, and another message may be made. */
  | "expired";

/** Waits a while for the attestors, and brings the message onto the chain. May be repeated after a crash at any point. */
export async function land(context: PoolContext, row: CommitRow, signal: AbortSignal): Promise<Landing> {
  const digest = bytes32(row.digest);
  const { body } = messageOf(row);
  const signatures = await signaturesFor(context, digest, signal);
  try {
    // Too few may be enough all the same: another process may have sent it, and then the chain has it.
    await context.rail.sendCommit({ body, digest, signatures });
  } catch (error) {
    if (isEarnestError(error, "PROGRAM_REFUSED") && error.context.error === "SIGNATURES_TOO_FEW") return "unsigned";
    // Of its epoch there is another one for good: this one was made by whoever did not see that yet.
    if (!isEarnestError(error, "COMMIT_EXPIRED_STATE") && !isEarnestError(error, "COMMIT_MISMATCH")) throw error;
    await finishCommit(context.pool, digest, { state: "expired" }, context.poolNumber);
    return "expired";
  }
  await finishCommit(context.pool, digest, { state: "committed", atMs: context.clock() }, context.poolNumber);
  return "committed";
}

/** As many as have to sign; fewer where that takes too long. */
async function signaturesFor(context: PoolContext, digest: Bytes32, signal: AbortSignal): Promise<AttestorSignature[]> {
  const { threshold } = (await context.rail.readPool()).network.attestors;
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const signatures = await readSignatures(context.pool, digest);
    if (signatures.length >= threshold || waitedMs >= context.settings.signaturesMs || signal.aborted) {
      return signatures.map(({ key, signature }) => ({ key: bytes32(key), signature }));
    }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
