import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPolisHere, type Polis, polisNames, readPolis } from "../../../test/support/polis.ts";
import { agreeBridged, groupsFromHistory, ratersMinOfFactorisation, statusOfPlace } from "./bridged.ts";
import { factorise, type Rating } from "./factorisation.ts";
import { agreeByGroups, type GroupVote } from "./group-agreement.ts";

const votesOf = (...groups: readonly (readonly [ours: number, theirs: number])[]): GroupVote[] =>
  groups.flatMap(([ours, theirs], group) =>
    Array.from({ length: ours + theirs }, (_, i) => ({ group, isFor: i < ours })),
  );

describe("agreement of groups", () => {
  it.each([
    ["both are for it", votesOf([5, 0], [4, 1]), "passed", 800_000],
    ["one rejects what many more want", votesOf([10_000, 0], [2, 3]), "failed", 400_000],
    ["the worst is just good enough", votesOf([9, 0], [3, 2]), "passed", 600_000],
    ["one has too few votes", votesOf([9, 0], [4, 0]), "open", 1_000_000],
    ["one has too few votes, the other is against it", votesOf([0, 9], [4, 0]), "failed", 0],
    ["nobody votes", [], "open", 1_000_000],
    [
      "votes are of no group",
      [
        { group: -1, isFor: true },
        { group: 7, isFor: true },
      ],
      "open",
      1_000_000,
    ],
  ])("where %s", (_, votes, status, worstPpm) => {
    expect(agreeByGroups(2, votes)).toEqual({ status, worstPpm });
  });

  it("needs two groups", () => {
    expect(agreeByGroups(1, votesOf([50, 0])).status).toBe("open");
    expect(agreeByGroups(0, []).status).toBe("open");
  });

  it("is not moved by how large a majority is", () => {
    const counts = fc.record({ ours: fc.integer({ min: 5, max: 20 }), copies: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(counts, fc.nat({ max: 2 }), ({ ours, copies }, theirs) => {
        expect(agreeByGroups(2, votesOf([ours * copies, 0], [theirs, 5 - theirs])).status).toBe("failed");
      }),
    );
  });
});

/** Two camps of 150; the first 12 opinions both like, then 12 each that one likes, then 12 that nobody does. */
function planted(): Rating[] {
  const ratings: Rating[] = [];
  for (let rater = 0; rater < 300; rater++) {
    for (let item = 0; item < 48; item++) {
      // A third of all pairs, and one rating in nine not as the camp would have it.
      const mix = (Math.imul(rater * 48 + item + 1, 0x9e37_79b1) >>> 12) % 27;
      if (mix % 3 !== 0) continue;
      const kind = Math.floor(item / 12);
      const likes = kind === 0 || (kind === 1 && rater < 150) || (kind === 2 && rater >= 150);
      ratings.push({ rater, item, valuePpm: likes === mix > 0 ? 1_000_000 : 0 });
    }
  }
  return ratings;
}

describe("the factorisation", () => {
  const ratings = planted();
  const model = factorise(300, 48, ratings);
  const placesOf = (kind: number) => model.items.slice(12 * kind, 12 * kind + 12);

  it("finds what both camps like, and which way each camp leans", () => {
    expect(model.ratersHeard).toBe(300);
    const [both, first, second, none] = [0, 1, 2, 3].map(placesOf);
    const highest = Math.max(
      ...[first, second, none].flatMap((each) => each?.map((place) => place?.interceptPpm ?? 0) ?? []),
    );
    for (const place of both ?? []) expect(place?.interceptPpm).toBeGreaterThan(highest);
    const side = Math.sign(first?.[0]?.factorPpm ?? 0);
    expect(side).not.toBe(0);
    for (const place of first ?? []) expect(side * (place?.factorPpm ?? 0)).toBeGreaterThan(300_000);
    for (const place of second ?? []) expect(side * (place?.factorPpm ?? 0)).toBeLessThan(-300_000);
    for (const place of [...(both ?? []), ...(none ?? [])])
      expect(Math.abs(place?.factorPpm ?? 1e6)).toBeLessThan(300_000);
    const groups = groupsFromHistory(300, 48, ratings);
    expect(new Set(groups.slice(0, 150)).size).toBe(1);
    expect(new Set(groups).size).toBe(2);
  });

  it("does not depend on the order of the ratings", () => {
    const shuffled = fc.shuffledSubarray(ratings, { minLength: ratings.length });
    fc.assert(
      fc.property(shuffled, (other) => {
        expect(factorise(300, 48, other)).toEqual(model);
      }),
      { numRuns: 2 },
    );
  });

  it("has a place where no parameter can be moved for the better", () => {
    // The loss written plainly; the mean is what the best mean is for these places.
    const [itemPlaces, raterPlaces] = [model.items, model.raters].map((places) =>
      places.map((place) => [(place?.interceptPpm ?? 0) / 1e6, (place?.factorPpm ?? 0) / 1e6] as [number, number]),
    ) as [[number, number][], [number, number][]];
    const squares = (places: [number, number][], at: 0 | 1): number =>
      places.reduce((sum, place) => sum + place[at] * place[at], 0) / places.length;
    const loss = (): number => {
      const rests = ratings.map(({ rater, item, valuePpm }) => {
        const [r, i] = [raterPlaces[rater], itemPlaces[item]] as [[number, number], [number, number]];
        return valuePpm / 1e6 - r[0] - i[0] - r[1] * i[1];
      });
      const mean = rests.reduce((sum, each) => sum + each, 0) / rests.length / 1.15;
      const error = rests.reduce((sum, each) => sum + (each - mean) ** 2, 0) / rests.length;
      const drawn = squares(itemPlaces, 0) + squares(raterPlaces, 0) + mean * mean;
      return error + 0.15 * drawn + 0.03 * (squares(itemPlaces, 1) + squares(raterPlaces, 1));
    };
    const least = loss();
    for (const place of [...itemPlaces.slice(0, 48), ...raterPlaces.slice(0, 10)]) {
      for (const [at, by] of [
        [0, 0.02],
        [0, -0.02],
        [1, 0.02],
        [1, -0.02],
      ] as const) {
        place[at] += by;
        expect(loss()).toBeGreaterThan(least);
        place[at] -= by;
      }
    }
  });

  it("leaves out who rated too little, and what was rated too little after that", () => {
    const few: Rating[] = [
      ...ratings,
      { rater: 300, item: 0, valuePpm: 0 },
      ...[300, 301, 302, 303, 304].map((rater) => ({ rater, item: 48, valuePpm: 1_000_000 })),
    ];
    const nearly = Array.from({ length: 9 }, (_, item) => ({ rater: 305, item, valuePpm: 0 }));
    const wider = factorise(306, 49, [...few, ...nearly, { rater: 305, item: 48, valuePpm: 0 }]);
    expect(wider.items[48]).toBeNull();
    expect(wider.raters.slice(300)).toEqual([null, null, null, null, null, null]);
    expect(wider.items.slice(0, 48)).toEqual(model.items);
  });

  it("is defined for nothing, and for raters who all say the same", () => {
    expect(factorise(2, 1, [])).toEqual({ items: [null], raters: [null, null], ratersHeard: 0 });
    const same = ratings.map((rating) => ({ ...rating, valuePpm: 1_000_000 }));
    for (const place of factorise(300, 48, same).items) {
      expect(place?.factorPpm).toBe(0);
      expect(Number.isInteger(place?.interceptPpm)).toBe(true);
    }
  });
});

describe("what a place says", () => {
  it.each([
    [400_000, 0, false, "passed"],
    [399_999, 0, false, "open"],
    [390_000, 0, true, "passed"],
    [389_999, 0, true, "open"],
    [900_000, 500_000, false, "open"],
    [900_000, -499_999, false, "passed"],
    [-50_000, 0, false, "open"],
    [-50_001, 0, false, "failed"],
    [-400_000, 500_000, false, "open"],
    [-450_001, -500_000, false, "failed"],
  ])("intercept %d and factor %d (passed before: %s): %s", (interceptPpm, factorPpm, hasPassed, status) => {
    expect(statusOfPlace({ interceptPpm, factorPpm }, hasPassed)).toBe(status);
  });

  it("is nothing where there is none", () => {
    expect(statusOfPlace(null, true)).toBe("open");
  });
});

describe("bridged agreement of few", () => {
  it("is that of the worst group", () => {
    const ratings = votesOf([8, 0], [5, 0]).map(({ isFor }, rater) => ({ rater, item: 0, valuePpm: isFor ? 1e6 : 0 }));
    const groupOf = ratings.map((_, rater) => (rater < 8 ? 0 : 1));
    const sizes = { raters: 13, items: 1, groups: 2 };
    expect(agreeBridged(sizes, ratings, groupOf)).toEqual(["passed"]);
    const split = ratings.map((rating) => (rating.rater > 9 ? { ...rating, valuePpm: 500_000 } : rating));
    expect(agreeBridged(sizes, split, groupOf)).toEqual(["failed"]);
    expect(agreeBridged(sizes, ratings, [])).toEqual(["open"]);
  });
});

describe("bridged agreement of many", () => {
  it("is not that of the model where a group rejects", () => {
    const ratings = planted();
    const groupOf = Array.from({ length: 300 }, (_, rater) => (rater < 150 ? 0 : 1));
    const easy = { interceptMin: 0, interceptMinToStay: 0, factorMax: 1_000_000 };
    const statuses = agreeBridged({ raters: 300, items: 48, groups: 2 }, ratings, groupOf, new Set(), easy);
    expect(new Set(statuses.slice(0, 12))).toEqual(new Set(["passed"]));
    expect(new Set(statuses.slice(12))).toEqual(new Set(["failed"]));
    // Groups that are not known reject nothing, and the model decides.
    const model = factorise(300, 48, ratings);
    const alone = agreeBridged({ raters: 300, items: 48, groups: 2 }, ratings, [], new Set([0]), easy);
    expect(alone).toEqual(model.items.map((place, item) => statusOfPlace(place, item === 0, easy)));
    expect(alone.slice(12, 36)).toContain("passed");
  });
});

/** How many of the group agree, of those who voted on the item. */
function shareFor({ ratings, groupOf }: Polis, item: number, group: number): number {
  const mine = ratings.filter((rating) => rating.item === item && groupOf[rating.rater] === group);
  return mine.length < 5 ? Number.NaN : mine.filter(({ valuePpm }) => valuePpm > 500_000).length / mine.length;
}

/** Everybody of a group as often as that. */
function withCopies(polis: Polis, group: number, copies: number): Polis {
  const { raters, ratings, groupOf } = polis;
  const more = Array.from({ length: copies }, (_, i) => i).flatMap((copy) =>
    ratings
      .filter(({ rater }) => groupOf[rater] === group)
      .map((rating) => ({ ...rating, rater: rating.rater + copy * raters })),
  );
  return {
    ...polis,
    raters: raters * copies,
    ratings: [...ratings.filter(({ rater }) => groupOf[rater] !== group), ...more],
    groupOf: Array.from({ length: copies }, () => groupOf).flat(),
  };
}

describe.each(polisNames)("opinions of %s", (name) => {
  it.skipIf(!isPolisHere(name))("pass where both groups agree, and not where one rejects them", () => {
    const polis = readPolis(name);
    const model = factorise(polis.raters, polis.items, polis.ratings);
    expect(model.ratersHeard).toBeGreaterThan(ratersMinOfFactorisation);
    const byBoth = agreeBridged({ ...polis, groups: 2 }, polis.ratings, polis.groupOf);
    let rejected = 0;
    let passed = 0;
    for (let item = 0; item < polis.items; item++) {
      const worst = Math.min(shareFor(polis, item, 0), shareFor(polis, item, 1));
      // The model alone, which does not know Polis's groups.
      const status = statusOfPlace(model.items[item] ?? null, false);
      if (worst < 0.5) {
        expect(status).not.toBe("passed");
        expect(byBoth[item]).toBe("failed");
        rejected++;
      }
      if (status === "passed") {
        expect(worst).toBeGreaterThan(0.7);
        passed++;
      }
    }
    expect(rejected).toBeGreaterThan(50);
    expect(passed).toBeGreaterThan(3);
  });

  it.skipIf(!isPolisHere(name))("have the groups that Polis found, from the history of other opinions", () => {
    const polis = readPolis(name);
    // Even opinions are judged, odd ones are history.
    const history = polis.ratings.filter(({ item }) => item % 2 === 1);
    const groups = groupsFromHistory(polis.raters, polis.items, history);
    const counts = [0, 0];
    for (const [rater, group] of groups.entries()) {
      const known = polis.groupOf[rater] ?? -1;
      if (group < 0 || known < 0) continue;
      counts[Number(group === known)] = (counts[Number(group === known)] as number) + 1;
    }
    const [apart = 0, alike = 0] = counts;
    expect(apart + alike).toBeGreaterThan(250);
    expect(Math.max(apart, alike) / (apart + alike)).toBeGreaterThan(0.9);
  });

  it.skipIf(!isPolisHere(name))("do not pass by many more of a group that likes them", () => {
    const polis = readPolis(name);
    const larger = withCopies(polis, 1, 3);
    const byBoth = agreeBridged({ ...larger, groups: 2 }, larger.ratings, larger.groupOf);
    let outvoted = 0;
    for (let item = 0; item < polis.items; item++) {
      if (!(shareFor(polis, item, 0) < 0.5 && shareFor(polis, item, 1) > 0.6)) continue;
      expect(byBoth[item]).toBe("failed");
      outvoted++;
    }
    expect(outvoted).toBeGreaterThan(5);
  });
});
