import { describe, expect, it } from "vitest";
import { accuracyOf, forecast, knownCrowd, supposedCrowd } from "./forecast.ts";
import { coinRow, newcomerModel } from "./market-model.ts";
import { policyOf, presets } from "./policy.ts";

const crowdOf = (classes: number, accuracies: readonly number[]) => ({ ...supposedCrowd(classes, 0.8), accuracies });
const believed = (classes: number, accuracies: readonly number[]) => ({
  ...crowdOf(classes, accuracies),
  discount: 1,
  floor: 0,
});

describe("a forecast", () => {
  it("needs one answer of people who are never wrong", () => {
    const found = forecast(believed(3, [1]), presets.strict);
    expect(found).toMatchObject({ answersPerTask: 1, accuracy: 1, settled: 1, isOutOfReach: false });
  });

  it("says that chance reaches nothing at any price", () => {
    const found = forecast(supposedCrowd(4, 0.25), presets.balanced);
    expect(found.isOutOfReach).toBe(true);
    expect(found.settled).toBe(0);
    expect(found.answersPerTask).toBe(2);
    expect(found.accuracy).toBeLessThan(0.35);
  });

  it("says that no answers reach above the floor", () => {
    const found = forecast({ ...believed(2, [0.9]), floor: 0.2 }, policyOf(950_000));
    expect(found.isOutOfReach).toBe(true);
    expect(found.accuracyByAnswers.at(-1)).toBeCloseTo(0.9, 2);
  });

  it("knows how often majorities are right", () => {
    const { accuracyByAnswers } = forecast(believed(2, [0.8]), presets.strict);
    const ofThree = 0.8 ** 3 + 3 * 0.8 ** 2 * 0.2;
    expect(accuracyByAnswers[0]).toBeCloseTo(0.8, 1);
    expect(Math.abs((accuracyByAnswers[2] as number) - ofThree)).toBeLessThan(0.035);
  });

  it("buys more answers for more certainty, and fewer of better contributors", () => {
    const answers = (accuracy: number, target: number): number =>
      forecast(supposedCrowd(2, accuracy), policyOf(target)).answersPerTask;
    expect(answers(0.75, 950_000)).toBeGreaterThan(answers(0.75, 800_000));
    expect(answers(0.95, 900_000)).toBeLessThan(answers(0.75, 900_000));
  });

  it("is the same every time", () => {
    const crowd = crowdOf(5, [0.6, 0.7, 0.9]);
    expect(forecast(crowd, presets.cheap)).toEqual(forecast(crowd, presets.cheap));
  });

  it("never plays past the most answers", () => {
    const found = forecast(supposedCrowd(2, 0.6), { ...presets.strict, max: 3, answersWorth: 10_000 });
    expect(found.answersPerTask).toBeLessThanOrEqual(3);
    expect(found.accuracyByAnswers).toHaveLength(3);
  });

  it("is defined with a single class", () => {
    expect(forecast(supposedCrowd(1, 1), presets.strict)).toMatchObject({ answersPerTask: 1, accuracy: 1 });
  });
});

describe("the supposed crowd", () => {
  it("is the better half of people who differ", () => {
    const { accuracies } = supposedCrowd(2, 0.8);
    expect(accuracies).toHaveLength(5);
    expect(accuracies[0]).toBeGreaterThan(0.8);
    expect(accuracies.at(-1)).toBe(0.98);
    expect(accuracies).toEqual(accuracies.toSorted((a, b) => a - b));
  });

  it.each([2, 4, 100])("knows no more than chance where all together do, of %i choices", (classes) => {
    for (const each of supposedCrowd(classes, 1 / classes).accuracies) {
      expect(each).toBeCloseTo(Math.max(1 / classes, 0.02), 10);
    }
  });

  it("settles half of the tasks of a market with a usual crowd, or more, and is right as other crowds are", () => {
    for (const [accuracy, least, most] of [
      [0.73, 0.84, 0.93],
      [0.79, 0.88, 0.93],
      [0.89, 0.92, 0.95],
    ] as const) {
      const found = forecast(supposedCrowd(2, accuracy), presets.balanced);
      expect(found.accuracy).toBeGreaterThan(least);
      expect(found.accuracy).toBeLessThan(most);
    }
  });

  it("errs on few of many choices", () => {
    const of = (classes: number) => forecast(supposedCrowd(classes, 0.7), policyOf(900_000));
    expect(of(50)).toEqual({ ...of(50) });
    expect(Math.abs(of(8).accuracy - of(16).accuracy)).toBeLessThan(0.03);
    expect(of(10_000)).toEqual(of(16));
  });
});

describe("the known crowd", () => {
  it("is the better half of the contributors, or newcomers", () => {
    const rows = new Map([0.9, 0.5, 0.8, 0.6].map((each, contributor) => [contributor, coinRow(2, each)]));
    const { accuracies } = knownCrowd({ ...newcomerModel(2), rows });
    expect(accuracies.map((each) => each.toFixed(2))).toEqual(["0.90", "0.80"]);
    expect(knownCrowd(newcomerModel(2)).accuracies[0]).toBeCloseTo(0.7, 2);
    expect(accuracyOf(newcomerModel(100), 5)).toBeCloseTo(0.7, 2);
  });
});
