import type { Json } from "../../src/core/json.ts";
import type { Known } from "../../src/market/known.ts";
import { readComposition } from "../../src/verification/algebra/verify.ts";
import type { SpecParts } from "./market.ts";

export const agree: Json = { agree: { type: "label" } };
const attested = { isSignatureNeeded: true, isNonceNeeded: false, isOnePerOwner: true };
export const attest: Json = { attest: attested };
export const capped: Json = { attest: { ...attested, acceptedMax: 1 } };
export const control: Json = { match: { type: "control" } };
export const rate: Json = { match: { type: "controlRate", answeredMin: 1, accuracyPpmMin: 600_000 } };
export const reviewed = (windowMs: number, otherwise = "accepted"): Json => ({
  escalate: { to: "review", windowMs, otherwise, of: agree },
});
export const track: Json = {
  witness: {
    type: "track",
    name: "walk",
    sightingsMin: 1,
    distanceMmMax: 50_000,
    accuracyMmMax: 20_000,
    speedMmPerSecondMax: 40_000,
  },
};

export const withComposition = (composition: Json, parts: SpecParts = {}): SpecParts => ({
  ...parts,
  verification: { version: 1, composition: readComposition(composition, "composition") },
});

export const place = { latitudeE7: 480_000_000, longitudeE7: 160_000_000 };
export const known: Known = { window: null, place, digests: { page: "ab".repeat(32) }, values: { weight: 70 } };
