import { reason } from "../algebra/reasons.ts";
import { brief } from "./brief.ts";
import type { Attestation, Context, Evidence } from "./evidence.ts";
import { type Finding, failedWith, passed, waitingFor } from "./finding.ts";

/** Who sent it, and when. */
export interface AttestParameters {
  readonly isSignatureNeeded: boolean;
  readonly isNonceNeeded: boolean;
  readonly isOnePerOwner: boolean;
  /** The most accepted submissions of one owner; null is no cap. */
  readonly acceptedMax: number | null;
  /**
   * How far the device's own time may lie outside of the assignment; null where the device's time is not asked for. The
   * submission itself must always come within its assignment, both ends included.
   */
  readonly clockSkewMsMax: number | null;
}

/** Signature, nonce, time window, one per owner, caps: in this order, the first that fails is the reason. */
export function attest(parameters: AttestParameters, evidence: Evidence, { attestation }: Context): Finding {
  if (attestation === null) return waitingFor("attestation");
  return (
    checkKey(parameters, evidence, attestation) ??
    checkTimes(parameters, evidence, attestation) ??
    checkOwner(parameters, attestation) ??
    passed
  );
}

function checkKey(parameters: AttestParameters, { nonce }: Evidence, known: Attestation): Finding | null {
  if (parameters.isSignatureNeeded && !known.isSigned) return failedWith(reason("SIGNATURE_INVALID"));
  if (!parameters.isNonceNeeded) return null;
  if (nonce === null) return failedWith(reason("EVIDENCE_MISSING", { expected: "the task's code" }));
  if (nonce !== known.nonce) return failedWith(reason("NONCE_WRONG", { expected: known.nonce, actual: brief(nonce) }));
  return known.isNonceUsed ? failedWith(reason("NONCE_REPLAYED", { actual: brief(nonce) })) : null;
}

function checkTimes(parameters: AttestParameters, { takenAtMs }: Evidence, known: Attestation): Finding | null {
  const { assignedAtMs, expiresAtMs, receivedAtMs } = known;
  const late = checkTime(receivedAtMs, assignedAtMs, expiresAtMs);
  if (late !== null || parameters.clockSkewMsMax === null) return late;
  if (takenAtMs === null) return failedWith(reason("EVIDENCE_MISSING", { expected: "the time it was done" }));
  return checkTime(takenAtMs, assignedAtMs - parameters.clockSkewMsMax, receivedAtMs + parameters.clockSkewMsMax);
}

/** Both ends belong to the window; a time that is no number lies outside. */
function checkTime(timeMs: number, startMs: number, endMs: number): Finding | null {
  if (timeMs > endMs) return failedWith(reason("TOO_LATE", { actual: brief(timeMs), limit: endMs }));
  return timeMs >= startMs ? null : failedWith(reason("TOO_EARLY", { actual: brief(timeMs), limit: startMs }));
}

function checkOwner({ isOnePerOwner, acceptedMax }: AttestParameters, known: Attestation): Finding | null {
  if (known.owner === known.requesterOwner) return failedWith(reason("OWNER_OF_MARKET"));
  if (isOnePerOwner && known.taskOwners.includes(known.owner)) return failedWith(reason("OWNER_TWICE"));
  if (acceptedMax === null || known.acceptedOfOwner < acceptedMax) return null;
  return failedWith(reason("CAP_EXCEEDED", { actual: known.acceptedOfOwner, limit: acceptedMax }));
}
