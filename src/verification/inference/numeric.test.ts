import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNumericAnswers, inferNumbers, scoreNumbers } from "./numeric.ts";

const one = (...values: number[]) => createNumericAnswers(1, new Uint8Array(values.length), values);

describe("numbers", () => {
  it.each([
    ["mean", [1, 2, 6], 3],
    ["median", [6, 1, 2], 2],
    ["median", [1, 2, 4, 100], 3],
    ["robust-mean", [5, 5, 5, 900], 5],
    ["robust-mean", [4, 5, 6], 5],
  ] as const)("%s of %j is %d", (method, values, expected) => {
    expect(inferNumbers(one(...values), method)[0]).toBeCloseTo(expected, 12);
  });

  it("a robust mean minimises Huber's loss", () => {
    const values = [10, 11, 12, 13, 14, 60];
    const [robust = 0] = inferNumbers(one(...values), "robust-mean");
    const bound = 1.345 * 1.4826 * 1.5;
    const pull = values.reduce((sum, each) => sum + Math.min(Math.max(each - robust, -bound), bound), 0);
    expect(Math.abs(pull)).toBeLessThan(1e-6);
  });

  it("do not depend on the order, and move with a shift", () => {
    const lists = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lists, fc.integer({ min: -50, max: 50 }), (values, shift) => {
        for (const method of ["mean", "median", "robust-mean"] as const) {
          const [before] = inferNumbers(one(...values), method);
          expect(inferNumbers(one(...values.toReversed()), method)[0]).toBe(before);
          const [after] = inferNumbers(one(...values.map((each) => each + shift)), method);
          expect(after).toBeCloseTo((before as number) + shift, 6);
        }
      }),
    );
  });

  it("of nothing are none, and score nothing", () => {
    expect(inferNumbers(one(), "robust-mean")[0]).toBeNaN();
    expect(scoreNumbers(Float64Array.of(Number.NaN), Float64Array.of(1))).toBeNull();
    expect(scoreNumbers(Float64Array.of(1, 5, 9), Float64Array.of(4, 1, Number.NaN))).toEqual({
      tasks: 2,
      mae: 3.5,
      rmse: Math.sqrt(12.5),
    });
  });
});
