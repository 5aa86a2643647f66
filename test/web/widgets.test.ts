import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerSchema as WireSchema } from "../../src/contract/answers.ts";
import { isEarnestError } from "../../src/core/errors.ts";
import { Field } from "../../src/core/field.ts";
import type { Json } from "../../src/core/json.ts";
import { readEvidence } from "../../src/verification/algebra/read-case.ts";
import { readAnswer, readAnswerSchema } from "../../src/verification/answers/answer-schema.ts";
import { shownOf, subjectOf } from "../../web/source/content/parts.ts";
import { bodyOf, isComplete, isLong } from "../../web/source/widgets/draft.ts";
import { numberProblem, plainNumber, stepped } from "../../web/source/widgets/number-text.ts";
import { moved, rankedOf, toggledRank } from "../../web/source/widgets/order.ts";
import { reportOf } from "../../web/source/widgets/report/report-draft.ts";
import { boxesOf, polygonsOf, spansOf } from "../../web/source/widgets/rows.ts";
import { saidOf } from "../../web/source/widgets/said.ts";
import { matching } from "../../web/source/widgets/search.ts";
import {
  arrow,
  type Change,
  drag,
  emptyHand,
  erase,
  finish,
  hold,
  isBuilding,
  nextVertex,
  pull,
  removeVertex,
  shownMarks,
  space,
  splitVertex,
  type Table,
  tap,
} from "../../web/source/widgets/shapes/marking.ts";
import { type Grip, isOpen, marksOf } from "../../web/source/widgets/shapes/marks.ts";
import { placeIn } from "../../web/source/widgets/shapes/shape.ts";
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
    const tapped = (top: number, ...taps: string[]) =>
      taps.reduce<string[]>((ranked, item) => toggledRank(items, top, ranked, item), []);
    expect(tapped(4, "c", "a")).toEqual(["c", "a"]);
    expect(tapped(4, "c", "a", "b")).toEqual(["c", "a", "b", "d"]);
    expect(tapped(4, "c", "a", "c")).toEqual(["a"]);
    expect(tapped(2, "d", "b", "a")).toEqual(["d", "b"]);
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

describe("marking a picture", () => {
  const place = fc.tuple(fc.integer({ min: -20, max: 220 }), fc.integer({ min: -20, max: 120 }));
  const key = fc.constantFrom("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown");
  const step: fc.Arbitrary<(table: Table) => Change | null> = fc.oneof(
    place.map((at) => (table: Table) => tap(table, placeIn({ width: 200, height: 100 }, at), 3)),
    fc.tuple(place, place, fc.boolean()).map(
      ([a, b, isDone]) =>
        (table: Table) =>
          drag(table, placeIn({ width: 200, height: 100 }, a), placeIn({ width: 200, height: 100 }, b), isDone),
    ),
    fc
      .record({ key, shiftKey: fc.boolean(), ctrlKey: fc.boolean() })
      .map((event) => (table: Table) => arrow(table, event)),
    fc.constantFrom(space, finish, nextVertex, splitVertex, removeVertex, erase),
    fc.tuple(fc.constantFrom<Grip>("nw", "e", "s"), place).map(
      ([grip, by]) =>
        (table: Table) =>
          table.schema.type === "boxes" ? pull(table, grip, by, true) : pull(table, null, by, true),
    ),
    fc.nat(3).map((at) => (table: Table) => (at < table.marks.length ? hold(at) : null)),
  );

  const after = (table: Table, change: Change | null): Table => ({
    ...table,
    marks: change?.marks ?? table.marks,
    hand: { ...table.hand, ...change?.hand },
  });

  it.each(["boxes", "polygons"] as const)("of %s leaves what the server takes, whatever somebody does", (type) => {
    const frame = { width: 200, height: 100 };
    const schema = {
      type,
      labels: ["x"],
      frame,
      ...(type === "boxes" ? { boxesMax: 3 } : { polygonsMax: 3, verticesMax: 4 }),
    };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let table: Table = { schema: schemaOf(schema), marks: [], label: "x", hand: emptyHand };
        for (const each of steps) {
          table = after(table, each(table));
          const { marks } = table;
          expect(shownMarks(table).length).toBeLessThanOrEqual(marks.length + 1);
          const draft = marks as never;
          expect(marksOf(table.schema, draft)).toEqual(marks);
          // An area that is being drawn is the only thing that cannot be sent.
          expect(isComplete(table.schema, draft)).toBe(isTaken(schema, draft));
          expect(isComplete(table.schema, draft)).toBe(!marks.some(isOpen));
        }
      }),
    );
  });

  it("takes the smallest thing under a finger, and closes an area at its first corner", () => {
    const schema = schemaOf({ type: "boxes", labels: ["x"], frame: { width: 100, height: 100 } });
    const marks = [
      { label: "x", x: 0, y: 0, width: 90, height: 90 },
      { label: "x", x: 10, y: 10, width: 10, height: 10 },
    ];
    expect(tap({ schema, marks, label: "x", hand: emptyHand }, [15, 15], 1).hand?.held).toBe(1);
    expect(tap({ schema, marks, label: "x", hand: emptyHand }, [50, 50], 1).hand?.held).toBe(0);
    const areas = schemaOf({ type: "polygons", labels: ["x"], frame: { width: 100, height: 100 } });
    const points: [number, number][] = [
      [0, 0],
      [50, 0],
      [0, 50],
    ];
    const building: Table = {
      schema: areas,
      marks: [{ label: "x", points }],
      label: "x",
      hand: { ...emptyHand, held: 0, isFinished: false },
    };
    expect(isBuilding(building)).toBe(true);
    expect(tap(building, [1, 1], 3)).toEqual({ hand: { isFinished: true } });
    const begun = { ...building, marks: [{ label: "x", points: points.slice(1) }], hand: emptyHand };
    const third = tap(begun, [0, 0], 3);
    expect(isBuilding({ ...begun, ...third, hand: { ...begun.hand, ...third.hand } })).toBe(true);
    expect(tap(building, [20, 20], 3).marks?.[0]).toMatchObject({ points: [...points, [20, 20]] });
  });
});

