import { describe, expect, it } from "vitest";
import {
  type CrowdAnswer,
  type CrowdPlan,
  congruential,
  makeCrowd,
  times,
  windowOf,
} from "../../../test/support/pay-crowds.ts";
import { findCopies } from "./copies.ts";
import type { Pairs } from "./pairs.ts";
import { weighTiming } from "./timing.ts";

const pairsOf = (common: number, apart: readonly number[]): Pairs => {
  const counts = Int32Array.from(apart, () => common);
  return {
    compared: Int32Array.of(0, 1),
    i: counts.map(() => 0),
    j: counts.map(() => 1),
    common: counts,
    same: counts,
    first: counts,
    apart: Float64Array.from(apart, (each) => each * common),
    chance: Float64Array.from(apart, () => 0.5),
  };
};

describe("the timing of pairs", () => {
  const far = times(200, 1_000);

  it("says nothing of those who answer as far apart as is usual", () => {
    const odds = weighTiming(
      pairsOf(10, far),
      Float64Array.from(far, () => 6),
      4,
    );
    for (const each of odds) expect(each).toBeCloseTo(6 + Math.log(1 / 2_009), 6);
  });

  it("makes copies of those who agree beyond what they could one right after the other", () => {
    const apart = [...far, ...times(20, 2)];
    const odds = weighTiming(
      pairsOf(10, apart),
      Float64Array.from(apart, (each) => (each === 2 ? 2 : -Infinity)),
      4,
    );
    expect(odds[0]).toBe(-Infinity);
    expect(odds[200]).toBeGreaterThan(3);
  });

  it("accuses none of those who agree as much as they should, in step or not", () => {
    const apart = [...far, ...times(20, 2)];
    // One in seven agrees by luck as only one in seven does.
    const surprises = Float64Array.from(apart, (_, p) => (p % 7 === 0 ? Math.log(6) : -Infinity));
    for (const each of weighTiming(pairsOf(10, apart), surprises, 4)) expect(each).toBeLessThan(0);
  });

  it("does not count those with few common tasks", () => {
    const apart = [...far, ...times(20, 2)];
    const surprises = Float64Array.from(apart, (each) => (each === 2 ? 2 : -Infinity));
    expect(weighTiming(pairsOf(3, apart), surprises, 4)[200]).toBeLessThan(0);
  });

  it("has nothing to say of nobody", () => {
    expect([...weighTiming(pairsOf(4, []), new Float64Array(0), 4)]).toEqual([]);
  });
});

const plan: CrowdPlan = {
  tasks: 120,
  classes: 2,
  answersEach: 60,
  habits: times(40, "looks"),
  accuracy: 0.85,
  controlEvery: 20,
  seed: 1,
};

/** Contributor w answers the tasks of w − 1 right after them, for every odd w: as they did, or on their own. */
function inStep(
  seed: number,
  isCopying: (w: number) => boolean,
): { readonly flagged: readonly number[]; readonly suspects: readonly number[] } {
  const crowd = makeCrowd({ ...plan, seed });
  const random = congruential(seed + 100);
  const answers = crowd.answers.flatMap((answer): CrowdAnswer[] => {
    if (answer.contributor % 2 === 1) return [];
    const truth = crowd.truth[answer.task] as number;
    const own = random() < plan.accuracy ? truth : 1 - truth;
    const contributor = answer.contributor + 1;
    const label = isCopying(contributor) ? answer.label : own;
    return [answer, { ...answer, contributor, label, place: answer.place + 1 }];
  });
  const { isCopying: flags, isSuspect } = findCopies(windowOf(crowd, answers));
  const set = (values: Uint8Array): number[] => [...values.keys()].filter((w) => values[w] === 1);
  return { flagged: set(flags), suspects: set(isSuspect) };
}

describe("who comes right after another", () => {
  it.each([1, 2, 3, 4, 5])("and answers on their own is not accused, seed %i", (seed) => {
    expect(inStep(seed, () => false).flagged).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5])("and says the same is, seed %i", (seed) => {
    const { flagged, suspects } = inStep(seed, () => true);
    expect(flagged.length).toBeGreaterThan(18);
    expect([...flagged, ...suspects].filter((w) => w % 2 === 0)).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5])("and answers on their own is not accused for others who do not, seed %i", (seed) => {
    expect(inStep(seed, (w) => w < 20).flagged).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  });
});
