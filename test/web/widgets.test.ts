import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerSchema as WireSchema } from "../../src/contract/answers.ts";
import { isEarnestError } from "../../src/core/errors.ts";
import { Field } from "../../src/core/field.ts";
import type { Json } from "../../src/core/json.ts";
import { readAnswer, readAnswerSchema } from "../../src/verification/answers/answer-schema.ts";
import { shownOf, subjectOf } from "../../web/source/content/parts.ts";
import { bodyOf, isComplete, isLong } from "../../web/source/widgets/draft.ts";
import { numberProblem, plainNumber, stepped } from "../../web/source/widgets/number-text.ts";
import { moved, rankedOf, toggledRank } from "../../web/source/widgets/order.ts";
import { boxesOf, polygonsOf, spansOf } from "../../web/source/widgets/rows.ts";
import { saidOf } from "../../web/source/widgets/said.ts";
import { matching } from "../../web/source/widgets/search.ts";
import {
  fromCodePoints,
  nextPlace,
  piecesOf,
  shownText,
  toCodePoints,
  withSpan,
  wordAt,
  wordsOf,
} from "../../web/source/widgets/spans/span-text.ts";
import { wayOf } from "../../web/source/widgets/way.ts";
import { codePointsOf, hasCompounds, wellFormed } from "../../web/source/widgets/written.ts";

/** Whether the server would take it: what the page offers to send, it must. */
function isTaken(schema: object, answer: Json): boolean {
  try {
    readAnswer(readAnswerSchema(new Field(schema as Json, "schema")), answer);
    return true;
  } catch (error) {
    if (isEarnestError(error, "MALFORMED_ANSWER")) return false;
    throw error;
  }
}

/** What counts as one, as two, and as half a character. */
const sign = fc.constantFrom("a", " ", "é", "न", "🐈", "\u200d", "\u0301", "\u202e", "\n", "\ud83d", "\udc08");

const schemaOf = (schema: object): WireSchema => schema as WireSchema;

describe("a number", () => {
  it("is read in anybody's digits and with anybody's point", () => {
    expect(plainNumber(" 12,5 ")).toBe("12.5");
    expect(plainNumber("१२.५")).toBe("12.5");
    expect(plainNumber("١٢٫٥")).toBe("12.5");
    expect(plainNumber("−3")).toBe("-3");
    expect(plainNumber("1 000")).toBe("1000");
    expect(plainNumber(".5")).toBe("0.5");
    expect(plainNumber("5.")).toBe("5");
    expect(plainNumber("+5")).toBe("5");
  });

  it("is sent only where the server takes it, and whenever it does", () => {
    const typed = fc.oneof(
      fc.stringMatching(/^-?[0-9]{0,4}[.,]?[0-9]{0,11}$/),
      fc.double({ min: -200, max: 200, noNaN: true }).map(String),
      fc.constantFrom("abc", "1e3", "--1", "1.2.3", "0.10", "٣", "-0", ""),
    );
    fc.assert(
      fc.property(typed, fc.integer({ min: 0, max: 4 }), (text, decimals) => {
        const schema = { type: "number", min: -100, max: 100, decimals };
        const plain = plainNumber(text);
        expect(numberProblem(plain, schema) === null).toBe(isTaken(schema, plain));
      }),
    );
  });

  it("goes up and down by its last place, inside its bounds", () => {
    const schema = { min: -1, max: 1, decimals: 1 };
    expect(stepped("0.2", 1, schema)).toBe("0.3");
    expect(stepped("0.3", -1, schema)).toBe("0.2");
    expect(stepped("1", 1, schema)).toBe("1.0");
    expect(stepped("", 1, { min: 5, max: 9, decimals: 0 })).toBe("6");
    expect(stepped("0.1", -1, schema)).toBe("0.0");
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1 as const, -1 as const)), (steps) => {
        let text = "";
        for (const by of steps) {
          text = stepped(text, by, schema);
          expect(numberProblem(text, schema)).toBeNull();
        }
      }),
    );
  });
});

