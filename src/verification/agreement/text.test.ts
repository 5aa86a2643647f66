import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalisations, normalise, type TextSchema } from "../answers/text.ts";
import { agreeOnBest } from "./best-text.ts";
import { codePoints, editDistance } from "./edit-distance.ts";
import { agreeOnText, matchText } from "./text.ts";
import type { Vote } from "./vote.ts";

/** As Levenshtein defined it. */
function slowDistance(one: readonly number[], other: readonly number[]): number {
  const [a, ...restA] = one;
  const [b, ...restB] = other;
  if (a === undefined) return other.length;
  if (b === undefined) return one.length;
  if (a === b) return slowDistance(restA, restB);
  return 1 + Math.min(slowDistance(restA, other), slowDistance(one, restB), slowDistance(restA, restB));
}

describe("the edit distance", () => {
  const short = fc.array(fc.nat({ max: 2 }), { maxLength: 6 });

  it("is Levenshtein's, up to a bound", () => {
    fc.assert(
      fc.property(short, short, fc.nat({ max: 7 }), (one, other, max) => {
        const distance = slowDistance(one, other);
        expect(editDistance(one, other, max)).toBe(distance <= max ? distance : Infinity);
        expect(editDistance(one, other, Infinity)).toBe(distance);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is a distance", () => {
    fc.assert(
      fc.property(short, short, short, (a, b, c) => {
        const distance = (one: number[], other: number[]): number => editDistance(one, other, Infinity);
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
        expect(distance(a, b) === 0).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it.each([
    ["kitten", "sitting", 3],
    ["", "abc", 3],
    ["🎉a", "a🎉", 2],
    ["straße", "strasse", 2],
  ])("from %j to %j is %d", (one, other, distance) => {
    expect(editDistance(codePoints(one), codePoints(other), 99)).toBe(distance);
  });
});

const exact: TextSchema = { type: "text", charactersMax: 100, normalise: normalisations, distancePpm: 0 };
const near: TextSchema = { ...exact, distancePpm: 200_000 };

describe("the form in which texts are compared", () => {
  it.each([
    ["  New   York. ", "new york"],
    ["ＮＥＷ\u3000ＹＯＲＫ", "new york"],
    ["Straße", "strasse"],
    ["ΟΔΟΣ", "οδος"],
    ["οδοσ", "οδος"],
    ["e\u0301", "é"],
    ["don't — stop!", "dont stop"],
    ["", ""],
  ])("of %j is %j", (text, normal) => {
    expect(normalise(exact, text)).toBe(normal);
  });

  it("does only the steps of its schema", () => {
    expect(normalise({ ...exact, normalise: ["trim"] }, " A  b. ")).toBe("A  b.");
    expect(normalise({ ...exact, normalise: [] }, " A ")).toBe(" A ");
  });

  it("is of one form once it is taken, in scripts without special cases", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "B", "ß", " ", ".", "'", "\t", "é", "Ж", "中") }), (text) => {
        expect(normalise(exact, normalise(exact, text))).toBe(normalise(exact, text));
      }),
    );
  });
});

const votesOf = (...votes: readonly (readonly [string, number])[]): Vote<string>[] =>
  votes.map(([answer, weight]) => ({ answer, weight }));

describe("agreement on a text", () => {
  it.each([
    ["counts what is equal once normalised", exact, votesOf(["NYC", 900], ["nyc.", 900], ["Boston", 900]), "NYC"],
    ["takes the most written spelling", exact, votesOf(["nyc.", 500], ["NYC", 900], ["nyc.", 500]), "nyc."],
    ["takes the first of equals", exact, votesOf(["b", 500], ["a", 500]), "a"],
    ["gathers what is near", near, votesOf(["necessary", 601], ["neccessary", 600], ["because", 900]), "necessary"],
    [
      "takes the middle of what is near",
      near,
      votesOf(["abcdefghij", 600], ["abcdefghiX", 600], ["abcdefghXX", 600]),
      "abcdefghiX",
    ],
    ["goes by votes without weight", exact, votesOf(["b", 0], ["a", 0], ["B", 0]), "B"],
    ["is empty without votes", exact, votesOf(), ""],
  ])("%s", (_, schema, votes, label) => {
    expect(agreeOnText(schema, votes).label).toBe(label);
  });

  it("is as sure as of one choice among those written and one more", () => {
    const { confidencePpm } = agreeOnText(exact, votesOf(["a", 1_000], ["A", 1_000], ["b", 500]));
    const [a, b, none] = [Math.exp(2), Math.exp(0.5), 1];
    expect(confidencePpm).toBe(Math.round((1e6 * a) / (a + b + none)));
  });

  it.each([
    [exact, "New York", "new york", 1_000_000],
    [exact, "New York", "Newyork", 0],
    [near, "necessary", "neccessary", 1_000_000],
    [near, "abcde", "abcdX", 1_000_000],
    [near, "abcd", "abcX", 0],
    [near, "", "", 1_000_000],
    [near, "", "a", 0],
  ])("pays by it", (schema, answer, label, share) => {
    expect(matchText(schema, answer, label)).toBe(share);
    expect(matchText(schema, label, answer)).toBe(share);
  });
});

describe("the best of several texts", () => {
  const candidates = ["a poem", "another", "A poem!", "a third"];

  it("has the most weight of its peers, equal texts together", () => {
    const votes = [
      { best: 0, own: null, weight: 500 },
      { best: 2, own: 1, weight: 500 },
      { best: 1, own: 3, weight: 900 },
    ];
    const { label, confidencePpm } = agreeOnBest(exact, candidates, votes);
    expect(label).toBe(0);
    const [first, second] = [Math.exp(1), Math.exp(0.9)];
    expect(confidencePpm).toBe(Math.round((1e6 * first) / (first + second + 1)));
  });

  it("is not decided by votes for oneself", () => {
    const votes = [
      { best: 1, own: 1, weight: 5_000 },
      { best: 2, own: 0, weight: 5_000 },
      { best: 3, own: 0, weight: 100 },
    ];
    expect(agreeOnBest(exact, candidates, votes).label).toBe(3);
  });

  it("is defined without votes or candidates", () => {
    expect(agreeOnBest(exact, candidates, [])).toEqual({ label: 0, confidencePpm: 333_333 });
    expect(agreeOnBest(exact, [], [])).toEqual({ label: -1, confidencePpm: 0 });
  });
});
