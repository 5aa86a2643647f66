import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { times } from "../../../test/support/pay-crowds.ts";
import { chance, weighPrevalence } from "./prevalence.ts";

const oddsOf = (evidence: readonly number[], answers: readonly number[]): Float64Array =>
  weighPrevalence(Float64Array.from(evidence), Float64Array.from(answers));

describe("prevalence", () => {
  it("gives no more than nine to one before any evidence", () => {
    // Where everybody surely looks, the least share of a tenth is left.
    const odds = oddsOf([...times(400, 20), 0], [...times(400, 30), 16]);
    expect(odds[400]).toBeCloseTo(Math.log(9), 6);
  });

  it("is careful with fresh keys where a flood of them says nothing, and only with those", () => {
    const odds = oddsOf([...times(200, -2), ...times(50, 8), 1, 1], [...times(200, 5), ...times(50, 100), 5, 100]);
    expect(odds[250]).toBeLessThan(0);
    expect(odds[251]).toBeGreaterThan(1.5);
  });

  it("equals the posterior mean over shares, computed plainly", () => {
    const evidence = [-3, -1, 0.5, 2, 4, 6];
    const odds = oddsOf(evidence, times(6, 10));
    const share = plainShare(evidence, plainShare(evidence, 0.2));
    expect(odds[2]).toBeCloseTo(0.5 + Math.log((1 - share) / share), 9);
  });

  it("keeps the order of the evidence among contributors of one size", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2, maxLength: 20 }),
        (evidence) => {
          const sorted = evidence.toSorted((a, b) => a - b);
          const odds = oddsOf(sorted, times(sorted.length, 7));
          expect([...odds].toSorted((a, b) => a - b)).toEqual([...odds]);
        },
      ),
    );
  });

  it("counts nobody who has not answered", () => {
    expect(oddsOf([0, 0, 3], [0, 0, 1])[2]).toBe(oddsOf([3], [1])[0]);
  });

  it("has nothing to say of nobody", () => {
    expect(oddsOf([], [])).toHaveLength(0);
  });
});

it("chance is the logistic function, without overflow", () => {
  expect(chance(0)).toBe(0.5);
  expect(chance(2)).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  expect(chance(-800)).toBe(0);
  expect(chance(800)).toBe(1);
});

function plainShare(evidence: readonly number[], expected: number): number {
  const grid = Array.from({ length: 15 }, (_, k) => (k + 1) / 16);
  const weights = grid.map((s) =>
    evidence.reduce(
      (product, each) => product * ((1 - s) * Math.exp(each) + s),
      s ** (5 * expected) * (1 - s) ** (5 * (1 - expected)),
    ),
  );
  const total = weights.reduce((a, b) => a + b);
  return Math.max(
    grid.reduce((mean, s, k) => mean + (s * (weights[k] as number)) / total, 0),
    0.1,
  );
}