describe("a ranking", () => {
  const items = ["a", "b", "c", "d"];
  it("fills by tapping, the last place by itself, and only as far as there are places", () => {
    const tap = (top: number, ...taps: string[]) =>
      taps.reduce<string[]>((ranked, item) => toggledRank(items, top, ranked, item), []);
    expect(tap(4, "c", "a")).toEqual(["c", "a"]);
    expect(tap(4, "c", "a", "b")).toEqual(["c", "a", "b", "d"]);
    expect(tap(4, "c", "a", "c")).toEqual(["a"]);
    expect(tap(2, "d", "b", "a")).toEqual(["d", "b"]);
    expect(rankedOf(items, ["x", "b", "b", 3])).toEqual(["b"]);
    expect(rankedOf(items, undefined)).toEqual([]);
  });

  it("is complete where the server takes it, whatever was tapped and moved", () => {
    const step = fc.oneof(
      fc.constantFrom(...items).map((item) => ({ item })),
      fc.record({ from: fc.integer({ min: -1, max: 5 }), to: fc.integer({ min: -1, max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 4 }), (steps, top) => {
        const schema = { type: "ranking", items, top };
        let ranked: string[] = [];
        for (const each of steps)
          ranked = "item" in each ? toggledRank(items, top, ranked, each.item) : moved(ranked, each.from, each.to);
        expect(isComplete(schemaOf(schema), ranked)).toBe(isTaken(schema, ranked));
      }),
    );
  });
});

describe("a search among thousands", () => {
  it("finds whole names first, then beginnings, without caring for accents or case", () => {
    const names = ["Übermut", "mut", "Mutter", "Schwermut", "der Mut", "nothing"];
    const found = matching(names, (name) => name, "MUT", 3);
    expect(found.items).toEqual(["mut", "Mutter", "der Mut"]);
    expect(found.count).toBe(5);
    expect(matching(names, (name) => name, "uber mut", 9).items).toEqual(["Übermut"]);
    expect(matching(names, (name) => name, "", 2)).toEqual({ items: ["Übermut", "mut"], count: 6 });
    expect(matching(names, (name) => name, "(.*[", 2).count).toBe(0);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }), (name) => {
        fc.pre(name.trim() !== "");
        expect(matching([name, "plant-2"], (each) => each, name, 2).items).toContain(name);
      }),
    );
  });

  it("is for more than can be taken in at a glance", () => {
    const choices = Array.from({ length: 13 }, (_, i) => `c${i}`);
    expect(isLong(schemaOf({ type: "choice", choices }))).toBe(true);
    expect(isLong(schemaOf({ type: "choice", choices: choices.slice(1) }))).toBe(false);
    expect(isLong(schemaOf({ type: "scale", min: 0, max: 100 }))).toBe(true);
  });
});

describe("a written text", () => {
  it("is counted in code points, as the server counts", () => {
    fc.assert(
      fc.property(fc.string({ unit: sign, maxLength: 12 }), fc.integer({ min: 1, max: 8 }), (text, charactersMax) => {
        const schema = { type: "text", charactersMax };
        const written = wellFormed(text);
        expect(isComplete(schemaOf(schema), written)).toBe(written.trim() !== "" && isTaken(schema, written));
      }),
    );
    expect(codePointsOf("👩‍👩‍👧")).toBe(5);
    expect(hasCompounds("👩‍👩‍👧")).toBe(true);
    expect(hasCompounds("plain")).toBe(false);
    expect(wellFormed("a\ud83d")).toBe("a");
  });
});

describe("spans", () => {
  const text = "Änne saw 🐈 and\u202e 🐕.";

  it("are counted in code points of the text as it was written", () => {
    const shown = shownText(text);
    expect(shown.length).toBe(text.length);
    expect(shown).not.toMatch(/\u202e/);
    const cat = { start: text.indexOf("🐈"), end: text.indexOf("🐈") + 2 };
    expect(toCodePoints(text, cat)).toEqual({ start: 9, end: 10 });
    expect(fromCodePoints(text, { start: 9, end: 10 })).toEqual(cat);
  });

  it("come back from code points where they were", () => {
    fc.assert(
      fc.property(fc.string({ unit: sign, minLength: 1, maxLength: 30 }), fc.nat(), fc.nat(), (any, a, b) => {
        const points = Array.from(any);
        const [start, end] = [a % points.length, (b % points.length) + 1].sort((x, y) => x - y) as [number, number];
        fc.pre(start < end);
        expect(toCodePoints(any, fromCodePoints(any, { start, end }))).toEqual({ start, end });
        expect(shownText(any).length).toBe(any.length);
      }),
    );
  });

  it("follow words, and cut no sign in two", () => {
    const words = wordsOf("one  two");
    expect(words.map(({ start, end }) => "one  two".slice(start, end))).toEqual(["one", "two"]);
    expect([wordAt(words, 0), wordAt(words, 3), wordAt(words, 4), wordAt(words, 99)]).toEqual([0, 0, 1, 1]);
    expect(wordAt([], 3)).toBe(-1);
    expect(nextPlace("a👩‍👩‍👧b", 1, 1)).toBe(9);
    expect(nextPlace("a👩‍👩‍👧b", 9, -1)).toBe(1);
    expect(nextPlace("ab", 0, -1)).toBe(0);
    expect(nextPlace("ab", 2, 1)).toBe(2);
  });

  it("are what the server takes, in whatever order they are made", () => {
    const span = fc
      .record({ start: fc.nat(20), length: fc.integer({ min: 1, max: 6 }), label: fc.constantFrom("x", "y") })
      .map(({ start, length, label }) => ({ start, end: start + length, label }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), fc.boolean(), (added, overlap) => {
        const schema = { type: "spans", labels: ["x", "y"], charactersMax: 40, overlap };
        const draft = added.reduce<ReturnType<typeof spansOf>>((spans, each) => withSpan(spans, each, overlap), []);
        expect(isComplete(schemaOf(schema), draft as never)).toBe(true);
        expect(isTaken(schema, draft as never)).toBe(true);
        expect(spansOf(draft as never)).toEqual(draft);
      }),
    );
  });

  it("cut the text only where one begins or ends", () => {
    const pieces = piecesOf(
      10,
      [
        { start: 2, end: 6 },
        { start: 4, end: 8 },
      ],
      { start: 6, end: 8 },
    );
    expect(pieces.map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [2, 4],
      [4, 6],
      [6, 8],
      [8, 10],
    ]);
    expect(pieces.map(({ covering }) => covering)).toEqual([[], [0], [0, 1], [1], []]);
    expect(pieces.map(({ ending }) => ending)).toEqual([[], [], [0], [1], []]);
    expect(pieces.filter(({ isSelected }) => isSelected)).toHaveLength(1);
  });
});

