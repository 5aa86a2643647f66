import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { controlFor, openLane } from "../../test/support/market.ts";
import { Field } from "../core/field.ts";
import type { Json } from "../core/json.ts";
import type { Spec } from "../verification/algebra/composition.ts";
import { readSpec, verify } from "../verification/algebra/verify.ts";
import { emptyContext, emptyEvidence } from "../verification/primitives/evidence.ts";
import { ruleControl, ruleSlot } from "./ruling.ts";
import type { Control, SlotRecord } from "./state.ts";

const choices = ["yes", "no"];

/** What a market without a policy does, said as a composition. */
function labelSpec(answeredMin: number, accuracyPpmMin: number, hasReview: boolean): Spec {
  const agree: Json = { agree: { type: "label" } };
  const reviewed: Json = { escalate: { to: "review", windowMs: 60_000, otherwise: "accepted", of: agree } };
  const all: Json = [
    { match: { type: "control" } },
    { match: { type: "controlRate", answeredMin, accuracyPpmMin } },
    hasReview ? reviewed : agree,
  ];
  return readSpec(new Field({ version: 1, composition: { all } }, "spec"));
}

const facts = fc.record({
  answeredMin: fc.integer({ min: 1, max: 4 }),
  accuracyPpmMin: fc.constantFrom(0, 500_000, 750_000, 1_000_000),
  answered: fc.nat({ max: 8 }),
  wrong: fc.nat({ max: 8 }),
  hasReview: fc.boolean(),
  answer: fc.nat({ max: 1 }),
  label: fc.nat({ max: 1 }),
  decided: fc.boolean(),
});

describe("the rule of markets without a policy", () => {
  it("is a composition of the algebra: one verdict and one reason for both", () => {
    fc.assert(
      fc.property(facts, (each) => {
        const { answeredMin, accuracyPpmMin, answered, hasReview, answer, label, decided } = each;
        const right = Math.max(answered - each.wrong, 0);
        const review = hasReview ? { windowMs: 60_000 } : null;
        const lane = openLane({ members: 1, spec: { controls: { answeredMin, accuracyPpmMin }, review } });
        const { task } = lane.take(1, 0);
        const slot = { ...(lane.state.tasks.get(task)?.slots[0] as SlotRecord), answer };
        Object.assign(lane.state.members.edit(1) as object, { controlsAnswered: answered, controlsRight: right });
        const ruled = ruleSlot(lane.state, task, slot, { label, confidencePpm: 0, decided, sequence: 0 }, false);

        const found = verify(
          labelSpec(answeredMin, accuracyPpmMin, hasReview),
          { ...emptyEvidence, answer: choices[answer] as string },
          {
            ...emptyContext,
            record: { answered, right },
            settled: { answer: choices[label] as string, isDecided: decided },
            undecidedAtMs: 0,
          },
        );
        const verdict = found.verdict === "held" && found.needs[0]?.for === "review" ? "review" : found.verdict;
        expect(ruled?.verdict).toBe(verdict);
        if (verdict !== "review") expect(ruled?.reason).toBe(found.reasons.at(-1)?.code);
      }),
      { numRuns: 300 },
    );
  });

  it.each([0, 1])("judges control tasks alike: answer %i", (answer) => {
    const lane = openLane({ members: 1, controls: [controlFor(0, 0)] });
    lane.take(1, 0);
    const control = lane.state.controls.get(0) as Control;
    const slot = { ...(lane.state.tasks.get(0)?.slots[0] as SlotRecord), answer };
    const ruled = ruleControl(lane.state, 0, slot, control, false);
    const found = verify(
      labelSpec(1, 0, false),
      { ...emptyEvidence, answer: choices[answer] as string },
      { ...emptyContext, control: { answer: "yes", commitment: "c", isVoid: false } },
    );
    expect(found).toMatchObject({ verdict: ruled?.verdict, reasons: [{ code: ruled?.reason }] });
  });
});
