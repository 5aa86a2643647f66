import { describe, expect, it } from "vitest";
import { interval } from "../machines/interval.ts";
import { createAnswers } from "./answers.ts";
import { betaDistribution, betaQuantile, logGamma } from "./beta.ts";
import { voteEntropies } from "./difficulty.ts";
import { errorMatrices } from "./error-matrices.ts";

describe("the Beta distribution", () => {
  it.each([
    [0.1, 2.252712651734206],
    [1, 0],
    [0.5, 0.5723649429247001],
    [5, 3.1780538303479458],
    [1_000, 5905.220423209181],
  ])("ln of Gamma(%d)", (x, value) => {
    expect(Math.abs(logGamma(x) - value)).toBeLessThan(1e-12 * Math.max(1, value));
  });

  it("is what can be written down where it can", () => {
    for (const x of [0.01, 0.3, 0.77, 0.999]) {
      expect(betaDistribution(x, 1, 1)).toBeCloseTo(x, 12);
      expect(betaDistribution(x, 3, 1)).toBeCloseTo(x ** 3, 12);
      expect(betaDistribution(x, 1, 4)).toBeCloseTo(1 - (1 - x) ** 4, 12);
      expect(betaDistribution(x, 2, 2)).toBeCloseTo(3 * x ** 2 - 2 * x ** 3, 12);
    }
  });

  it.each([
    // Clopper and Pearson's interval of 8 in 10, from tables: 0.4439 to 0.9748.
    [0.025, 8, 3, 0.4439],
    [0.975, 9, 2, 0.9748],
    [0.5, 500, 500, 0.5],
    [0.025, 0.01, 4, 0],
  ])("has its quantile %d of (%d, %d) at %d", (probability, a, b, x) => {
    expect(betaQuantile(probability, a, b)).toBeCloseTo(x, 4);
  });

  it("and its quantile undo one another", () => {
    for (const [a, b] of [
      [0.5, 0.5],
      [3, 90],
      [700, 20],
    ] as const) {
      for (const p of [0.025, 0.5, 0.9]) expect(betaDistribution(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 9);
    }
  });
});

/** Contributor 0 is always right, 1 says 0 whatever is true, 2 answered one task. */
const answers = createAnswers({
  tasks: 40,
  contributors: 3,
  classes: 2,
  task: [...Array.from({ length: 80 }, (_, i) => i % 40), 0],
  contributor: [...Array.from({ length: 80 }, (_, i) => Math.floor(i / 40)), 2],
  label: [...Array.from({ length: 80 }, (_, i) => (i < 40 ? i % 2 : 0)), 0],
});

describe("error matrices", () => {
  const cells = [...errorMatrices(answers, { labels: Int32Array.from({ length: 40 }, (_, t) => t % 2) })];
  const at = (contributor: number, truth: number, label: number) =>
    cells.find((each) => each.contributor === contributor && each.truth === truth && each.label === label);

  it("count answers, and have rows that sum to 1 within their intervals", () => {
    expect(at(1, 1, 0)?.answers).toBe(20);
    expect(at(2, 1, 0)).toBeUndefined();
    for (const each of cells) {
      expect(each.low).toBeLessThanOrEqual(each.probability);
      expect(each.high).toBeGreaterThanOrEqual(each.probability);
      const other = at(each.contributor, each.truth, 1 - each.label);
      expect(each.probability + (other?.probability ?? 0)).toBeCloseTo(1, 12);
      expect(each.low).toBeCloseTo(1 - (other?.high ?? 0), 9);
    }
  });

  it("tell the good from the lazy, and say how little is known of who has hardly answered", () => {
    expect(at(0, 1, 1)?.low).toBeGreaterThan(0.7);
    expect(at(1, 1, 1)?.high).toBeLessThan(0.3);
    const width = (contributor: number): number =>
      (at(contributor, 0, 0)?.high ?? 0) - (at(contributor, 0, 0)?.low ?? 0);
    expect(width(2)).toBeGreaterThan(width(0));
  });
});

describe("the entropy of votes", () => {
  it("is 0 where all agree, 1 where they split evenly, and nothing without answers", () => {
    const entropies = voteEntropies(answers);
    expect(entropies[2]).toBe(0);
    expect(entropies[1]).toBeCloseTo(1, 12);
    const none = createAnswers({ tasks: 1, contributors: 0, classes: 2, task: [], contributor: [], label: [] });
    expect(voteEntropies(none)[0]).toBeNaN();
  });
});

describe("error matrices of some contributors", () => {
  const labels = Int32Array.from({ length: 40 }, (_, t) => t % 2);

  it("are the same as among all", () => {
    const all = [...errorMatrices(answers, { labels })];
    const some = [...errorMatrices(answers, { labels }, { isWanted: (contributor) => contributor === 1 })];
    expect(some).toEqual(all.filter(({ contributor }) => contributor === 1));
  });

  it("may have another interval, near the exact one where answers are not few", () => {
    const score = (a: number, b: number) => interval(a, a + b);
    const exact = [...errorMatrices(answers, { labels })];
    for (const [i, cell] of [...errorMatrices(answers, { labels }, { intervalOf: score })].entries()) {
      if (cell.contributor === 2) continue;
      expect(cell.probability).toBe(exact[i]?.probability);
      expect(Math.abs(cell.low - (exact[i]?.low ?? 1))).toBeLessThan(0.12);
      expect(Math.abs(cell.high - (exact[i]?.high ?? 0))).toBeLessThan(0.12);
    }
  });
});
