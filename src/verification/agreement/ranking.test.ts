import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RankingSchema } from "../answers/ranking.ts";
import { contradicted, exactItemsMax, kemenyOrder } from "./kemeny.ts";
import { agreeOnRanking, matchRanking } from "./ranking.ts";
import type { Vote } from "./vote.ts";

const rankingOf = (size: number, top = size): RankingSchema => ({
  type: "ranking",
  items: Array.from({ length: size }, (_, i) => `item ${i}`),
  top,
});

const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

/** Every order, those first that come first item by item. */
function* orders(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const item of items) {
    for (const rest of orders(items.filter((each) => each !== item))) yield [item, ...rest];
  }
}

const preferences = (size: number) =>
  fc
    .array(fc.nat({ max: 9 }), { minLength: size * size, maxLength: size * size })
    .map((weights) => Float64Array.from(weights));

describe("Kemeny's order", () => {
  it("is the best of all orders, of equals the first", () => {
    const cases = fc.integer({ min: 2, max: 6 }).chain((size) => fc.tuple(fc.constant(size), preferences(size)));
    fc.assert(
      fc.property(cases, ([size, prefer]) => {
        let best: number[] = [];
        let least = Infinity;
        for (const order of orders(upTo(size))) {
          const cost = contradicted(order, size, prefer);
          if (cost >= least) continue;
          least = cost;
          best = order;
        }
        expect(kemenyOrder(size, prefer)).toEqual(best);
      }),
      { numRuns: 150 },
    );
  });

  it("is nearly the best for nine items, where it is looked for", () => {
    // A ninth item that all put last does not change the order of the others.
    const size = exactItemsMax + 1;
    let [found, best] = [0, 0];
    fc.assert(
      fc.property(preferences(exactItemsMax), (prefer) => {
        const wider = new Float64Array(size * size);
        for (const i of upTo(exactItemsMax)) {
          wider[i * size + exactItemsMax] = 100;
          for (const j of upTo(exactItemsMax)) wider[i * size + j] = prefer[i * exactItemsMax + j] as number;
        }
        const searched = kemenyOrder(size, wider);
        expect(searched.at(-1)).toBe(exactItemsMax);
        found += contradicted(searched, size, wider);
        best += contradicted(kemenyOrder(exactItemsMax, prefer), exactItemsMax, prefer);
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(found).toBeGreaterThanOrEqual(best);
    expect(found / best).toBeLessThan(1.01);
  });

  it("finds an order that all agree on, of any number", () => {
    const cases = fc.integer({ min: 2, max: 40 }).chain((size) => fc.shuffledSubarray(upTo(size), { minLength: size }));
    fc.assert(
      fc.property(cases, (order) => {
        const schema = rankingOf(order.length);
        expect(agreeOnRanking(schema, [{ answer: order, weight: 900 }]).label).toEqual(order);
      }),
      { numRuns: 50 },
    );
  });
});

const votesOf = (...votes: readonly (readonly [readonly number[], number])[]): Vote<readonly number[]>[] =>
  votes.map(([answer, weight]) => ({ answer, weight }));

describe("agreement on an order", () => {
  it.each([
    // Condorcet's winner is not Borda's: 1 beats each other by a majority.
    ["follows majorities of pairs", rankingOf(3), votesOf([[1, 0, 2], 600], [[0, 2, 1], 400]), [1, 0, 2], 549_834],
    [
      "breaks a circle at its weakest",
      rankingOf(3),
      votesOf([[0, 1, 2], 500], [[1, 2, 0], 400], [[2, 0, 1], 300]),
      [0, 1, 2],
      450_166,
    ],
    ["takes the first of equals", rankingOf(2), votesOf([[1, 0], 500], [[0, 1], 500]), [0, 1], 500_000],
    ["goes by votes without weight", rankingOf(2), votesOf([[1, 0], 0], [[1, 0], 0], [[0, 1], 0]), [1, 0], 500_000],
    ["is the given one without votes", rankingOf(3), votesOf(), [0, 1, 2], 0],
    ["is cut to the top", rankingOf(4, 2), votesOf([[3, 1], 800], [[3, 2], 700]), [3, 1], 524_979],
  ] as const)("%s", (_, schema, votes, label, confidencePpm) => {
    expect(agreeOnRanking(schema, votes)).toEqual({ label, confidencePpm });
  });

  it("has its items changed by how they are numbered, and nothing else", () => {
    const size = 5;
    const permuted = fc.record({
      answers: fc.array(fc.shuffledSubarray(upTo(size), { minLength: size }), { minLength: 1, maxLength: 4 }),
      to: fc.shuffledSubarray(upTo(size), { minLength: size }),
    });
    fc.assert(
      fc.property(permuted, ({ answers, to }) => {
        // Each weighs more than all before: the heaviest decides alone, so that there are no ties.
        const votes = answers.map((answer, i) => ({ answer, weight: 10 * 3 ** i }));
        const renamed = votes.map(({ answer, weight }) => ({
          answer: answer.map((item) => to[item] as number),
          weight,
        }));
        const [before, after] = [agreeOnRanking(rankingOf(size), votes), agreeOnRanking(rankingOf(size), renamed)];
        expect(after).toEqual({ ...before, label: before.label.map((item) => to[item] as number) });
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [rankingOf(3), [0, 1, 2], [0, 1, 2], 1_000_000],
    [rankingOf(3), [2, 1, 0], [0, 1, 2], 0],
    [rankingOf(3), [0, 2, 1], [0, 1, 2], 333_333],
    [rankingOf(4), [1, 0, 2, 3], [0, 1, 2, 3], 666_666],
    [rankingOf(4), [3, 0, 1, 2], [0, 1, 2, 3], 0],
    [rankingOf(4, 2), [0, 1], [0, 1], 1_000_000],
    // Of six pairs, (0, 3) and (1, 3) agree, (0, 1) does not; that of 2 with 3 is ordered by neither.
    [rankingOf(4, 2), [1, 0], [0, 1], 600_000],
    [rankingOf(4, 2), [2, 3], [0, 1], 0],
    [rankingOf(3, 1), [0], [1], 0],
  ] as const)("%o pays %j for %j by %d", (schema, answer, label, share) => {
    expect(matchRanking(schema, answer, label)).toBe(share);
  });

  it("pays nothing for an order by chance, in the mean of all", () => {
    const schema = rankingOf(5);
    let sum = 0;
    let count = 0;
    for (const order of orders(upTo(5))) {
      const [there, back] = [matchRanking(schema, order, upTo(5)), matchRanking(schema, order.toReversed(), upTo(5))];
      expect(Math.min(there, back)).toBe(0);
      sum += there - back;
      count++;
    }
    expect(count).toBe(120);
    expect(Math.abs(sum)).toBe(0);
  });
});
