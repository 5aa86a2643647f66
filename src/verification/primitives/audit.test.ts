import { describe, expect, it } from "vitest";
import { contextOf, evidenceOf, hashOf, shortOf } from "../algebra/testing.ts";
import { type AuditParameters, audit, isSelected } from "./audit.ts";
import type { AuditFacts } from "./evidence.ts";
import { siphash } from "./siphash.ts";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

describe("siphash", () => {
  it.each([
    // Vectors of the reference implementation (github.com/veorq/SipHash), key 00…0f, input 00, 01, …
    [0, 0x726fdb47dd0e0e31n],
    [1, 0x74f839c593dc67fdn],
    [7, 0xab0200f58b01d137n],
    [8, 0x93f5f5799a932462n],
    [15, 0xa129ca6149be45e5n],
  ])("of %d bytes is that of the paper", (length, expected) => {
    expect(siphash(bytes(16), bytes(length))).toBe(expected);
  });
});

describe("audit by recheck", () => {
  const parameters: AuditParameters = { type: "recheck", sharePpm: 1_000_000, faultsMax: 3 };
  const facts: AuditFacts = {
    submissionHash: hashOf(5),
    submittedAtSlot: 100,
    slotHash: { slot: 101, hash: hashOf(6) },
    recheck: null,
    faults: 0,
  };
  const audited = (known: Partial<AuditFacts> | null, sharePpm = 1_000_000): string =>
    shortOf(
      audit(
        { ...parameters, sharePpm },
        evidenceOf(),
        contextOf({ audit: known === null ? null : { ...facts, ...known } }),
      ),
    );

  it("waits for a slot after the submission: nobody knows before whether it is drawn", () => {
    expect(audited(null)).toBe("waiting WAITING");
    expect(audited({ slotHash: null })).toBe("waiting WAITING");
    expect(audited({ slotHash: { slot: 100, hash: hashOf(6) } }, 1)).toBe("waiting WAITING");
    expect(audited({ slotHash: { slot: 101, hash: hashOf(6) } }, 1)).toBe("passed NOT_SELECTED");
  });

  it("waits for nothing where nothing is drawn", () => {
    expect(audited(null, 0)).toBe("passed NOT_SELECTED");
    expect(audited({ slotHash: null }, 0)).toBe("passed NOT_SELECTED");
  });

  it("waits for the recheck of what was drawn", () => {
    expect(audited({})).toBe("waiting WAITING");
    expect(audited({ recheck: "agrees" })).toBe("passed RECHECK_AGREES");
    expect(audited({ recheck: "differs" })).toBe("failed RECHECK_DIFFERS");
  });

  it("does not look at a recheck of what was not drawn", () => {
    expect(audited({ recheck: "differs" }, 0)).toBe("passed NOT_SELECTED");
  });

  it("takes a fault for ours", () => {
    expect(audited({ faults: 2 })).toBe("waiting WAITING");
    expect(audited({ faults: 3 })).toBe("fault FAULT");
    expect(audited({ faults: 3, recheck: "agrees" })).toBe("passed RECHECK_AGREES");
  });
});

describe("isSelected", () => {
  const share = (sharePpm: number, hashes: readonly string[], slotHash = hashOf(77)): number =>
    hashes.filter((hash) => isSelected(slotHash, hash, sharePpm)).length / hashes.length;
  const many = Array.from({ length: 4_000 }, (_, i) => hashOf(i + 1));

  it("draws the share it is told", () => {
    expect(share(0, many)).toBe(0);
    expect(share(1_000_000, many)).toBe(1);
    expect(share(50_000, many)).toBeGreaterThan(0.035);
    expect(share(50_000, many)).toBeLessThan(0.065);
  });

  it("draws each on its own, also of hashes that were ground to look alike", () => {
    const alike = Array.from(
      { length: 4_000 },
      (_, i) => `${"ab".repeat(28)}${(i + 65_536).toString(16).padStart(8, "0")}`,
    );
    expect(share(50_000, alike)).toBeGreaterThan(0.035);
    expect(share(50_000, alike)).toBeLessThan(0.065);
  });

  it("draws others for another slot", () => {
    const drawn = (slotHash: string): Set<string> =>
      new Set(many.filter((hash) => isSelected(slotHash, hash, 100_000)));
    const first = drawn(hashOf(77));
    const both = [...drawn(hashOf(78))].filter((hash) => first.has(hash));
    expect(both.length / first.size).toBeLessThan(0.2);
  });
});

describe("audit by canary", () => {
  const canary: AuditParameters = { type: "canary", name: "page" };
  const checked = (canaries: Record<string, string>, digests: Record<string, string>): string =>
    shortOf(audit(canary, evidenceOf({ digests }), contextOf({ canaries })));

  it("passes what is none, and wants the hash of what is one", () => {
    expect(checked({}, {})).toBe("passed");
    expect(checked({ page: hashOf(1) }, { page: hashOf(1) })).toBe("passed");
    expect(checked({ page: hashOf(1) }, { page: hashOf(2) })).toBe("failed CANARY_MISSED");
    expect(checked({ page: hashOf(1) }, {})).toBe("failed CANARY_MISSED");
  });
});
