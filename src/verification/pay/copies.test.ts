import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CrowdPlan, makeCrowd, times, windowOf } from "../../../test/support/pay-crowds.ts";
import { findCopies } from "./copies.ts";
import { comparePairs } from "./pairs.ts";

const plan: CrowdPlan = {
  tasks: 120,
  classes: 2,
  answersEach: 60,
  habits: times(30, "looks"),
  accuracy: 0.8,
  controlEvery: 20,
  seed: 1,
};
const flaggedIn = (change: Partial<CrowdPlan>): number[] =>
  [...findCopies(windowOf(makeCrowd({ ...plan, ...change }))).isCopying.entries()]
    .filter(([, is]) => is)
    .map(([w]) => w);

describe("pairs", () => {
  it("are counted as a plain loop over all answers counts them", () => {
    const crowd = makeCrowd({ ...plan, tasks: 30, answersEach: 12, habits: times(9, "looks"), classes: 3 });
    const pairs = comparePairs(windowOf(crowd), 1);
    const plain = new Map<string, number[]>();
    for (const a of crowd.answers) {
      for (const b of crowd.answers) {
        if (a.task !== b.task || a.contributor >= b.contributor) continue;
        const counts = plain.get(`${a.contributor}-${b.contributor}`) ?? [0, 0, 0, 0];
        const isSame = a.label === b.label;
        plain.set(`${a.contributor}-${b.contributor}`, [
          (counts[0] as number) + 1,
          (counts[1] as number) + Number(isSame),
          (counts[2] as number) + Number(isSame && a.place < b.place),
          (counts[3] as number) + Math.abs(a.place - b.place),
        ]);
      }
    }
    const found = Array.from(pairs.i, (i, p): [string, number[]] => [
      `${pairs.compared[i]}-${pairs.compared[pairs.j[p] as number]}`,
      [pairs.common[p], pairs.same[p], pairs.first[p], pairs.apart[p]] as number[],
    ]);
    expect(new Map(found)).toEqual(plain);
  });

  it("leave out who has not answered enough", () => {
    const crowd = makeCrowd({ ...plan, answersEach: 7 });
    expect(comparePairs(windowOf(crowd), 8).compared).toHaveLength(0);
  });
});

describe("copies", () => {
  it.each([2, 3, 6])("are not found among people who look, with %i classes", (classes) => {
    for (let seed = 1; seed <= 5; seed++) expect(flaggedIn({ classes, seed })).toEqual([]);
  });

  it.each([0.6, 0.8, 0.97])("are not found among people who are right %f of the time", (accuracy) => {
    expect(flaggedIn({ accuracy })).toEqual([]);
  });

  it("are not found among those who have but one answer for everything", () => {
    expect(flaggedIn({ habits: [...times(20, "looks" as const), ...times(10, "constant" as const)] })).toEqual([]);
  });

  it.each([2, 4])("are a ring, with %i classes", (classes) => {
    const habits = [...times(30, "looks" as const), ...times(8, "ring" as const)];
    expect(flaggedIn({ habits, classes })).toEqual([30, 31, 32, 33, 34, 35, 36, 37]);
  });

  it("are those who come after, not the one they copy", () => {
    const habits = [...times(30, "looks" as const), ...times(3, "copies" as const)];
    expect(flaggedIn({ habits, answersEach: 100 })).toEqual([30, 31, 32]);
  });

  it("are suspected before they are found", () => {
    const habits = [...times(30, "looks" as const), ...times(2, "ring" as const)];
    const crowd = makeCrowd({ ...plan, tasks: 10, classes: 8, habits, answersEach: 7 });
    const { isCopying, isSuspect } = findCopies(windowOf(crowd));
    expect([isCopying[30], isSuspect[30]]).toEqual([0, 1]);
  });

  it("are the same whatever order the answers come in", () => {
    const crowd = makeCrowd({ ...plan, habits: [...times(10, "looks" as const), ...times(3, "ring" as const)] });
    const expected = findCopies(windowOf(crowd));
    fc.assert(
      fc.property(fc.shuffledSubarray([...crowd.answers], { minLength: crowd.answers.length }), (answers) => {
        expect(findCopies(windowOf(crowd, answers))).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it("are not among few answers, nor among none", () => {
    expect(flaggedIn({ answersEach: 3, habits: times(4, "ring") })).toEqual([]);
    expect(flaggedIn({ habits: [] })).toEqual([]);
  });
});
