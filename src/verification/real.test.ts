import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp, log } from "./real.ts";

const bitsOf = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
};

const relative = (value: number, expected: number): number => Math.abs(value - expected) / Math.abs(expected);

describe("exp", () => {
  it("is the engine's to 13 digits over its whole range", () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 709, noNaN: true }), (x) => {
        expect(relative(exp(x), Math.exp(x))).toBeLessThan(1e-14);
      }),
      { numRuns: 20_000 },
    );
  });

  it("is exact at 0 and monotone around it", () => {
    expect(exp(0)).toBe(1);
    expect(exp(-0)).toBe(1);
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (x, d) => {
          expect(exp(x + d)).toBeGreaterThan(exp(x));
        },
      ),
    );
  });

  it("ends in 0 and Infinity", () => {
    expect(exp(-746)).toBe(0);
    expect(exp(-Infinity)).toBe(0);
    expect(exp(710)).toBe(Infinity);
    expect(exp(709.7)).toBeLessThan(Infinity);
    expect(exp(-744)).toBeGreaterThan(0);
    expect(exp(Number.NaN)).toBeNaN();
  });

  it.each([
    [1, "4005bf0a8b145768"],
    [-1, "3fd78b56362cef39"],
    [0.847, "4002a93e563888bf"],
    [-20.5, "3e157a3afeed00ac"],
    [700, "7f0d945df4f8ec8e"],
    [1e-9, "3ff000000044b830"],
  ])("of %d has the same bits on every machine", (x, bits) => {
    expect(bitsOf(exp(x))).toBe(bits);
  });
});

describe("log", () => {
  it("is the engine's to 13 digits from the smallest to the largest number", () => {
    const anywhere = fc
      .tuple(fc.double({ min: 1, max: 2, noNaN: true }), fc.integer({ min: -1_022, max: 1_023 }))
      .map(([mantissa, power]) => mantissa * 2 ** power)
      .filter((x) => Number.isFinite(x));
    fc.assert(
      fc.property(anywhere, (x) => {
        const expected = Math.log(x);
        const error = Math.abs(log(x) - expected);
        expect(error).toBeLessThanOrEqual(1e-14 * Math.max(Math.abs(expected), 1e-2));
      }),
      { numRuns: 20_000 },
    );
  });

  it("is exact at 1, undoes exp, and is the opposite of the inverse", () => {
    expect(log(1)).toBe(0);
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        expect(Math.abs(log(exp(x)) - x)).toBeLessThan(1e-13);
        expect(Math.abs(log(1 / exp(x)) + x)).toBeLessThan(1e-13);
      }),
    );
  });

  it("ends where it has no value, instead of seeking one for ever", () => {
    expect(log(0)).toBe(-Infinity);
    expect(log(-1)).toBeNaN();
    expect(log(Number.NaN)).toBeNaN();
    expect(log(Infinity)).toBe(Infinity);
    expect(log(-Infinity)).toBeNaN();
    expect(relative(log(5e-324), Math.log(5e-324))).toBeLessThan(1e-14);
    expect(relative(log(Number.MAX_VALUE), Math.log(Number.MAX_VALUE))).toBeLessThan(1e-14);
  });

  it.each([
    [2, "3fe62e42fefa39ef"],
    [0.5, "bfe62e42fefa39ef"],
    [7 / 3, "3feb1d10670aae9a"],
    [10, "40026bb1bbb55516"],
    [1e-300, "c085963447f87fb5"],
    [1.0000001, "3e7ad7f2847b6491"],
  ])("of %d has the same bits on every machine", (x, bits) => {
    expect(bitsOf(log(x))).toBe(bits);
  });
});
