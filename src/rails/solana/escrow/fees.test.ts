import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultFees, type FeePolicy, priceOf, unitLimit } from "./fees.ts";

const policy: FeePolicy = { unitPriceMax: 500n, percentile: 75, computeUnitsMax: 100_000 };

describe("the price of a compute unit", () => {
  it("is the percentile of what was paid, capped", () => {
    expect(priceOf([0n, 100n, 200n, 300n], policy)).toBe(300n);
    expect(priceOf([0n, 100n, 200n, 300n], { ...policy, percentile: 0 })).toBe(0n);
    expect(priceOf([0n, 100n, 200n, 300n], { ...policy, percentile: 100 })).toBe(300n);
    expect(priceOf([9_000n], policy)).toBe(500n);
    expect(priceOf([], policy)).toBe(0n);
  });

  it("is one of those paid or the cap, and more for a higher percentile", () => {
    const some = fc.array(fc.bigInt(0n, 1_000n));
    fc.assert(
      fc.property(some, fc.nat(100), fc.nat(100), (recent, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((percentile) =>
          priceOf(recent, { ...policy, percentile }),
        );
        expect([...recent, 0n, policy.unitPriceMax]).toContain(low);
        expect((low as bigint) <= (high as bigint) && (high as bigint) <= policy.unitPriceMax).toBe(true);
      }),
    );
  });
});

describe("the limit of compute units", () => {
  it("leaves room over the simulation, and ends at the cap", () => {
    expect(unitLimit(10_000n, policy)).toBe(12_000);
    expect(unitLimit(99_999n, policy)).toBe(100_000);
    expect(unitLimit(1_400_000n, defaultFees)).toBe(1_300_000);
  });
});
