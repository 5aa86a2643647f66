import { sha256 } from "../../../../src/client/sha256.ts";
import { decodeBase64 } from "../../../../src/core/base64.ts";
import { readPicture } from "../../../../src/verification/pictures/read-picture.ts";
import {
  type Evidence,
  emptyContext,
  emptyEvidence,
  type Place,
  type TimeWindow,
} from "../../../../src/verification/primitives/evidence.ts";
import { type WitnessParameters, witness } from "../../../../src/verification/primitives/witness.ts";
import type { Draft } from "../draft.ts";
import { jpegPrefix } from "../report/photo-address.ts";
import { reportOf } from "../report/report-draft.ts";
import type { FieldNeeds } from "./needs.ts";

export interface FieldTask {
  readonly place: Place | null;
  readonly window: TimeWindow;
  /** When it would be sent. */
  readonly nowMs: number;
}

const sentBySomebody = {
  isSigned: true,
  nonce: null,
  isNonceUsed: false,
  owner: "",
  requesterOwner: "",
  taskOwners: [],
  acceptedOfOwner: 0,
} as const;

/**
 * What of the evidence would be rejected, by the rules that will judge it; null where nothing is found. Rules that look
 * at what others sent are the server's alone.
 */
export function fieldProblem(needs: FieldNeeds, draft: Draft, { place, window, nowMs }: FieldTask): string | null {
  const evidence = evidenceOf(needs, draft);
  if (typeof evidence === "string") return evidence;
  const attestation = {
    ...sentBySomebody,
    assignedAtMs: window.startMs,
    expiresAtMs: window.endMs,
    receivedAtMs: nowMs,
  };
  const rules = [needs.track, needs.picture].filter((rule) => rule !== null && "type" in rule) as WitnessParameters[];
  const findings = rules.map((rule) => witness(rule, evidence, { ...emptyContext, place, window, nowMs, attestation }));
  const failed = findings.find(({ outcome }) => outcome === "failed");
  return failed?.reasons[0]?.code ?? null;
}

function evidenceOf(needs: FieldNeeds, draft: Draft): Evidence | string {
  const { track, photo, takenAtMs } = reportOf(draft);
  const evidence = {
    ...emptyEvidence,
    takenAtMs,
    ...(needs.track !== null && { tracks: { [needs.track.name]: track } }),
  };
  if (needs.picture === null || photo === null) return evidence;
  const picture = readPicture(sha256, decodeBase64(photo.slice(jpegPrefix.length)) ?? new Uint8Array());
  return "problem" in picture ? "PICTURE_MALFORMED" : { ...evidence, pictures: { [needs.picture.name]: picture } };
}
