import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAnswers } from "../../../test/support/any-answer.ts";
import { fromUtf8, toUtf8 } from "../../core/bytes.ts";
import { isEarnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import {
  type AnswerSchema,
  answerJson,
  answerKey,
  decodeAnswer,
  encodeAnswer,
  isSameAnswer,
  readAnswer,
  readAnswerSchema,
} from "./answer-schema.ts";

const schemaOf = (json: Json): AnswerSchema => readAnswerSchema(new Field(json, "terms.answer"));

describe.each(Object.entries(anyAnswers))("answers of %s", (_, cases) => {
  it("keep what was answered, in one encoding", () => {
    fc.assert(
      fc.property(cases, ({ schema: json, answers }) => {
        const schema = schemaOf(json);
        for (const sent of answers) {
          const answer = readAnswer(schema, sent);
          expect(readAnswer(schema, answerJson(schema, answer))).toEqual(answer);
          expect(decodeAnswer(schema, encodeAnswer(answer))).toEqual(answer);
        }
      }),
      { numRuns: 80 },
    );
  });

  it("have equal bytes and keys where they are equal, and others where they are not", () => {
    fc.assert(
      fc.property(cases, ({ schema: json, answers }) => {
        const schema = schemaOf(json);
        const [a, b] = [readAnswer(schema, answers[0]), readAnswer(schema, answers.at(-1))];
        const isSame = JSON.stringify(answerJson(schema, a)) === JSON.stringify(answerJson(schema, b));
        expect(isSameAnswer(a, b)).toBe(isSame);
        expect(answerKey(a) === answerKey(b)).toBe(isSame);
        expect(fromUtf8(encodeAnswer(a)) === fromUtf8(encodeAnswer(b))).toBe(isSame);
      }),
      { numRuns: 80 },
    );
  });

  it("have a schema that reads as itself", () => {
    fc.assert(
      fc.property(cases, ({ schema: json }) => {
        const schema = schemaOf(json);
        expect(schemaOf(JSON.parse(JSON.stringify(schema)) as Json)).toEqual(schema);
      }),
      { numRuns: 5 },
    );
  });

  it("refuse whatever else is sent, and only so", () => {
    const nearly = cases.chain(({ answers }) => spoilt(answers[0] as Json));
    fc.assert(
      fc.property(cases, fc.oneof(fc.jsonValue() as fc.Arbitrary<Json>, nearly), ({ schema: json }, sent) => {
        const schema = schemaOf(json);
        for (const read of [() => readAnswer(schema, sent), () => decodeAnswer(schema, toUtf8(JSON.stringify(sent)))]) {
          try {
            read();
          } catch (error) {
            const isOurs = isEarnestError(error, "MALFORMED_ANSWER") || isEarnestError(error, "MALFORMED_ENCODING");
            expect(isOurs).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("are not sent as nothing", () => {
    fc.assert(
      fc.property(cases, ({ schema }) => {
        expect(() => readAnswer(schemaOf(schema), undefined)).toThrow("The answer does not fit the task: answer must");
      }),
      { numRuns: 1 },
    );
  });
});

/** The value with one of its parts replaced by something else. */
function spoilt(value: Json): fc.Arbitrary<Json> {
  const other = fc.oneof(
    fc.constantFrom<Json>(null, true, -1, 0.5, 1e300, "", "\ud800", [], {}),
    fc.integer() as fc.Arbitrary<Json>,
  );
  if (Array.isArray(value) && value.length > 0) {
    return fc
      .nat({ max: value.length - 1 })
      .chain((at) => spoilt(value[at] as Json).map((part) => value.with(at, part)));
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return other;
  const whole = value as { readonly [key: string]: Json };
  return fc
    .constantFrom(...Object.entries(whole))
    .chain(([name, part]) => spoilt(part).map((changed): Json => ({ ...whole, [name]: changed })));
}

describe("a schema", () => {
  it.each<readonly [Json, string]>([
    [null, "terms.answer: must be an object"],
    [{ type: "toString" }, "terms.answer.type: must be one of choice, choices, scale"],
    [{ type: "choice", choices: ["a"] }, "terms.answer.choices: must have at least 2 items"],
    [{ type: "choice", choices: ["a", "b"], min: 1 }, 'terms.answer: has an unknown field "min"'],
    [{ type: "choices", choices: ["a", "b"], min: 3 }, "terms.answer.min: must be an integer from 0 to 2"],
    [{ type: "choices", choices: ["a", "b"], min: 2, max: 1 }, "terms.answer.max: must be an integer from 2 to 2"],
    [{ type: "scale", min: 1, max: 1 }, "terms.answer.max: must be an integer from 2 to 1001"],
    [{ type: "scale", min: 1, max: 3, labels: ["a", "b"] }, "terms.answer.labels: must have at least 3 items"],
    [{ type: "scale", min: 1, max: 3, tolerance: 2 }, "terms.answer.tolerance: must be an integer from 0 to 1"],
    [{ type: "number", min: 0, max: 0 }, "terms.answer.max: must be above min"],
    [{ type: "number", min: 0, max: 0.25, decimals: 1 }, "terms.answer.max: must have at most 1 decimals"],
    [{ type: "number", min: 0, max: 1e15, decimals: 1 }, "terms.answer.max: must have at most 15 digits"],
    [{ type: "number", min: 0, max: 1, decimals: 10 }, "terms.answer.decimals: must be an integer from 0 to 9"],
    [{ type: "number", min: 0, max: 1, tolerance: { absolute: -1 } }, "terms.answer.tolerance: must not be negative"],
    [{ type: "pair", ties: 1 }, "terms.answer.ties: must be true or false"],
    [{ type: "ranking", items: ["a", "b"], top: 3 }, "terms.answer.top: must be an integer from 1 to 2"],
    [{ type: "text", charactersMax: 0 }, "terms.answer.charactersMax: must be an integer from 1 to 20000"],
    [
      { type: "text", charactersMax: 2_001, distancePpm: 1 },
      "terms.answer.charactersMax: must be an integer from 1 to 2000",
    ],
    [{ type: "text", charactersMax: 9, normalise: ["lower"] }, 'terms.answer.normalise: has an unknown step "lower"'],
    [{ type: "spans", labels: [], charactersMax: 9 }, "terms.answer.labels: must have at least 1 items"],
    [
      { type: "boxes", labels: ["a"], frame: { width: 0, height: 1 } },
      "terms.answer.frame.width: must be an integer from 1 to 65535",
    ],
    [
      { type: "polygons", labels: ["a"], verticesMax: 2 },
      "terms.answer.verticesMax: must be an integer from 3 to 1000",
    ],
  ])("is refused: %j", (json, problem) => {
    expect(() => schemaOf(json)).toThrow(problem);
  });

  it("may leave out what has a usual value", () => {
    expect(schemaOf({ type: "choices", choices: ["a", "b"] })).toMatchObject({ min: 0, max: 2 });
    expect(schemaOf({ type: "text", charactersMax: 5, normalise: ["trim", "nfkc"] })).toEqual({
      type: "text",
      charactersMax: 5,
      normalise: ["nfkc", "trim"],
      distancePpm: 0,
    });
    expect(schemaOf({ type: "number", min: 0, max: 9 })).toEqual({
      type: "number",
      min: 0,
      max: 9,
      decimals: 0,
      tolerance: { absolute: 0, ppm: 0 },
    });
  });
});

const labels = ["cat", "dog"];
const triangle = [
  [5, 5],
  [0, 9],
  [0, 0],
];

describe("an answer", () => {
  it.each<readonly [string, Json, Json, Json]>([
    ["a choice", { type: "choice", choices: labels }, "dog", 1],
    ["choices, sorted", { type: "choices", choices: ["a", "b", "c"] }, ["c", "a"], [0, 2]],
    ["a step", { type: "scale", min: 1, max: 5 }, 5, 5],
    ["a number", { type: "number", min: 0, max: 1, decimals: 2 }, 0.29, 29],
    ["a number as a text", { type: "number", min: -1, max: 1, decimals: 2 }, "-0.10", -10],
    ["a number with nine decimals", { type: "number", min: 0, max: 9, decimals: 9 }, 1.000000007, 1_000_000_007],
    ["a side", { type: "pair", ties: true }, "tie", 2],
    ["an order", { type: "ranking", items: ["a", "b", "c"] }, ["c", "a", "b"], [2, 0, 1]],
    ["a text as it was written", { type: "text", charactersMax: 9 }, " Ａ b.", " Ａ b."],
    [
      "spans, sorted",
      { type: "spans", labels, charactersMax: 9 },
      [
        { start: 4, end: 5, label: "dog" },
        { start: 0, end: 4, label: "cat" },
      ],
      [
        { end: 4, label: 0, start: 0 },
        { end: 5, label: 1, start: 4 },
      ],
    ],
    [
      "a box",
      { type: "boxes", labels },
      [{ label: "dog", x: 1, y: 2, width: 3, height: 4 }],
      [{ height: 4, label: 1, width: 3, x: 1, y: 2 }],
    ],
    [
      "a polygon, from its least vertex",
      { type: "polygons", labels },
      [{ label: "cat", points: triangle }],
      [{ label: 0, points: [0, 0, 0, 9, 5, 5] }],
    ],
  ])("is coded: %s", (_, json, sent, code) => {
    const schema = schemaOf(json);
    expect(fromUtf8(encodeAnswer(readAnswer(schema, sent)))).toBe(JSON.stringify(code));
  });

  it.each<readonly [string, Json, Json, string]>([
    ["an unknown choice", { type: "choice", choices: ["a", "b", "c", "d", "e", "f"] }, "g", "one of a, b, c, d, e, …"],
    ["an index", { type: "choice", choices: labels }, 1, "answer must be one of cat, dog"],
    ["a choice twice", { type: "choices", choices: labels }, ["cat", "cat"], "answer has an item twice"],
    ["too few choices", { type: "choices", choices: labels, min: 1 }, [], "answer must have at least 1 items"],
    ["an unknown one of choices", { type: "choices", choices: labels }, ["cat", "cow"], "answer[1] must be one of"],
    ["a step between", { type: "scale", min: 1, max: 5 }, 2.5, "answer must be an integer from 1 to 5"],
    ["a number outside", { type: "number", min: 0, max: 5 }, 6, "answer must be from 0 to 5"],
    ["a number too exact", { type: "number", min: 0, max: 5 }, 2.5, "answer must have at most 0 decimals"],
    ["a number in words", { type: "number", min: 0, max: 5 }, "two", "answer must be a number"],
    ["a tie where there are none", { type: "pair" }, "tie", "answer must be one of left, right"],
    ["half an order", { type: "ranking", items: ["a", "b", "c"] }, ["c", "a"], "answer must have 3 items"],
    ["a long text", { type: "text", charactersMax: 2 }, "abc", "answer must have at most 2 characters"],
    ["half a character", { type: "text", charactersMax: 2 }, "\ud83d", "answer must be well-formed Unicode"],
    [
      "an empty span",
      { type: "spans", labels, charactersMax: 9 },
      [{ start: 3, end: 3, label: "cat" }],
      "answer[0].end must be an integer from 4 to 9",
    ],
    [
      "spans that overlap",
      { type: "spans", labels, charactersMax: 9 },
      [
        { start: 3, end: 6, label: "cat" },
        { start: 0, end: 4, label: "dog" },
      ],
      "answer has spans that overlap",
    ],
    [
      "a span twice",
      { type: "spans", labels, charactersMax: 9, overlap: true },
      [
        { start: 3, end: 6, label: "cat" },
        { start: 3, end: 6, label: "cat" },
      ],
      "answer has an item twice",
    ],
    [
      "a box that leaves the frame",
      { type: "boxes", labels, frame: { width: 10, height: 10 } },
      [{ label: "cat", x: 8, y: 0, width: 3, height: 1 }],
      "answer[0].width must be an integer from 1 to 2",
    ],
    [
      "a line",
      { type: "polygons", labels },
      [
        {
          label: "cat",
          points: [
            [0, 0],
            [1, 1],
            [2, 2],
          ],
        },
      ],
      "has no area",
    ],
    [
      "two vertices",
      { type: "polygons", labels },
      [
        {
          label: "cat",
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
      "at least 3 vertices",
    ],
    [
      "a vertex twice",
      { type: "polygons", labels },
      [
        {
          label: "cat",
          points: [
            [0, 0],
            [1, 1],
            [0, 1],
            [1, 1],
          ],
        },
      ],
      "answer[0].points goes through a vertex twice",
    ],
    ["half a vertex", { type: "polygons", labels }, [{ label: "cat", points: [[0]] }], "must be a list of x and y"],
  ])("is refused: %s", (_, json, sent, problem) => {
    expect(() => readAnswer(schemaOf(json), sent)).toThrow(problem);
  });

  it("counts characters, not units", () => {
    expect(readAnswer(schemaOf({ type: "text", charactersMax: 2 }), "🎉🎉")).toBe("🎉🎉");
  });

  it("is the same polygon whichever vertex is first and whichever way round", () => {
    const schema = schemaOf({ type: "polygons", labels });
    const points = [
      [3, 3],
      [9, 1],
      [12, 7],
      [6, 14],
      [1, 8],
    ];
    const ways = points.flatMap((_, i) => {
      const turned = [...points.slice(i), ...points.slice(0, i)];
      return [turned, turned.toReversed()];
    });
    const codes = ways.map((way) => fromUtf8(encodeAnswer(readAnswer(schema, [{ label: "cat", points: way }]))));
    expect(new Set(codes).size).toBe(1);
  });

  it.each([
    ["another order of choices", { type: "choices", choices: labels }, "[1,0]"],
    ["spaces", { type: "choices", choices: labels }, "[0, 1]"],
    ["another way to write a number", { type: "choice", choices: labels }, "1e0"],
    ["a polygon from another vertex", { type: "polygons", labels }, '[{"label":0,"points":[0,9,5,5,0,0]}]'],
    ["an index that there is not", { type: "choice", choices: labels }, "2"],
    ["no JSON", { type: "choice", choices: labels }, "{"],
  ] as const)("has no other encoding: %s", (_, json, coded) => {
    expect(() => decodeAnswer(schemaOf(json as unknown as Json), toUtf8(coded))).toThrow("cannot be decoded");
  });

  it("is not decoded from what is not UTF-8", () => {
    expect(() => decodeAnswer(schemaOf({ type: "text", charactersMax: 9 }), Uint8Array.of(0xff))).toThrow(
      "an answer of type text",
    );
  });

  it("keeps every number of fifteen digits", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), fc.nat({ max: 9 }), (units, decimals) => {
        const bound = 1e15 / 10 ** decimals;
        const schema = schemaOf({ type: "number", min: -bound, max: bound, decimals });
        const sent = answerJson(schema, units);
        expect(readAnswer(schema, JSON.parse(JSON.stringify(sent)) as Json)).toBe(units === 0 ? 0 : units);
        const text = `${units < 0 ? "-" : ""}${`${Math.abs(units)}`.padStart(decimals + 1, "0")}`;
        const withPoint = decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
        expect(readAnswer(schema, withPoint)).toBe(units === 0 ? 0 : units);
      }),
      { numRuns: 1_000 },
    );
  });
});
