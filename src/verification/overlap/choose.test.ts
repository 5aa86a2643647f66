import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Candidate, chooseContributor, fairEvery, firstAnswersMax, firstRatioMax, tellingOf } from "./choose.ts";
import { coinRow, type MarketModel, uniformModel } from "./market-model.ts";

const model = (classes: number): MarketModel => ({
  ...uniformModel(classes, 0.6),
  rows: new Map([0.6, 0.9, 0.75, 0.5].map((accuracy, contributor) => [contributor, coinRow(classes, accuracy)])),
});
const all: Candidate[] = [0, 1, 2, 3].map((contributor) => ({ contributor, answered: 10 - contributor }));
const votes = [{ contributor: 2, label: 0 }];

describe.each([2, 30])("among contributors to a task of %i classes", (classes) => {
  it("asks whoever has been asked least at every fair turn", () => {
    expect(chooseContributor(model(classes), [], all, 3 * fairEvery)).toBe(3);
    expect(chooseContributor(model(classes), votes, all, 3 * fairEvery)).toBe(3);
  });

  it("asks first whoever tells most of those who have not been asked far more often than others", () => {
    const asked = (best: number, least: number): Candidate[] =>
      all.map((each) => ({ ...each, answered: each.contributor === 1 ? best : least }));
    const most = firstRatioMax * 5 + firstAnswersMax;
    expect(chooseContributor(model(classes), [], asked(most, 5), 1)).toBe(1);
    expect(chooseContributor(model(classes), [], asked(most + 1, 5), 1)).toBe(2);
    expect(chooseContributor(model(classes), votes, asked(most + 1, 5), 1)).toBe(1);
  });

  it("asks whoever tells most otherwise, and of equals whoever has been asked less", () => {
    expect(chooseContributor(model(classes), votes, all, 1)).toBe(1);
    const strangers = [
      { contributor: 50, answered: 4 },
      { contributor: 51, answered: 2 },
      { contributor: 52, answered: 2 },
    ];
    expect(chooseContributor(model(classes), votes, strangers, 1)).toBe(1);
  });
});

describe("what an answer tells", () => {
  it("is the mutual information of label and class", () => {
    const one = { ...model(2), discountPpm: 1_000_000 };
    const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    expect(tellingOf(one, [])(1)).toBeCloseTo(Math.log(2) - entropy(0.9), 3);
    expect(tellingOf(one, [])(3)).toBeCloseTo(0, 3);
  });

  it("is never negative, and less on a task that is clear", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ contributor: fc.nat(3), label: fc.nat(2) }), { maxLength: 6 }), (given) => {
        const telling = tellingOf(model(3), given);
        for (const contributor of [0, 1, 2, 3, 99]) expect(telling(contributor)).toBeGreaterThan(-1e-3);
      }),
    );
    const clear = Array.from({ length: 6 }, () => ({ contributor: 1, label: 0 }));
    expect(tellingOf(model(2), clear)(1)).toBeLessThan(tellingOf(model(2), [])(1));
  });

  it("may be most from somebody who is reliably wrong", () => {
    const one: MarketModel = {
      ...model(2),
      rows: new Map([
        [0, coinRow(2, 0.05)],
        [1, coinRow(2, 0.8)],
      ]),
    };
    const pair = [0, 1].map((contributor) => ({ contributor, answered: 0 }));
    expect(chooseContributor(one, votes, pair, 1)).toBe(0);
  });
});
