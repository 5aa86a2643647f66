import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Interner } from "./interner.ts";
import { rowOfTexts } from "./row.ts";

const intern = (interner: Interner, text: string): number => interner.intern(rowOfTexts(["before", text]), 1);
const all = ({ length, at }: { readonly length: number; readonly at: (index: number) => string }): string[] =>
  Array.from({ length }, (_, index) => at(index));

/** With many that begin alike, and some twice. */
const texts = fc.array(
  fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 40 })),
  { maxLength: 60 },
);

describe("an interner", () => {
  it("numbers texts in the order they come", () => {
    fc.assert(
      fc.property(texts, (given) => {
        const interner = new Interner();
        const known = [...new Set(given)];
        expect(given.map((text) => intern(interner, text))).toEqual(given.map((text) => known.indexOf(text)));
        expect(all(interner)).toEqual(known);
        expect(interner.find(rowOfTexts(["not there, as it is longer than any of the others"]), 0)).toBe(-1);
      }),
    );
  });

  it("puts them in the order of their bytes, whatever order they came in", () => {
    fc.assert(
      fc.property(texts, (given) => {
        const interner = new Interner();
        for (const text of given) intern(interner, text);
        const expected = [...new Set(given)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const { texts: inOrder, places } = interner.ordered();
        expect(all(inOrder)).toEqual(expected);
        expect(Array.from(places, inOrder.at)).toEqual(all(interner));
      }),
    );
  });

  it("puts labels that are numbers first, by value", () => {
    const interner = new Interner();
    for (const text of ["yes", "10", "-1", "9", "No", "1e1"]) intern(interner, text);
    expect(interner.orderedAsLabels().texts).toEqual(["-1", "9", "10", "1e1", "No", "yes"]);
  });

  it("keeps more than fits into a piece of its memory", () => {
    const interner = new Interner();
    const long = "x".repeat(1_000_000);
    const given = Array.from({ length: 20 }, (_, i) => `${i}${long}${i}`);
    expect(given.map((text) => intern(interner, text))).toEqual([...given.keys()]);
    expect(intern(interner, given[7] as string)).toBe(7);
    expect(interner.at(19) === given[19]).toBe(true);
  });

  it("knows twenty thousand again", () => {
    const interner = new Interner();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20_000; i++) if (intern(interner, `task-${i}`) !== i) throw new Error(`lost ${i}`);
    }
    expect(interner.length).toBe(20_000);
  });
});
