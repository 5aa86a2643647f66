import {
  type Attestation,
  type Context,
  type Evidence,
  type Execution,
  emptyContext,
  emptyEvidence,
  type Sighting,
} from "../primitives/evidence.ts";
import type { Finding } from "../primitives/finding.ts";
import type { ReasonCode } from "./reasons.ts";

/** Evidence, context and their parts as tests need them: what a test does not name is plausible. */
export const evidenceOf = (parts: Partial<Evidence> = {}): Evidence => ({ ...emptyEvidence, ...parts });
export const contextOf = (parts: Partial<Context> = {}): Context => ({ ...emptyContext, nowMs: 2_000, ...parts });

export const attestationOf = (parts: Partial<Attestation> = {}): Attestation => ({
  isSigned: true,
  nonce: "code-1",
  isNonceUsed: false,
  assignedAtMs: 1_000,
  expiresAtMs: 3_000,
  receivedAtMs: 2_000,
  owner: "alice",
  requesterOwner: "requester",
  taskOwners: [],
  acceptedOfOwner: 0,
  ...parts,
});

/** A 64-digit hash that begins with the given small number. */
export const hashOf = (number: number): string => number.toString(16).padEnd(64, "0");

export const executionOf = (parts: Partial<Execution> = {}): Execution => ({
  inputHash: hashOf(1),
  outcome: "finished",
  fuel: 100,
  outputHash: hashOf(2),
  outputBytes: 10,
  hasFired: null,
  ...parts,
});

const e7 = 10_000_000;
export const placeOf = (latitude: number, longitude: number) => ({
  latitudeE7: Math.round(latitude * e7),
  longitudeE7: Math.round(longitude * e7),
});
export const sightingOf = (latitude: number, longitude: number, timeMs: number, accuracyMm = 5_000): Sighting => ({
  ...placeOf(latitude, longitude),
  timeMs,
  accuracyMm,
});

export const codesOf = ({ reasons }: Pick<Finding, "reasons">): readonly ReasonCode[] =>
  reasons.map(({ code }) => code);

/** The outcome and the first reason: what most tests ask of a finding. */
export const shortOf = (finding: Finding): string => [finding.outcome, ...codesOf(finding).slice(0, 1)].join(" ");
