import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frontierOf, leastPay, leastUnpaid, type Point } from "../../bench/attack/frontier.ts";

const crowd = fc
  .array(fc.record({ right: fc.nat(50), aboveChance: fc.integer({ min: -5, max: 20 }), isAttacker: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  })
  .map(frontierOf);

const pairsOf = ([a, b]: readonly (readonly Point[])[]): Point[] =>
  (a ?? []).flatMap((x) => (b ?? []).map((y) => ({ pay: (x.pay + y.pay) / 2, unpaid: (x.unpaid + y.unpaid) / 2 })));

describe("what a rule can do that knows every truth", () => {
  it("is a point for each contributor, the one farthest above chance first", () => {
    const points = frontierOf([
      { right: 10, aboveChance: 1, isAttacker: true },
      { right: 30, aboveChance: 5, isAttacker: false },
      { right: 10, aboveChance: -1, isAttacker: false },
    ]);
    expect(points).toEqual([
      { pay: 0, unpaid: 1 },
      { pay: 0, unpaid: 0.25 },
      { pay: 0.25, unpaid: 0.25 },
      { pay: 0.2, unpaid: 0 },
    ]);
  });

  it("is bounded: no way to share out what attackers get among two crowds lies below", () => {
    fc.assert(
      fc.property(crowd, crowd, fc.double({ min: 0, max: 0.5, noNaN: true }), (first, second, limit) => {
        const crowds = [first, second];
        const [unpaid, pay] = [leastUnpaid(crowds, limit), leastPay(crowds, limit)];
        for (const each of pairsOf(crowds)) {
          if (each.pay <= limit) expect(each.unpaid).toBeGreaterThanOrEqual(unpaid - 1e-9);
          if (each.unpaid <= limit) expect(each.pay).toBeGreaterThanOrEqual(pay - 1e-9);
        }
      }),
    );
  });

  it("comes close to the bound in one crowd whose points have a price", () => {
    const points = [0, 1, 2, 3, 4].map((i) => ({ pay: (i * i) / 100, unpaid: (4 - i) / 4 }));
    expect(leastUnpaid([points], 0.04)).toBeGreaterThan(0.49);
    expect(leastUnpaid([points], 0.04)).toBeLessThanOrEqual(0.5);
    expect(leastPay([points], 0.25)).toBeGreaterThan(0.088);
    expect(leastPay([points], 0.25)).toBeLessThanOrEqual(0.09);
  });
});
