import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { voteWeight } from "./weight.ts";
import { agree, type Vote } from "./weighted.ts";

const votesArbitrary = (choices: number): fc.Arbitrary<Vote[]> =>
  fc.array(fc.record({ choice: fc.nat({ max: choices - 1 }), weight: fc.nat({ max: 9_000 }) }), { maxLength: 12 });

const cases = fc
  .integer({ min: 2, max: 40 })
  .chain((choices) => fc.record({ choices: fc.constant(choices), votes: votesArbitrary(choices) }));

/** Bayes' rule written out: every choice's likelihood, over the sum of all. */
function posterior(votes: readonly Vote[], choices: number): number[] {
  const likelihood = Array.from({ length: choices }, (_, choice) =>
    votes.reduce((product, vote) => product * (vote.choice === choice ? Math.exp(vote.weight / 1_000) : 1), 1),
  );
  const total = likelihood.reduce((sum, each) => sum + each, 0);
  return likelihood.map((each) => each / total);
}

/** The choice that Bayes prefers; of equals the one with more votes, then the first. */
function preferred(votes: readonly Vote[], choices: number): number {
  const weightOf = (choice: number): number =>
    votes.filter((vote) => vote.choice === choice).reduce((sum, vote) => sum + vote.weight, 0);
  const countOf = (choice: number): number => votes.filter((vote) => vote.choice === choice).length;
  let best = 0;
  for (let choice = 1; choice < choices; choice++) {
    const more = weightOf(choice) - weightOf(best) || countOf(choice) - countOf(best);
    if (more > 0) best = choice;
  }
  return best;
}

describe("agreement", () => {
  it("is Bayes' rule with a flat prior", () => {
    fc.assert(
      fc.property(cases, ({ votes, choices }) => {
        const { choice, confidencePpm } = agree(votes, choices);
        expect(choice).toBe(preferred(votes, choices));
        expect(Math.abs(confidencePpm - 1e6 * (posterior(votes, choices)[choice] as number))).toBeLessThanOrEqual(
          0.5001,
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it("does not depend on the order of the votes", () => {
    const shuffled = cases.chain(({ votes, choices }) =>
      fc.record({
        choices: fc.constant(choices),
        votes: fc.constant(votes),
        other: fc.shuffledSubarray(votes, { minLength: votes.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ votes, other, choices }) => {
        expect(agree(other, choices)).toEqual(agree(votes, choices));
      }),
      { numRuns: 1_000 },
    );
  });

  it("is surer for each vote more for the leading choice", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 5_000 }), ({ votes, choices }, weight) => {
        const before = agree(votes, choices);
        const after = agree([...votes, { choice: before.choice, weight }], choices);
        expect(after.choice).toBe(before.choice);
        expect(after.confidencePpm).toBeGreaterThanOrEqual(before.confidencePpm);
      }),
    );
  });

  it.each([
    ["no votes among two", [], 2, 0, 500_000],
    ["no votes among three", [], 3, 0, 333_333],
    ["one newcomer among two", [[1, 847]], 2, 1, 699_937],
    [
      "a tie",
      [
        [1, 847],
        [0, 847],
      ],
      2,
      0,
      500_000,
    ],
    [
      "a tie that has more votes on one side",
      [
        [2, 400],
        [1, 800],
        [2, 400],
      ],
      3,
      2,
      408_275,
    ],
    [
      "votes that weigh nothing",
      [
        [1, 0],
        [1, 0],
        [0, 0],
      ],
      4,
      1,
      250_000,
    ],
    ["certainty", [[3, 900_000]], 4, 3, 1_000_000],
    [
      "two experts against one another among ten thousand",
      [
        [9_999, 9_000],
        [0, 9_000],
      ],
      10_000,
      0,
      309_229,
    ],
  ] as readonly (readonly [string, readonly (readonly [number, number])[], number, number, number])[])(
    "of %s",
    (_, votes, choices, choice, confidencePpm) => {
      const asVotes = votes.map(([each, weight]) => ({ choice: each, weight }));
      expect(agree(asVotes, choices)).toEqual({ choice, confidencePpm });
    },
  );
});

describe("the weight of a vote", () => {
  it("is the log-odds of its contributor's accuracy", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 5_000 }),
        fc.nat({ max: 5_000 }),
        fc.integer({ min: 2, max: 10_000 }),
        (right, wrong, k) => {
          const accuracy = (right + 1.4) / (right + wrong + 2);
          const expected = 1_000 * Math.log((accuracy * (k - 1)) / (1 - accuracy));
          const weight = voteWeight(right, right + wrong, k);
          expect(Number.isInteger(weight)).toBe(true);
          expect(Math.abs(weight - Math.max(expected, 0))).toBeLessThanOrEqual(0.5001);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("grows with every right answer, and falls with every wrong one, to nothing", () => {
    fc.assert(
      fc.property(fc.nat({ max: 500 }), fc.nat({ max: 500 }), fc.integer({ min: 2, max: 50 }), (right, wrong, k) => {
        const weight = voteWeight(right, right + wrong, k);
        expect(voteWeight(right + 1, right + wrong + 1, k)).toBeGreaterThanOrEqual(weight);
        expect(voteWeight(right, right + wrong + 1, k)).toBeLessThanOrEqual(weight);
        expect(weight).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each([
    [0, 0, 2, 847],
    [0, 0, 3, 1_540],
    [0, 0, 10, 3_045],
    [10, 10, 2, 2_944],
    [5, 10, 2, 134],
    [0, 10, 2, 0],
    [1_000, 1_000, 2, 7_420],
  ])("of %d right of %d among %d choices", (right, checked, choices, weight) => {
    expect(voteWeight(right, checked, choices)).toBe(weight);
  });

  it("is nothing special where there is but one choice", () => {
    expect(voteWeight(0, 0, 1)).toBe(847);
  });
});
