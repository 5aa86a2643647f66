import { describe, expect, it } from "vitest";
import { type CrowdPlan, type Habit, makeCrowd, times, windowOf } from "../../../test/support/pay-crowds.ts";
import { expectAgreement } from "./expected-agreement.ts";
import { comparePairs } from "./pairs.ts";

const plan: CrowdPlan = {
  tasks: 150,
  classes: 2,
  answersEach: 100,
  habits: times(30, "looks"),
  accuracy: 0.85,
  controlEvery: 20,
  seed: 1,
};

const meansOf = (change: Partial<CrowdPlan>, isCounted: (a: number, b: number) => boolean = () => true) => {
  const pairs = comparePairs(windowOf(makeCrowd({ ...plan, ...change })), 4);
  const expected = expectAgreement(pairs);
  let [sum, found, tasks] = [0, 0, 0];
  for (const [p, common] of pairs.common.entries()) {
    if (!isCounted(pairs.compared[pairs.i[p] as number] as number, pairs.compared[pairs.j[p] as number] as number))
      continue;
    sum += common * (expected[p] as number);
    found += pairs.same[p] as number;
    tasks += common;
  }
  return { expected: sum / tasks, found: found / tasks };
};

describe("the agreement of people on their own", () => {
  it.each([
    [2, 0.7],
    [2, 0.85],
    [2, 0.95],
    [4, 0.85],
    [8, 0.6],
  ])("is what is expected, %i classes, right %f of the time", (classes, accuracy) => {
    for (let seed = 1; seed <= 5; seed++) {
      const { expected, found } = meansOf({ classes, accuracy, seed });
      expect(Math.abs(expected - found)).toBeLessThan(0.04);
    }
  });

  it("is not expected to be more because some copy", () => {
    const habits: Habit[] = [...times(26, "looks" as const), ...times(4, "copies" as const)];
    const isCopy = (w: number): boolean => w === 0 || w >= 26;
    const { expected, found } = meansOf({ habits }, (a, b) => isCopy(a) && isCopy(b));
    expect(found).toBe(1);
    expect(expected).toBeLessThan(0.85);
  });

  it("is by chance where nobody looks", () => {
    const { expected } = meansOf({ habits: times(20, "random") });
    expect(Math.abs(expected - 0.5)).toBeLessThan(0.03);
  });

  it("is a probability", () => {
    for (const habits of [times(6, "ring" as const), times(6, "constant" as const), times(2, "looks" as const)]) {
      for (const each of expectAgreement(comparePairs(windowOf(makeCrowd({ ...plan, habits })), 4))) {
        expect(each).toBeGreaterThan(0);
        expect(each).toBeLessThanOrEqual(1);
      }
    }
  });

  it("is of nobody where there are no pairs", () => {
    expect(expectAgreement(comparePairs(windowOf(makeCrowd({ ...plan, habits: [] })), 4))).toHaveLength(0);
  });
});
