import { describe, expect, it } from "vitest";
import { attestationOf, contextOf, evidenceOf, shortOf } from "../algebra/testing.ts";
import { type AttestParameters, attest } from "./attest.ts";
import type { Attestation, Evidence } from "./evidence.ts";

const strict: AttestParameters = {
  isSignatureNeeded: true,
  isNonceNeeded: true,
  isOnePerOwner: true,
  acceptedMax: 10,
  clockSkewMsMax: 100,
};
const sent: Partial<Evidence> = { nonce: "code-1", takenAtMs: 1_500 };

const attested = (known: Partial<Attestation>, evidence: Partial<Evidence> = {}, parameters = {}): string =>
  shortOf(
    attest(
      { ...strict, ...parameters },
      evidenceOf({ ...sent, ...evidence }),
      contextOf({ attestation: attestationOf(known) }),
    ),
  );

describe("attest", () => {
  it("passes what is signed, in time and new", () => {
    expect(attested({})).toBe("passed");
  });

  it("waits while the log knows nothing of it", () => {
    expect(shortOf(attest(strict, evidenceOf(sent), contextOf()))).toBe("waiting WAITING");
  });

  it("refuses what is not signed, unless the kind needs no signature", () => {
    expect(attested({ isSigned: false })).toBe("failed SIGNATURE_INVALID");
    expect(attested({ isSigned: false }, {}, { isSignatureNeeded: false })).toBe("passed");
  });

  it.each<[string, Partial<Attestation>, Partial<Evidence>, string]>([
    ["is missing", {}, { nonce: null }, "failed EVIDENCE_MISSING"],
    ["is that of another task", {}, { nonce: "code-2" }, "failed NONCE_WRONG"],
    ["differs in case", {}, { nonce: "CODE-1" }, "failed NONCE_WRONG"],
    ["was used before", { isNonceUsed: true }, {}, "failed NONCE_REPLAYED"],
    ["is sent where the task has none", { nonce: null }, {}, "failed NONCE_WRONG"],
    ["is missing on both sides", { nonce: null }, { nonce: null }, "failed EVIDENCE_MISSING"],
  ])("refuses a nonce that %s", (_, known, evidence, expected) => {
    expect(attested(known, evidence)).toBe(expected);
  });

  it.each([
    [999, "failed TOO_EARLY"],
    [1_000, "passed"],
    [3_000, "passed"],
    [3_001, "failed TOO_LATE"],
    [-1, "failed TOO_EARLY"],
    [Number.NaN, "failed TOO_EARLY"],
    [Number.POSITIVE_INFINITY, "failed TOO_LATE"],
  ])("takes a submission received at %d for %s", (receivedAtMs, expected) => {
    expect(attested({ receivedAtMs }, {}, { clockSkewMsMax: null })).toBe(expected);
  });

  it.each([
    [899, "failed TOO_EARLY"],
    [900, "passed"],
    [2_100, "passed"],
    [2_101, "failed TOO_LATE"],
    [-5, "failed TOO_EARLY"],
    [Number.NaN, "failed TOO_EARLY"],
    [null, "failed EVIDENCE_MISSING"],
  ])("takes a device's time of %s for %s", (takenAtMs, expected) => {
    expect(attested({}, { takenAtMs })).toBe(expected);
  });

  it("refuses the second answer of one owner, whatever key it came with", () => {
    expect(attested({ taskOwners: ["bob", "alice"] })).toBe("failed OWNER_TWICE");
    expect(attested({ taskOwners: ["bob", "Alice"] })).toBe("passed");
    expect(attested({ taskOwners: ["alice"] }, {}, { isOnePerOwner: false })).toBe("passed");
  });

  it("refuses whoever pays for the market", () => {
    expect(attested({ requesterOwner: "alice" })).toBe("failed OWNER_OF_MARKET");
  });

  it("caps what one owner is paid for", () => {
    expect(attested({ acceptedOfOwner: 9 })).toBe("passed");
    expect(attested({ acceptedOfOwner: 10 })).toBe("failed CAP_EXCEEDED");
    expect(attested({ acceptedOfOwner: 1e15 }, {}, { acceptedMax: null })).toBe("passed");
  });

  it("names the first check that fails", () => {
    expect(attested({ isSigned: false, receivedAtMs: 9_999, owner: "requester" })).toBe("failed SIGNATURE_INVALID");
    expect(attested({ receivedAtMs: 9_999, owner: "requester" })).toBe("failed TOO_LATE");
  });
});
