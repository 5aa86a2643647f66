import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AnsweredTask, addTask, noContribution, savedOf } from "./contribution.ts";
import { interval } from "./interval.ts";
import { measure, measuredAs, type Observation } from "./measure.ts";

describe("interval", () => {
  it("is Wilson's", () => {
    // By hand: (0.8 + 0.19208 ± 1.96 √(0.016 + 0.009604)) / 1.38416.
    expect(interval(8, 10)).toEqual([0.4902, 0.9433]);
    expect(interval(0, 10)).toEqual([0, 0.2775]);
    expect(interval(10, 10)).toEqual([0.7225, 1]);
    expect(interval(0, 0)).toEqual([0, 1]);
  });
});

const sum = (...tasks: readonly AnsweredTask<string>[]) => tasks.reduce(addTask, noContribution);

describe("what machines and people gave", () => {
  it("is counted by whose answers a settled task has", () => {
    const found = sum(
      { label: "a", machines: ["a"], people: 0 },
      { label: "a", machines: [], people: 3 },
      { label: "a", machines: ["a"], people: 2 },
      { label: null, machines: ["a", "b"], people: 1 },
    );
    expect(found).toMatchObject({
      answers: { machines: 4, people: 6 },
      peopleOnSettled: 5,
      settled: 3,
      settledBy: { machines: 1, people: 1, both: 1 },
      added: { confirmed: 1, corrected: 0, helped: 0 },
    });
  });

  it("is what people added where both answered", () => {
    const both = (label: string, ...machines: string[]) => ({ label, machines, people: 1 });
    expect(
      sum(both("a", "a"), both("a", "a", "a"), both("a", "b"), both("a", "b", "c"), both("a", "a", "b")).added,
    ).toEqual({
      confirmed: 2,
      corrected: 2,
      helped: 1,
    });
  });

  it("adds up, in any order", () => {
    const task = fc.record({
      label: fc.constantFrom("a", "b", null),
      machines: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 3 }),
      people: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(task), (tasks) => {
        const found = sum(...tasks);
        const { settledBy, added, settled } = found;
        expect(settledBy.machines + settledBy.people + settledBy.both).toBe(settled);
        expect(added.confirmed + added.corrected + added.helped).toBe(settledBy.both);
        expect(sum(...[...tasks].reverse())).toEqual(found);
      }),
    );
  });

  it("is saved, or not", () => {
    expect(savedOf(10, 4)).toEqual({ answers: 6, share: 0.6 });
    expect(savedOf(4, 6)).toEqual({ answers: -2, share: -0.5 });
    expect(savedOf(0, 0)).toEqual({ answers: 0, share: 0 });
  });
});

describe("a contributor measured by known answers", () => {
  const seen = (truth: number, answer: number, isRight = truth === answer): Observation<number> => ({
    truth,
    answer,
    isRight,
  });

  it("has an accuracy with an interval, and an error matrix in order", () => {
    expect(measure([seen(1, 2), seen(1, 1), seen(1, 2), seen(0, 0)], String)).toEqual({
      tasks: 4,
      right: 2,
      accuracy: 0.5,
      interval: interval(2, 4),
      errors: [
        { truth: 0, answer: 0, count: 1 },
        { truth: 1, answer: 1, count: 1 },
        { truth: 1, answer: 2, count: 2 },
      ],
    });
  });

  it("may be right without saying the same", () => {
    expect(measure([seen(10, 11, true)], String)).toMatchObject({ right: 1, errors: [{ truth: 10, answer: 11 }] });
  });

  it("is unknown without any", () => {
    expect(measuredAs(0, 0)).toEqual({ tasks: 0, right: 0, accuracy: null, interval: [0, 1] });
  });
});