describe("a report", () => {
  const sighting = { latitudeE7: 482082000, longitudeE7: 163738000, timeMs: 1_700_000_000_000, accuracyMm: 8_000 };
  const draft = {
    text: "Open.",
    photo: "data:image/jpeg;base64,AA==",
    digest: "ab".repeat(32),
    takenAtMs: 5,
    track: [sighting],
  };

  it("brings its photo, and evidence as the verification algebra reads it", () => {
    const body = bodyOf("report", draft, { track: "walk" });
    const evidence = { takenAtMs: 5, digests: { photo: draft.digest }, tracks: { walk: [sighting] } };
    expect(body).toEqual({ answer: "Open.", photo: draft.photo, evidence });
    expect(readEvidence(new Field(body["evidence"] ?? null, "evidence")).tracks["walk"]).toEqual([sighting]);
    expect(bodyOf("report", draft, { photo: null, track: false })).toEqual({ answer: "Open." });
    expect(bodyOf("report", { text: "x" })).toEqual({ answer: "x" });
  });

  it("can be sent with what its market needs", () => {
    const is = (kept: Json, parameters = {}) =>
      isComplete(schemaOf({ type: "text", charactersMax: 9_000 }), kept, "report", parameters);
    expect(is(draft)).toBe(true);
    expect(is({ ...draft, text: " " })).toBe(false);
    expect(is({ ...draft, text: "x".repeat(5_001) })).toBe(false);
    expect(is({ text: "x" })).toBe(true);
    expect(is({ text: "x" }, { required: ["photo"] })).toBe(false);
    expect(is({ ...draft, track: [] }, { required: ["photo", "track"] })).toBe(false);
    expect(is({ ...draft, track: [{ ...sighting, latitudeE7: 9e9 }] }, { required: ["track"] })).toBe(false);
    expect(is({ text: "x" }, { required: ["track"], track: null })).toBe(true);
  });

  it("is read from whatever a browser kept", () => {
    fc.assert(
      fc.property(
        fc.jsonValue() as fc.Arbitrary<Json>,
        fc.dictionary(fc.string(), fc.jsonValue()),
        (any, parameters) => {
          expect(typeof reportOf(any).text).toBe("string");
          expect(bodyOf("report", any, parameters as never)["answer"]).toBe(reportOf(any).text);
        },
      ),
    );
  });
});

describe("code", () => {
  it("is one text of program and input, which share its limit", () => {
    const schema = schemaOf({ type: "text", charactersMax: 40 });
    const draft = { code: "f(x)", input: "[0]" };
    expect(bodyOf("code", draft)).toEqual({ answer: '{"code":"f(x)","input":"[0]"}' });
    expect(isComplete(schema, draft, "code")).toBe(true);
    expect(isComplete(schema, { code: "f(x)" }, "code")).toBe(false);
    expect(isComplete(schema, { ...draft, code: "x".repeat(40) }, "code")).toBe(false);
    expect(isTaken({ type: "text", charactersMax: 40 }, bodyOf("code", draft)["answer"] as Json)).toBe(true);
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
