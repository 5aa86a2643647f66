import { fromHex } from "../../core/bytes.ts";
import { reason } from "../algebra/reasons.ts";
import { type AuditFacts, type Context, type Evidence, own } from "./evidence.ts";
import { type Finding, failedWith, faultOrRetry, millionPpm, passed, passedWith, waitingFor } from "./finding.ts";
import { isLiveControl } from "./match.ts";
import { siphash } from "./siphash.ts";

export type AuditParameters =
  /** A share of submissions, drawn by a slot hash that came after them, is done again. */
  | { readonly type: "recheck"; readonly sharePpm: number; readonly faultsMax: number }
  /** A hidden check whose right hash only we know before; a task that is none passes. */
  | { readonly type: "canary"; readonly name: string };

/** Seeded rechecks and hidden checks: whether this submission is checked again, and what came of it. */
export function audit(parameters: AuditParameters, evidence: Evidence, context: Context): Finding {
  return parameters.type === "recheck"
    ? isLiveControl(context)
      ? passed
      : auditByRecheck(parameters, context.audit)
    : auditByCanary(parameters.name, evidence, context);
}

const notSelected = passedWith(reason("NOT_SELECTED"));
const recheckAgrees = passedWith(reason("RECHECK_AGREES"));
const recheckDiffers = failedWith(reason("RECHECK_DIFFERS"));

function auditByRecheck(
  { sharePpm, faultsMax }: { readonly sharePpm: number; readonly faultsMax: number },
  facts: AuditFacts | null,
): Finding {
  // No hash draws anything from a share of nothing.
  if (sharePpm === 0) return notSelected;
  if (facts === null) return waitingFor("slot hash");
  const { slotHash, submittedAtSlot, submissionHash } = facts;
  // Whoever knows the hash before submitting knows whether to work.
  if (slotHash === null || slotHash.slot <= submittedAtSlot) return waitingFor("slot hash");
  if (!isSelected(slotHash.hash, submissionHash, sharePpm)) return notSelected;
  if (facts.recheck !== null) return facts.recheck === "agrees" ? recheckAgrees : recheckDiffers;
  return facts.faults > 0 ? faultOrRetry(facts.faults, faultsMax) : waitingFor("recheck");
}

/**
 * Whether a submission is drawn: its hash under SipHash, keyed by the first 16 bytes of the slot hash, is below that
 * share of 2^64. Submissions are drawn independently of each other, whatever their hashes were chosen to be.
 * @param slotHash and @param submissionHash hexadecimal
 */
export const isSelected = (slotHash: string, submissionHash: string, sharePpm: number): boolean =>
  siphash(fromHex(slotHash).subarray(0, 16), fromHex(submissionHash)) * BigInt(millionPpm) < BigInt(sharePpm) << 64n;

function auditByCanary(name: string, evidence: Evidence, context: Context): Finding {
  const expected = own(context.canaries, name);
  if (expected === undefined) return passed;
  return own(evidence.digests, name) === expected ? passed : failedWith(reason("CANARY_MISSED"));
}