describe("marks that a browser kept", () => {
  it("are read from anything, and nothing else is", () => {
    const label = "x";
    const box = { label, x: 1, y: 2, width: 3, height: 4 };
    const ring = { label, points: [[1, 2] as const, [3, 4] as const] };
    const kept = [box, ring, { label, start: 1, end: 2 }, null, 3, [], { label: 4 }] as unknown as Json;
    expect(boxesOf(kept)).toEqual([box]);
    expect(polygonsOf(kept)).toEqual([ring]);
    expect(spansOf(kept)).toEqual([{ label, start: 1, end: 2 }]);
    fc.assert(
      fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (any) => {
        expect([boxesOf(any), polygonsOf(any), spansOf(any)].every(Array.isArray)).toBe(true);
        expect(typeof saidOf(any)).toBe("string");
      }),
    );
  });

  it("are sent where the server takes them", () => {
    const polygon = fc.record({
      label: fc.constant("x"),
      points: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { maxLength: 5 }),
    });
    const schema = { type: "polygons", labels: ["x"], frame: { width: 3, height: 3 }, polygonsMax: 2, verticesMax: 9 };
    fc.assert(
      fc.property(fc.array(polygon, { maxLength: 1 }), (draft) => {
        expect(isComplete(schemaOf(schema), draft as never)).toBe(isTaken(schema, draft as never));
      }),
    );
    const box = { label: "x", x: 0, y: 0, width: 1, height: 1 };
    const boxes = { type: "boxes", labels: ["x"], frame: null, boxesMax: 2 };
    for (const draft of [
      [],
      [box],
      [box, box],
      [box, { ...box, x: 1 }],
      Array.from({ length: 3 }, (_, x) => ({ ...box, x })),
    ])
      expect(isComplete(schemaOf(boxes), draft), JSON.stringify(draft)).toBe(isTaken(boxes, draft));
  });
});

describe("how a page asks", () => {
  it("goes by the type of answer, and for a text by the template", () => {
    expect(wayOf("report", { type: "text" })).toBe("report");
    expect(wayOf("code", { type: "choice" })).toBe("choice");
    expect(wayOf(undefined, { type: "spans" })).toBe("spans");
  });

  it("marks the part that the template names, or the first that fits", () => {
    const shown = shownOf({
      question: "?",
      content: [
        { text: "one", label: "A" },
        { svg: "<svg/>", label: "P" },
        { text: "two", label: "B" },
      ],
    });
    expect(subjectOf(shown, { type: "spans" })).toMatchObject({ text: "one" });
    expect(subjectOf(shown, { type: "spans" }, { mark: "B" })).toMatchObject({ text: "two" });
    expect(subjectOf(shown, { type: "boxes" }, { mark: "B" })).toMatchObject({ svg: "<svg/>" });
    expect(subjectOf(shown, { type: "choice" })).toBeNull();
  });

  it("says an answer in words", () => {
    expect(saidOf(["a", "b"], { labels: new Map([["a", "Apple"]]) })).toBe("Apple · b");
    expect(saidOf([{ start: 0, end: 2, label: "x" }], { text: "abc" })).toBe("“ab” x");
    expect(saidOf([])).toBe("∅");
    expect(saidOf(3.5)).toBe("3.5");
    expect(bodyOf("number", "3.5")).toEqual({ answer: "3.5" });
  });
});
