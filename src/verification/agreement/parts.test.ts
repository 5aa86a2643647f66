import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChoicesSchema } from "../answers/choices.ts";
import type { NumberSchema } from "../answers/number.ts";
import type { ScaleSchema } from "../answers/scale.ts";
import { agreeOnChoices, matchChoices } from "./choices.ts";
import { agreeOnNumber, matchNumber } from "./number.ts";
import { agreeOnScale, matchScale } from "./scale.ts";
import { lowerMedian, probabilityPpm, type Vote } from "./vote.ts";
import { agree } from "./weighted.ts";

const votesOf = <T>(...votes: readonly (readonly [answer: T, weight: number])[]): Vote<T>[] =>
  votes.map(([answer, weight]) => ({ answer, weight }));

const someWeight = fc.nat({ max: 4_000 });

describe("the weighted lower median", () => {
  it("is the median of as many copies as each weighs", () => {
    const weighed = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.nat({ max: 6 })), { minLength: 1 });
    fc.assert(
      fc.property(weighed, (each) => {
        const copies = each.flatMap(([value, weight]) => Array<number>(weight).fill(value)).sort((a, b) => a - b);
        fc.pre(copies.length > 0);
        const median = lowerMedian(
          each.map(([value]) => value),
          each.map(([, weight]) => weight),
        );
        expect(median).toBe(copies[Math.ceil(copies.length / 2) - 1]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("choices", () => {
  const schema: ChoicesSchema = { type: "choices", choices: ["a", "b", "c", "d"], min: 0, max: 4 };
  const anyVotes = fc.array(fc.record({ answer: fc.subarray([0, 1, 2, 3]), weight: someWeight }), { maxLength: 7 });

  it("are a question with two answers each", () => {
    fc.assert(
      fc.property(anyVotes, (votes) => {
        const each = [0, 1, 2, 3].map((choice) =>
          agree(
            votes.map(({ answer, weight }) => ({ choice: Number(answer.includes(choice)), weight })),
            2,
          ),
        );
        const { label, confidencePpm } = agreeOnChoices(schema, votes);
        expect(label).toEqual([0, 1, 2, 3].filter((choice) => each[choice]?.choice === 1));
        const least = Math.min(...each.map((one) => one.confidencePpm));
        expect(confidencePpm).toBe(votes.length === 0 ? 0 : least);
      }),
      { numRuns: 1_000 },
    );
  });

  it("have their numbers changed by how they are numbered, and nothing else", () => {
    // Ties by index apart: every set of votes has another weight.
    const numbered = fc.record({
      answers: fc.array(fc.subarray([0, 1, 2, 3], { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
      to: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    });
    const bounded = { ...schema, min: 1, max: 2 };
    fc.assert(
      fc.property(numbered, ({ answers, to }) => {
        const votes = answers.map((answer, i) => ({ answer, weight: 100 * 2 ** i }));
        const renamed = votes.map(({ answer, weight }) => ({
          answer: answer.map((choice) => to[choice] as number).sort((a, b) => a - b),
          weight,
        }));
        const [before, after] = [agreeOnChoices(bounded, votes), agreeOnChoices(bounded, renamed)];
        expect(after.confidencePpm).toBe(before.confidencePpm);
        const support = (choice: number) =>
          votes.filter(({ answer }) => answer.includes(choice)).reduce((sum, { weight }) => sum + weight, 0);
        const isTied = [0, 1, 2, 3].some((a) => before.label.some((b) => a !== b && support(a) === support(b)));
        if (isTied) return;
        expect(after.label).toEqual(before.label.map((choice) => to[choice] as number).sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["a tie is out", schema, votesOf([[0], 500], [[1], 500]), [], 500_000],
    ["more votes of equal weight are in", schema, votesOf([[0], 500], [[0], 500], [[1], 1_000]), [0], 500_000],
    [
      "more votes of equal weight are in, whatever the index",
      schema,
      votesOf([[1], 500], [[1], 500], [[0], 1_000]),
      [1],
      500_000,
    ],
    ["too few are filled up", { ...schema, min: 1 }, votesOf([[2], 500], [[1], 400]), [2], 524_979],
    ["too many are cut", { ...schema, max: 1 }, votesOf([[1, 3], 500], [[3], 400]), [3], 475_021],
    ["those that nobody chose are the last to come in", { ...schema, min: 2 }, votesOf([[3], 800]), [0, 3], 310_026],
    ["nobody says anything", { ...schema, min: 1 }, [], [0], 0],
  ] as const)("%s", (_, rule, votes, label, confidencePpm) => {
    expect(agreeOnChoices(rule, votes as readonly Vote<readonly number[]>[])).toEqual({ label, confidencePpm });
  });

  it.each([
    [[], [], 1_000_000],
    [[], [1], 0],
    [[1, 2], [2, 3], 500_000],
    [[1], [1, 2], 666_666],
    [[1, 2, 3], [1, 2, 3], 1_000_000],
  ])("%j match %j by %d", (answer, label, share) => {
    expect(matchChoices(answer, label)).toBe(share);
    expect(matchChoices(label, answer)).toBe(share);
  });
});

describe("a scale", () => {
  const schema: ScaleSchema = { type: "scale", min: 1, max: 5, labels: null, tolerance: 0 };
  const anyVotes = fc.array(fc.record({ answer: fc.integer({ min: 1, max: 5 }), weight: someWeight }), {
    minLength: 1,
    maxLength: 7,
  });

  it("is as sure as choices where nothing is tolerated", () => {
    fc.assert(
      fc.property(anyVotes, (votes) => {
        const { label, confidencePpm } = agreeOnScale(schema, votes);
        const others = votes.filter(({ answer }) => answer !== label);
        const sure = (one: readonly Vote<number>[]) => one.reduce((sum, { weight }) => sum + weight, 0);
        const likelihoods = [1, 2, 3, 4, 5].map((step) =>
          Math.exp(sure(votes.filter(({ answer }) => answer === step)) / 1000),
        );
        const posterior = (likelihoods[label - 1] as number) / likelihoods.reduce((sum, each) => sum + each, 0);
        expect(Math.abs(confidencePpm - 1e6 * posterior)).toBeLessThanOrEqual(1);
        expect(2 * sure(others.filter(({ answer }) => answer < label))).toBeLessThanOrEqual(sure(votes));
        expect(2 * sure(others.filter(({ answer }) => answer > label))).toBeLessThanOrEqual(sure(votes));
      }),
      { numRuns: 500 },
    );
  });

  it("is surer of neighbours than of answers that are far apart", () => {
    const tolerant = { ...schema, tolerance: 1 };
    const near = agreeOnScale(tolerant, votesOf([3, 900], [3, 900], [4, 900]));
    const far = agreeOnScale(tolerant, votesOf([3, 900], [3, 900], [1, 900]));
    expect([near.label, far.label]).toEqual([3, 3]);
    expect(near.confidencePpm).toBeGreaterThan(far.confidencePpm + 50_000);
  });

  it.each([
    ["the lower of two", votesOf([5, 800], [1, 800]), 1],
    ["the one with more weight", votesOf([5, 801], [1, 800]), 5],
    ["what most say, however far out the others", votesOf([2, 800], [2, 800], [5, 1_500]), 2],
    ["the median of votes without weight", votesOf([4, 0], [5, 0], [1, 0]), 4],
    ["the lowest step without votes", votesOf<number>(), 1],
  ])("takes %s", (_, votes, label) => {
    expect(agreeOnScale(schema, votes).label).toBe(label);
  });

  it.each([
    [0, 3, 3, 1_000_000],
    [0, 4, 3, 500_000],
    [0, 5, 3, 0],
    [0, 2, 1, 750_000],
    [0, 5, 1, 0],
    [1, 4, 3, 1_000_000],
    [1, 3, 1, 666_666],
    [1, 5, 1, 0],
    [2, 1, 3, 1_000_000],
  ])("with tolerance %d pays %d for %d by %d", (tolerance, answer, label, share) => {
    expect(matchScale({ ...schema, tolerance }, answer, label)).toBe(share);
  });
});

describe("a number", () => {
  const tolerance = { absolute: 0.5, ppm: 0 };
  const schema: NumberSchema = { type: "number", min: -100, max: 100, decimals: 1, tolerance };

  it.each([
    ["the mean of those near the median", votesOf([100, 900], [103, 900], [104, 900], [900, 900]), 102, 858_149],
    ["means by weight", votesOf([100, 3_000], [104, 1_000]), 101, 982_014],
    ["halves down", votesOf([100, 1_000], [101, 1_000]), 100, 880_797],
    ["negative halves down", votesOf([-100, 1_000], [-101, 1_000]), -101, 880_797],
    ["the lower of two that are apart", votesOf([100, 1_000], [200, 1_000]), 100, 500_000],
    ["one vote", votesOf([7, 847]), 7, 699_937],
    ["votes without weight", votesOf([10, 0], [12, 0], [400, 0]), 11, 500_000],
    ["the least without votes", votesOf<number>(), -1_000, 0],
  ])("takes %s", (_, votes, label, confidencePpm) => {
    const agreement = agreeOnNumber(schema, votes);
    expect(agreement.label).toBe(label);
    expect(agreement.confidencePpm).toBe(confidencePpm);
  });

  it("is not pulled by a minority, however far out", () => {
    const far = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 3 });
    fc.assert(
      fc.property(far, (answers) => {
        const votes = [50, 50, 51, 51].map((answer) => ({ answer, weight: 1_000 }));
        const { label } = agreeOnNumber(schema, [...votes, ...answers.map((answer) => ({ answer, weight: 1_000 }))]);
        expect(Math.abs(label - 50)).toBeLessThanOrEqual(6);
      }),
    );
  });

  it("is exact where doubles are not", () => {
    const wide: NumberSchema = {
      type: "number",
      min: -1e15,
      max: 1e15,
      decimals: 0,
      tolerance: { absolute: 1e15, ppm: 0 },
    };
    const values = fc.array(fc.integer({ min: 1, max: 9e14 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(values, (answers) => {
        const sum = answers.reduce((total, each) => total + BigInt(each), 0n);
        const count = BigInt(answers.length);
        // ⌈sum ÷ count − ½⌉
        const mean = (2n * sum - count + 2n * count - 1n) / (2n * count);
        const votes = answers.map((answer) => ({ answer, weight: 123_457 }));
        expect(BigInt(agreeOnNumber(wide, votes).label)).toBe(mean);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [tolerance, 105, 100, true],
    [tolerance, 106, 100, false],
    [{ absolute: 0, ppm: 100_000 }, 109, 100, true],
    [{ absolute: 0, ppm: 100_000 }, 111, 100, false],
    [{ absolute: 0, ppm: 100_000 }, -90, -100, true],
    [{ absolute: 2, ppm: 100_000 }, 120, 100, true],
    [{ absolute: 0, ppm: 0 }, 0, 0, true],
  ])("with tolerance %j pays %d for %d: %s", (tolerated, answer, label, isRight) => {
    expect(matchNumber({ ...schema, tolerance: tolerated }, answer, label)).toBe(isRight ? 1_000_000 : 0);
  });
});

describe("a probability", () => {
  it("is a half where nothing is ahead, and mirrored", () => {
    expect(probabilityPpm(0)).toBe(500_000);
    fc.assert(
      fc.property(fc.integer({ min: -20_000, max: 20_000 }), (ahead) => {
        expect(Math.abs(probabilityPpm(ahead) + probabilityPpm(-ahead) - 1_000_000)).toBeLessThanOrEqual(1);
        expect(Math.abs(probabilityPpm(ahead) - 1e6 / (1 + Math.exp(-ahead / 1e3)))).toBeLessThanOrEqual(0.5001);
      }),
    );
  });
});
