import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coinRow, type MarketModel, newcomerModel, uniformModel } from "./market-model.ts";
import { type CastVote, classProbabilities, posterior, undiscountedPpm } from "./posterior.ts";

/** All evidence is believed, and no crowd is wrong. */
const plain = (classes: number, accuracies: readonly number[]): MarketModel => ({
  ...uniformModel(classes, 0.7),
  rows: new Map(accuracies.map((accuracy, contributor) => [contributor, coinRow(classes, accuracy)])),
  discountPpm: 1_000_000,
  floorPpm: 0,
});

const vote = (contributor: number, label: number): CastVote => ({ contributor, label });

/** Written plainly: every class, every vote, probabilities as they are. */
function slowly(model: MarketModel, votes: readonly CastVote[]): number[] {
  const { classes, form, prior, discountPpm, floorPpm } = model;
  const scores = Array.from({ length: classes }, (_, c) => {
    let surprise = 0;
    for (const { contributor, label } of votes) {
      const row = model.rows.get(contributor) ?? model.newcomer;
      surprise += form === "matrix" ? (row[label * classes + c] ?? 0) : (row[label === c ? 0 : 1] ?? 0);
    }
    return Math.exp(-((form === "matrix" ? (prior[c] ?? 0) : 0) + (surprise * discountPpm) / 1e6) / 1_000);
  });
  const total = scores.reduce((sum, each) => sum + each, 0);
  return scores.map((each) => ((1e6 - floorPpm) * each) / total + floorPpm / classes);
}

const anyModel = fc
  .record({
    classes: fc.constantFrom(2, 3, 5, 16, 17, 40),
    accuracies: fc.array(fc.double({ min: 0.05, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 6 }),
    discountPpm: fc.integer({ min: 200_000, max: 1_000_000 }),
    floorPpm: fc.integer({ min: 0, max: 300_000 }),
  })
  .map(
    ({ classes, accuracies, discountPpm, floorPpm }): MarketModel => ({
      ...plain(classes, accuracies),
      discountPpm,
      floorPpm,
    }),
  );

const anyVotes = (classes: number): fc.Arbitrary<CastVote[]> =>
  fc.array(fc.record({ contributor: fc.nat(7), label: fc.nat(classes - 1) }), { maxLength: 8 });

const modelAndVotes = anyModel.chain((model) => anyVotes(model.classes).map((votes) => ({ model, votes })));

describe("the posterior", () => {
  it("is Bayes' rule where all evidence is believed", () => {
    const found = posterior(plain(2, [0.8, 0.9]), [vote(0, 1), vote(1, 1)]);
    expect(found.choice).toBe(1);
    expect(found.confidencePpm / 1e6).toBeCloseTo((0.8 * 0.9) / (0.8 * 0.9 + 0.2 * 0.1), 3);
    expect(found.confidencePpm + found.rivalPpm).toBe(1_000_000);
  });

  it("discounts evidence, and never promises more than the floor leaves", () => {
    const votes = Array.from({ length: 30 }, (_, i) => vote(i, 0));
    const full = plain(2, [0.8, 0.8]);
    const half = posterior({ ...full, discountPpm: 500_000 }, [vote(0, 0), vote(1, 0)]);
    expect(half.confidencePpm / 1e6).toBeCloseTo(0.8, 3);
    expect(posterior({ ...full, floorPpm: 100_000 }, votes).confidencePpm).toBe(950_000);
  });

  it("is what a plain calculation says", () => {
    fc.assert(
      fc.property(modelAndVotes, ({ model, votes }) => {
        const { choice, confidencePpm, rivalPpm } = posterior(model, votes);
        const all = slowly(model, votes);
        expect(Math.abs((all[choice] as number) - Math.max(...all))).toBeLessThan(1);
        expect(Math.abs((all[choice] as number) - confidencePpm)).toBeLessThan(2);
        const others = all.filter((_, c) => c !== choice);
        expect(Math.abs(Math.max(...others) - rivalPpm)).toBeLessThan(2);
      }),
    );
  });

  it("does not depend on the order of votes", () => {
    fc.assert(
      fc.property(modelAndVotes, ({ model, votes }) => {
        expect(posterior(model, votes.toReversed())).toEqual(posterior(model, votes));
      }),
    );
  });

  it("follows the labels when they are renamed", () => {
    const model = plain(3, [0.8, 0.7, 0.6]);
    const votes = [vote(0, 0), vote(1, 2), vote(2, 2)];
    const renamed = votes.map(({ contributor, label }) => vote(contributor, (label + 1) % 3));
    expect(posterior(model, renamed)).toEqual({
      ...posterior(model, votes),
      choice: (posterior(model, votes).choice + 1) % 3,
    });
  });

  it.each([2, 40])("breaks ties by votes, then by the lower class, of %i classes", (classes) => {
    const strong = coinRow(classes, 0.9);
    const model: MarketModel = {
      ...plain(classes, []),
      rows: new Map([
        [0, strong],
        [1, strong],
      ]),
    };
    expect(posterior(model, [vote(0, 1), vote(1, 0)]).choice).toBe(0);
    const even = strong.map((each) => 2 * Math.floor(each / 2));
    const halves: MarketModel = {
      ...plain(classes, []),
      rows: new Map([
        [0, even],
        [1, even.map((each) => each / 2)],
        [2, even.map((each) => each / 2)],
      ]),
    };
    expect(posterior(halves, [vote(0, 0), vote(1, 1), vote(2, 1)]).choice).toBe(1);
  });

  it("is the prior where nobody answered, and certain of a single class", () => {
    expect(posterior(plain(4, []), [])).toEqual({ choice: 0, confidencePpm: 250_000, rivalPpm: 250_000 });
    expect(posterior(newcomerModel(1), [])).toMatchObject({ choice: 0, confidencePpm: 1_000_000, rivalPpm: 0 });
    expect(posterior(newcomerModel(1), [vote(0, 0)])).toMatchObject({ choice: 0, confidencePpm: 1_000_000 });
  });

  it("handles ten thousand classes", () => {
    const found = posterior(plain(10_000, [0.9, 0.9]), [vote(0, 9_999), vote(1, 9_999)]);
    expect(found.choice).toBe(9_999);
    expect(found.confidencePpm).toBeGreaterThan(999_000);
    const against = posterior(plain(10_000, [1e-9]), [vote(0, 0)]);
    expect(against.choice).toBe(1);
  });

  it("gives the probabilities of all classes to whoever chooses", () => {
    const model = plain(3, [0.8]);
    const [a = 0, b = 0, c = 0] = classProbabilities(model, [vote(0, 1)]);
    expect([a, b, c].map((each) => Number(each.toFixed(3)))).toEqual([0.1, 0.8, 0.1]);
  });

  it("takes the evidence at face value for whoever asks what is clearly wrong", () => {
    fc.assert(
      fc.property(
        anyModel,
        fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 39 })), { maxLength: 8 }),
        (model, cast) => {
          const votes = cast.map(([contributor, label]) => vote(contributor, label % model.classes));
          const expected = slowly({ ...model, discountPpm: 1_000_000, floorPpm: 0 }, votes);
          for (const label of [0, 1, model.classes - 1])
            expect(Math.abs(undiscountedPpm(model, votes, label) - (expected[label] as number))).toBeLessThan(2);
        },
      ),
      { numRuns: 200 },
    );
  });
});
