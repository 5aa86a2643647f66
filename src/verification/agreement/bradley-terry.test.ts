import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bradleyTerry, type Comparison, predictedPpm } from "./bradley-terry.ts";
import { inverseDiagonal, solveSymmetric } from "./linear.ts";

const comparisons = (items: number) =>
  fc.array(
    fc.record({
      left: fc.nat({ max: items - 1 }),
      right: fc.nat({ max: items - 1 }),
      answer: fc.nat({ max: 2 }),
      weight: fc.constantFrom(500, 1_000, 2_000),
    }),
    { maxLength: 30 },
  );

/** The log-posterior, written plainly: Davidson's probabilities and a normal prior. */
function logPosterior(strength: readonly number[], ties: number, all: readonly Comparison[]): number {
  const prior = -0.125 * [...strength, ties].reduce((sum, each) => sum + each * each, 0);
  return all.reduce((sum, { left, right, answer, weight }) => {
    if (left === right) return sum;
    const [a, b] = [Math.exp(strength[left] as number), Math.exp(strength[right] as number)];
    const neither = Math.exp(ties) * Math.sqrt(a * b);
    return sum + (weight / 1_000) * Math.log(([a, b, neither][answer] as number) / (a + b + neither));
  }, prior);
}

describe("Bradley and Terry's strengths", () => {
  it("are where the posterior is highest", () => {
    fc.assert(
      fc.property(comparisons(4), (all) => {
        const { strengths, ties } = bradleyTerry(4, all, true);
        const found = [...strengths, ties as number].map((each) => each / 1_000);
        const at = (values: readonly number[]): number => logPosterior(values.slice(0, 4), values[4] as number, all);
        const highest = at(found);
        for (const i of found.keys()) {
          for (const by of [-0.003, 0.003]) expect(at(found.with(i, (found[i] as number) + by))).toBeLessThan(highest);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("do not depend on order, and follow how items are numbered", () => {
    const cases = comparisons(5).chain((all) =>
      fc.record({
        all: fc.constant(all),
        other: fc.shuffledSubarray(all, { minLength: all.length }),
        to: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
      }),
    );
    fc.assert(
      fc.property(cases, fc.boolean(), ({ all, other, to }, hasTies) => {
        const model = bradleyTerry(5, all, hasTies);
        expect(bradleyTerry(5, other, hasTies)).toEqual(model);
        const turned = other.map(({ left, right, answer, weight }) => ({
          left: to[right] as number,
          right: to[left] as number,
          answer: [1, 0, 2][answer] as number,
          weight,
        }));
        const renamed = bradleyTerry(5, turned, hasTies);
        for (const [item, strength] of model.strengths.entries()) {
          // Other places in a sum may round the last thousandth otherwise.
          expect(Math.abs((renamed.strengths[to[item] as number] as number) - strength)).toBeLessThanOrEqual(1);
          const error = model.errors?.[item] as number;
          expect(Math.abs((renamed.errors?.[to[item] as number] as number) - error)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("have the errors that two items must have", () => {
    const won = (answer: number, weight: number): Comparison => ({ left: 0, right: 1, answer, weight });
    const { strengths, errors, ties } = bradleyTerry(2, [won(0, 30_000), won(1, 10_000)], false);
    const ahead = ((strengths[0] as number) - (strengths[1] as number)) / 1_000;
    const better = 1 / (1 + Math.exp(-ahead));
    const information = 40 * better * (1 - better);
    const variance = (0.25 + information) / (0.25 * 0.25 + 2 * 0.25 * information);
    expect(errors?.[0]).toBe(Math.round(1_000 * Math.sqrt(variance)));
    expect(ties).toBeNull();
    // Nearly ln 3; the prior draws it to 0 a little.
    expect(ahead).toBeGreaterThan(1.04);
    expect(ahead).toBeLessThan(Math.log(3));
  });

  it("are found again from many comparisons", () => {
    const truth = [1_500, 600, 0, -400, -1_700];
    const all = truth.flatMap((a, left) =>
      truth.flatMap((b, right): Comparison[] => {
        if (left >= right) return [];
        const [better, tied, worse] = predictedPpm(a - b, -500);
        return [better, worse, tied].map((share, answer) => ({ left, right, answer, weight: share }));
      }),
    );
    const { strengths, errors, ties } = bradleyTerry(5, all, true);
    for (const [item, strength] of strengths.entries()) {
      expect(Math.abs(strength - (truth[item] as number))).toBeLessThan(10);
      expect(errors?.[item]).toBeLessThan(1_000);
    }
    expect(Math.abs((ties as number) + 500)).toBeLessThan(10);
  });

  it.each([
    ["nothing was compared", []],
    ["an item was compared with itself", [{ left: 1, right: 1, answer: 0, weight: 1_000 }]],
    ["comparisons weigh nothing", [{ left: 0, right: 1, answer: 0, weight: 0 }]],
  ])("are the prior's where %s", (_, all) => {
    expect(bradleyTerry(3, all, false)).toEqual({ strengths: [0, 0, 0], errors: [2_000, 2_000, 2_000], ties: null });
  });

  it("count no ties where there are none", () => {
    const all = [2, 2, 0].map((answer) => ({ left: 0, right: 1, answer, weight: 1_000 }));
    expect(bradleyTerry(2, all, false)).toEqual(bradleyTerry(2, all.slice(2), false));
  });

  it("stay bounded where one item always wins", () => {
    const { strengths } = bradleyTerry(2, [{ left: 0, right: 1, answer: 0, weight: 1_000_000_000 }], false);
    expect(strengths[0]).toBe(-(strengths[1] as number));
    expect(strengths[0]).toBeGreaterThan(5_000);
    expect(strengths[0]).toBeLessThan(10_000);
  });

  it("are found where two crowds are held together by one comparison", () => {
    const crowd = (from: number): Comparison[] => [
      { left: from, right: from + 1, answer: 0, weight: 3_000_000 },
      { left: from + 1, right: from, answer: 0, weight: 1_000_000 },
    ];
    const bridge = { left: 0, right: 2, answer: 0, weight: 1_000 };
    const { strengths } = bradleyTerry(4, [...crowd(0), ...crowd(2), bridge], false);
    const apart = (strengths[0] as number) - (strengths[2] as number);
    // Four strengths of ±x share the prior: 2x apart, ½ x of slope each crowd, one comparison: 1 − σ(2x) = x ÷ 2.
    const half = apart / 2_000;
    expect(Math.abs(1 - 1 / (1 + Math.exp(-2 * half)) - half / 2)).toBeLessThan(0.001);
    const [a = 0, b = 0, c = 0, d = 0] = strengths;
    expect(Math.abs(a - b - (c - d))).toBeLessThanOrEqual(1);
  });

  it("are many, without errors", () => {
    const all = Array.from({ length: 4_000 }, (_, i) => ({
      left: i % 500,
      right: (i * 7 + 3) % 500,
      answer: i % 500 > (i * 7 + 3) % 500 ? 0 : 1,
      weight: 1_000,
    }));
    const { strengths, errors } = bradleyTerry(500, all, true);
    expect(errors).toBeNull();
    const mean = (from: number): number => strengths.slice(from, from + 100).reduce((sum, each) => sum + each, 0) / 100;
    expect(mean(400)).toBeGreaterThan(mean(200) + 1_000);
    expect(mean(200)).toBeGreaterThan(mean(0) + 1_000);
  });

  it("have the same bits on every machine", () => {
    const all = Array.from({ length: 60 }, (_, i) => ({
      left: i % 4,
      right: (i * 3 + 1) % 4,
      answer: (i * i) % 3,
      weight: 1_000,
    }));
    expect(bradleyTerry(4, all, true)).toMatchInlineSnapshot(`
      {
        "errors": [
          1426,
          1426,
          1426,
          1426,
        ],
        "strengths": [
          0,
          0,
          0,
          0,
        ],
        "ties": -3516,
      }
    `);
  });
});

describe("what strengths foretell", () => {
  it.each([
    [0, null, [500_000, 0, 500_000]],
    [0, 0, [333_333, 333_333, 333_334]],
    [1_000, null, [731_059, 0, 268_941]],
  ])("%d ahead with ties %s: %j", (ahead, ties, shares) => {
    expect(predictedPpm(ahead, ties)).toEqual(shares);
  });
});

describe("linear equations", () => {
  it("have the solution and the inverse that Gauss's elimination finds", () => {
    const size = 4;
    const entries = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size * size, maxLength: size * size });
    fc.assert(
      fc.property(entries, (b) => {
        const matrix = Float64Array.from({ length: size * size }, (_, at) => {
          const [row, column] = [Math.floor(at / size), at % size];
          let sum = row === column ? 1 : 0;
          for (let k = 0; k < size; k++) sum += (b[row * size + k] as number) * (b[column * size + k] as number);
          return sum;
        });
        const expected = Array.from({ length: size }, (_, i) => solved(matrix, size, i)[i] as number);
        for (const [i, each] of inverseDiagonal(matrix, size).entries()) {
          expect(Math.abs(each - (expected[i] as number))).toBeLessThan(1e-9);
        }
        const times = (vector: Float64Array): Float64Array =>
          vector.map((_, i) => vector.reduce((sum, each, k) => sum + each * (matrix[i * size + k] as number), 0));
        for (const [i, each] of solveSymmetric(Float64Array.of(0, 1, 0, 0), times).entries()) {
          expect(Math.abs(each - (solved(matrix, size, 1)[i] as number))).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The column of the inverse, by Gauss and Jordan. */
function solved(matrix: Float64Array, size: number, at: number): number[] {
  const rows = Array.from({ length: size }, (_, i) => [...matrix.slice(i * size, i * size + size), i === at ? 1 : 0]);
  for (let column = 0; column < size; column++) {
    const pivot = rows[column] as number[];
    const factor = pivot[column] as number;
    rows[column] = pivot.map((each) => each / factor);
    for (const [i, row] of rows.entries()) {
      if (i === column) continue;
      const times = row[column] as number;
      rows[i] = row.map((each, k) => each - times * (rows[column]?.[k] as number));
    }
  }
  return rows.map((row) => row[size] as number);
}
