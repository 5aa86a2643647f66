import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expOfNegative, logOfPositive } from "./fast-real.ts";

const bitsOf = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
};

describe("the exponential of inner loops", () => {
  it("is the engine's to 15 digits", () => {
    fc.assert(
      fc.property(fc.double({ min: -708, max: 0, noNaN: true }), (x) => {
        expect(Math.abs(expOfNegative(x) / Math.exp(x) - 1)).toBeLessThan(2e-15);
      }),
      { numRuns: 20_000 },
    );
  });

  it("is 1 at 0, 0 far below, and NaN of NaN", () => {
    expect(expOfNegative(0)).toBe(1);
    expect(expOfNegative(-0)).toBe(1);
    expect(expOfNegative(-709)).toBe(0);
    expect(expOfNegative(-Infinity)).toBe(0);
    expect(expOfNegative(Number.NaN)).toBeNaN();
  });

  it.each([
    [-1, "3fd78b56362cef38"],
    [-0.1, "3fecf46d99d52b3a"],
    [-700, "00d14f2b0fb93081"],
  ])("of %d has the same bits on every machine", (x, bits) => {
    expect(bitsOf(expOfNegative(x))).toBe(bits);
  });
});

describe("the logarithm of inner loops", () => {
  it("is the engine's to 15 digits", () => {
    fc.assert(
      fc.property(fc.double({ min: 2.3e-308, max: 1e300, noNaN: true }), (x) => {
        const expected = Math.log(x);
        expect(Math.abs(logOfPositive(x) - expected)).toBeLessThan(1e-15 * Math.max(1, Math.abs(expected)));
      }),
      { numRuns: 20_000 },
    );
  });

  it("is the engine's on probabilities", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1, noNaN: true }), (x) => {
        expect(Math.abs(logOfPositive(x) - Math.log(x))).toBeLessThan(1e-14);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    [1, "0000000000000000"],
    [0.7, "bfd6d3c324e13f50"],
    [1e-10, "c037069e2aa2aa5b"],
  ])("of %d has the same bits on every machine", (x, bits) => {
    expect(bitsOf(logOfPositive(x))).toBe(bits);
  });
});
