import { describe, expect, it } from "vitest";
import { checkLane } from "../../test/support/check-lane.ts";
import { commands, type LaneParts, openLane, specWith, type TestLane } from "../../test/support/market.ts";
import { amount } from "../core/amount.ts";
import type { Json } from "../core/json.ts";
import type { Slot } from "../core/slot.ts";
import { readComposition } from "../verification/algebra/verify.ts";
import { checkComposition } from "./composition.ts";
import { type Measured, measuredText, measureMsMax } from "./measured.ts";

const meter: Json = {
  meter: { type: "lesser", name: "bytes", unit: "byte", quantityMin: 1, quantityMax: 1_000, tolerancePpm: 0 },
};
const composition: Json = {
  all: [
    { attest: { isSignatureNeeded: true, isNonceNeeded: false, isOnePerOwner: true } },
    { audit: { type: "canary", name: "canary" } },
    { match: { type: "digest", name: "content" } },
    meter,
  ],
};
const [one, other] = ["ab".repeat(32), "cd".repeat(32)];

const measuring = (parts: LaneParts = {}): TestLane => {
  const overlap = { min: 1, max: 1, targetPpm: 500_000 };
  const verification = { version: 1, composition: readComposition(composition, "composition") };
  const { terms } = specWith();
  return openLane({ ...parts, spec: { verification, terms: { ...terms, overlap } } });
};

const measure = (slot: Slot, parts: Partial<Measured> = {}, text?: string) =>
  commands.input("measured", {
    ...slot,
    facts: text ?? measuredText({ quantities: { bytes: 400 }, digests: { content: one }, canaries: {}, ...parts }),
  });

const sent: Json = { digests: { content: one }, quantities: { bytes: 500 } };

/** Takes the slot of a task and submits; gives the slot. */
function submitted(lane: TestLane, contributor: number, task: number, evidence: Json = sent): Slot {
  const slot = lane.take(contributor, task);
  lane.submit(contributor, slot, "yes", evidence);
  return slot;
}

describe("a submission that the network measures", () => {
  it("waits for the measure, and is paid the lesser of both", () => {
    const lane = measuring();
    const slot = submitted(lane, 1, 0);
    expect(lane.verdicts(slot)).toEqual([]);
    checkLane(lane);
    lane.do(measure(slot));
    expect(lane.verdicts(slot)).toEqual(["accepted METERS_DIFFER"]);
    expect(lane.earned(1)).toBe(amount(400n));
    expect(lane.entries("settled")).toHaveLength(1);
    checkLane(lane);
  });

  it("cannot be measured before it came, nor twice, nor where nothing is measured", () => {
    const lane = measuring();
    const slot = lane.take(1, 0);
    lane.refuse(measure(slot), "SLOT_STATE");
    lane.submit(1, slot, "yes", sent);
    lane.do(measure(slot));
    lane.refuse(measure(slot), "SLOT_NOT_FOUND");
    const plain = openLane();
    const answered = plain.take(1, 0);
    plain.submit(1, answered, "yes");
    plain.refuse(measure(answered), "SLOT_STATE");
    checkLane(lane);
  });

  it.each([
    ['{"quantities":{"bytes":1},"digests":{},"canaries":{}}', "canonical"],
    ['{"canaries":{},"digests":{},"quantities":{"bytes":1}}', "digests.content: is missing"],
    [`{"canaries":{},"digests":{"content":"${one}"},"quantities":{}}`, "quantities.bytes: is missing"],
    [`{"canaries":{},"digests":{"content":"${one}"},"quantities":{"bytes":-1}}`, "quantities.bytes"],
    ['{"canaries":{},"digests":{"content":"x"},"quantities":{"bytes":1}}', "digests.content"],
    ["{", "JSON"],
    [`"${"x".repeat(20_000)}"`, "too long"],
  ])("is not measured by %s", (text, problem) => {
    const lane = measuring();
    const slot = submitted(lane, 1, 0);
    expect(lane.refuse(measure(slot, {}, text), "MALFORMED_REQUEST").message).toContain(problem);
    checkLane(lane);
  });

  it("fails the check that finds something else", () => {
    const lane = measuring();
    const changed = submitted(lane, 1, 0);
    lane.do(measure(changed, { digests: { content: other } }));
    const canary = submitted(lane, 2, 1);
    lane.do(measure(canary, { canaries: { canary: other } }));
    const idle = submitted(lane, 3, 2);
    lane.do(measure(idle, { quantities: { bytes: 0 } }));
    expect([changed, canary, idle].map((slot) => lane.verdicts(slot))).toEqual([
      ["rejected DIGEST_DIFFERS"],
      ["rejected CANARY_MISSED"],
      ["rejected QUANTITY_LOW"],
    ]);
    // The task is free again for somebody else.
    const again = submitted(lane, 4, 0);
    lane.do(measure(again));
    expect(lane.verdicts(again)).toEqual(["accepted METERS_DIFFER"]);
    checkLane(lane);
  });

  it("that nobody measures ends unpaid and neutral, and its task is free again", () => {
    const lane = measuring();
    const slot = submitted(lane, 1, 0);
    const { leaseMs } = specWith().terms;
    lane.wait(leaseMs + measureMsMax - 1);
    expect(lane.verdicts(slot)).toEqual([]);
    checkLane(lane);
    lane.wait(1);
    expect(lane.verdicts(slot)).toEqual(["expired"]);
    expect(lane.state.books.held).toBe(0n);
    const again = submitted(lane, 1, 0);
    lane.do(measure(again));
    expect(lane.verdicts(again)).toEqual(["accepted METERS_DIFFER"]);
    checkLane(lane);
  });

  it("keeps a closing market open until it is measured or over", () => {
    const lane = measuring();
    const slot = submitted(lane, 1, 0);
    lane.do(commands.input("closing", {}));
    lane.wait(specWith().refundDelayMs);
    lane.wait(measureMsMax + specWith().terms.leaseMs);
    expect(lane.verdicts(slot)).toEqual(["expired"]);
    lane.wait(1_000);
    expect(lane.entries("closed")).toHaveLength(1);
    checkLane(lane);
  });
});

describe("compositions that measure", () => {
  const check = (json: Json): void => {
    const spec = specWith({ verification: { version: 1, composition: readComposition(json, "composition") } });
    checkComposition(spec, spec.terms);
  };
  it("may hide checks, as others may, and nobody draws rechecks", () => {
    const canary: Json = { audit: { type: "canary", name: "canary" } };
    check({ all: [canary, meter] });
    // Elsewhere control tasks are what is hidden.
    check({ all: [canary] });
    expect(() => check({ all: [{ audit: { type: "recheck", sharePpm: 1, faultsMax: 1 } }, meter] })).toThrow("quorum");
  });
});
