import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uniformModel } from "./market-model.ts";
import { gainPerAnswerPpm, nextStep } from "./next-step.ts";
import { type OverlapPolicy, policyOf, presets } from "./policy.ts";
import type { Posterior } from "./posterior.ts";

const policy: OverlapPolicy = { min: 1, max: 5, targetPpm: 950_000, answersWorth: 100 };
const model = { ...uniformModel(2, 0.8), floorPpm: 0, typicalPpm: 800_000 };
const sure = (confidencePpm: number): Posterior => ({ choice: 0, confidencePpm, rivalPpm: 1_000_000 - confidencePpm });

describe("the next step", () => {
  it.each([
    ["settles at the target", 950_000, 1, "settled"],
    ["asks below it", 949_999, 1, "asking"],
    ["asks first of all", 990_000, 0, "asking"],
    ["ends with as many answers as there may be", 800_000, 5, "exhausted"],
    ["settles with the last one", 960_000, 5, "settled"],
  ] as const)("%s", (_, confidencePpm, answers, step) => {
    expect(nextStep(model, policy, sure(confidencePpm), answers)).toBe(step);
  });

  it("waits for the fewest answers, and never asks past the most", () => {
    expect(nextStep(model, { ...policy, min: 3 }, sure(999_000), 2)).toBe("asking");
    expect(nextStep(model, { ...policy, min: 2, max: 2 }, sure(600_000), 2)).toBe("exhausted");
  });

  it("gives up where another answer is worth less than it costs, but not on one answer", () => {
    const cheap = { ...policy, answersWorth: 2, max: 50 };
    expect(nextStep(model, cheap, sure(900_000), 3)).toBe("givenUp");
    expect(nextStep(model, cheap, sure(900_000), 1)).toBe("asking");
    expect(nextStep(model, { ...cheap, answersWorth: 1_000 }, sure(900_000), 3)).toBe("asking");
    const guessing = { ...model, typicalPpm: 500_000 };
    expect(nextStep(guessing, { ...cheap, answersWorth: 10_000 }, sure(500_000), 2)).toBe("givenUp");
  });

  it("asks no less where a label is worth more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 500_000, max: 949_999 }), fc.nat(200), fc.nat(200), (confidencePpm, a, b) => {
        const asks = (answersWorth: number): boolean =>
          nextStep(model, { ...policy, max: 50, answersWorth }, sure(confidencePpm), 3) === "asking";
        expect(Number(asks(Math.max(a, b)))).toBeGreaterThanOrEqual(Number(asks(Math.min(a, b))));
      }),
    );
  });
});

/** By playing through every sequence of right and wrong answers. */
function slowGain(top: number, rival: number, right: number): number {
  let most = 0;
  for (let ahead = 1; ahead <= 5; ahead++) {
    let expected = 0;
    for (let sequence = 0; sequence < 2 ** ahead; sequence++) {
      let [one, other] = [top, rival];
      for (let i = 0; i < ahead; i++) {
        const agrees = (sequence >> i) % 2 === 1;
        one *= agrees ? right : 1 - right;
        other *= agrees ? 1 - right : right;
      }
      expected += Math.max(one, other);
    }
    most = Math.max(most, (expected - top) / ahead);
  }
  return most;
}

describe("what another answer gains", () => {
  it("is what playing every sequence through says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 500_000, max: 999_999 }),
        fc.integer({ min: 500_000, max: 990_000 }),
        (top, typicalPpm) => {
          const gain = gainPerAnswerPpm({ ...model, typicalPpm }, sure(top));
          expect(Math.abs(gain - slowGain(top, 1_000_000 - top, typicalPpm / 1e6))).toBeLessThan(1);
        },
      ),
    );
  });

  it("is found where one answer could not turn the label but two can", () => {
    expect(gainPerAnswerPpm(model, sure(850_000))).toBeGreaterThan(0);
  });

  it("is nothing where nobody knows anything, or all is known", () => {
    expect(gainPerAnswerPpm({ ...model, typicalPpm: 500_000 }, sure(700_000))).toBe(0);
    expect(gainPerAnswerPpm(model, sure(1_000_000))).toBe(0);
  });

  it("looks past answers that name neither of the leading classes", () => {
    const many = { ...uniformModel(10, 0.5), floorPpm: 0, typicalPpm: 500_000 };
    const split: Posterior = { choice: 0, confidencePpm: 500_000, rivalPpm: 500_000 };
    const heard = 0.5 + 0.5 / 9;
    const right = 0.5 / heard;
    expect(gainPerAnswerPpm(many, split)).toBeCloseTo(heard * slowGain(500_000, 500_000, right), -1);
  });
});

describe("policies", () => {
  it("are worth more the surer they are", () => {
    const { cheap, balanced, strict } = presets;
    expect([cheap.targetPpm, balanced.targetPpm, strict.targetPpm]).toEqual([870_000, 900_000, 950_000]);
    expect(cheap.answersWorth).toBeLessThan(balanced.answersWorth);
    expect(balanced.answersWorth).toBeLessThan(strict.answersWorth);
    expect(policyOf(950_000)).toEqual(strict);
    expect([0, 500_000, 1_000_000].map((target) => policyOf(target).answersWorth)).toEqual([10, 10, 10_000]);
  });
});
