import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Assessment } from "./assess.ts";
import { labelTask, type PayVote } from "./label.ts";
import { defaultPayPolicy as policy } from "./policy.ts";
import type { Standing } from "./rule.ts";

/** Each is right with odds of e to that many thousandths, whatever the class. */
function assessmentOf(weights: readonly number[], standing: readonly Standing[], prior = [0, 0]): Assessment {
  const votes = weights.flatMap((weight) => [weight, 0, 0, weight]);
  const none = new Int32Array(weights.length);
  return {
    classes: 2,
    standing,
    oddsMillinats: none,
    answers: none,
    controlAnswers: none,
    priorMillinats: Int32Array.from(prior),
    voteMillinats: Int32Array.from(votes),
  };
}

const vote = (contributor: number, choice: number): PayVote => ({ contributor, choice });

describe("the label of a task", () => {
  const proven = assessmentOf([2_000, 2_000, 1_000, 0], ["proven", "proven", "unproven", "unproven"]);

  it("has the posterior of its votes", () => {
    const { choice, posteriorPpm, state } = labelTask(proven, policy, [vote(0, 1), vote(2, 1)], false);
    expect([choice, state]).toEqual([1, "decided"]);
    expect(posteriorPpm[1]).toBe(Math.round(1_000_000 / (1 + Math.exp(-3))));
  });

  it("is awaited while no proven contributor stands behind it", () => {
    const sure = assessmentOf([9_000, 9_000, 1_000], ["unproven", "unproven", "proven"]);
    const votes = [vote(0, 1), vote(1, 1), vote(2, 0)];
    expect(labelTask(sure, policy, votes, false)).toMatchObject({ choice: 1, state: "awaited" });
    expect(labelTask(sure, policy, votes, true)).toMatchObject({ choice: 1, state: "decided" });
  });

  it("is split where the proven are", () => {
    expect(labelTask(proven, policy, [vote(0, 0), vote(1, 1)], false).state).toBe("split");
  });

  it("goes at a tie to more votes, then to the lower choice", () => {
    const even = assessmentOf([1_000, 2_000, 1_000], ["proven", "proven", "proven"]);
    expect(labelTask(even, policy, [vote(1, 0), vote(0, 1), vote(2, 1)], false).choice).toBe(1);
    expect(labelTask(even, policy, [vote(0, 1), vote(2, 0)], false).choice).toBe(0);
  });

  it("is the prior's without votes", () => {
    const skewed = assessmentOf([0], ["unproven"], [0, 1_000]);
    expect(labelTask(skewed, policy, [], true)).toMatchObject({ choice: 1, state: "split" });
  });

  it("is the same in any order of votes", () => {
    const votes = [vote(0, 1), vote(1, 0), vote(2, 1), vote(3, 0)];
    fc.assert(
      fc.property(fc.shuffledSubarray(votes, { minLength: 4 }), (shuffled) => {
        expect(labelTask(proven, policy, shuffled, false)).toEqual(labelTask(proven, policy, votes, false));
      }),
    );
  });
});
