import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../core/json.ts";
import { contextOf, evidenceOf, hashOf, shortOf } from "../algebra/testing.ts";
import type { Context } from "./evidence.ts";
import { type MatchParameters, match } from "./match.ts";
import { isSameJson } from "./same-json.ts";
import type { Shape } from "./shape.ts";

const json = (text: string): Json => JSON.parse(text) as Json;
const matched = (parameters: MatchParameters, answer: Json, context: Partial<Context> = {}): string =>
  shortOf(match(parameters, evidenceOf({ answer }), contextOf(context)));

describe("match shape", () => {
  const report: Shape = {
    type: "object",
    fields: {
      open: { type: "boolean" },
      price: { type: "number", min: 0, max: 100, isInteger: false },
      count: { type: "number", min: 0, max: 10, isInteger: true },
      tags: { type: "list", of: { type: "choice", choices: ["new", "old"] }, itemsMin: 0, itemsMax: 2 },
      note: { type: "text", charactersMin: 1, charactersMax: 5 },
    },
  };
  const right = '{ "open": true, "price": 1.5, "count": 2, "tags": ["new"], "note": "fine" }';
  const check = (answer: Json): string => matched({ type: "shape", shape: report }, answer);

  it("passes an answer that has it", () => {
    expect(check(json(right))).toBe("passed");
  });

  it.each([
    ["a missing field", right.replace('"open": true, ', "")],
    ["an unknown field", right.replace("{", '{ "extra": 1, ')],
    ["a field __proto__", right.replace("{", '{ "__proto__": {}, ')],
    ["a huge number", right.replace("1.5", "1e400")],
    ["a number below", right.replace("1.5", "-0.001")],
    ["a fraction for an integer", right.replace('"count": 2', '"count": 2.5')],
    ["a text for a number", right.replace("1.5", '"1.5"')],
    ["a choice that is none", right.replace('"new"', '"toString"')],
    ["too many items", right.replace('["new"]', '["new","new","old"]')],
    ["too long a text", right.replace("fine", "finest")],
    ["half of a surrogate pair", right.replace("fine", "\\ud800")],
    ["a list", `[${right}]`],
    ["null", "null"],
  ])("refuses %s", (_, text) => {
    expect(check(json(text))).toBe("failed SHAPE_WRONG");
  });

  it("refuses a field that is only inherited", () => {
    const shape: Shape = { type: "object", fields: { toString: { type: "boolean" as const } } };
    expect(matched({ type: "shape", shape }, {})).toBe("failed SHAPE_WRONG");
  });

  it("refuses NaN, which no JSON holds", () => {
    const shape: Shape = { type: "number", min: -1, max: 1, isInteger: false };
    expect(matched({ type: "shape", shape }, Number.NaN)).toBe("failed SHAPE_WRONG");
  });
});

describe("match control", () => {
  const exact: MatchParameters = { type: "control", tolerance: 0, tolerancePpm: 0 };
  const control = (answer: Json, isVoid = false): Partial<Context> => ({
    control: { answer, commitment: hashOf(7), isVoid },
  });

  it("passes tasks that are no control", () => {
    expect(matched(exact, "cat")).toBe("passed");
  });

  it("goes by a score where being right is not yes or no", () => {
    const score: MatchParameters = { ...exact, scorePpmMin: 500_000 };
    expect(matched(score, "cat", control("dog"))).toBe("waiting WAITING");
    expect(matched(score, "cat", { ...control("dog"), scorePpm: 500_000 })).toBe("passed CONTROL_MATCHED");
    expect(matched(score, "cat", { ...control("dog"), scorePpm: 499_999 })).toBe("failed CONTROL_MISSED");
    expect(matched(score, "cat", { scorePpm: 0 })).toBe("passed");
  });

  it("compares with the hidden answer, and cites its commitment instead of it", () => {
    expect(matched(exact, "cat", control("cat"))).toBe("passed CONTROL_MATCHED");
    const missed = match(exact, evidenceOf({ answer: "dog" }), contextOf(control("cat")));
    expect(missed.reasons).toEqual([{ code: "CONTROL_MISSED", expected: hashOf(7) }]);
    expect(JSON.stringify(missed)).not.toContain("cat");
  });

  it("passes anything on a control that was voided", () => {
    expect(matched(exact, "dog", control("cat", true))).toBe("passed CONTROL_VOIDED");
  });

  it("keeps numbers within the greater of both tolerances, edges included", () => {
    const parameters: MatchParameters = { type: "control", tolerance: 2, tolerancePpm: 10_000 };
    for (const [answer, expected] of [
      [102, "passed CONTROL_MATCHED"],
      [103, "failed CONTROL_MISSED"],
      [Number.NaN, "failed CONTROL_MISSED"],
      [Number.POSITIVE_INFINITY, "failed CONTROL_MISSED"],
    ] as const) {
      expect(matched(parameters, answer, control(100))).toBe(expected);
    }
    expect(matched(parameters, 1_010, control(1_000))).toBe("passed CONTROL_MATCHED");
    expect(matched(parameters, 1_011, control(1_000))).toBe("failed CONTROL_MISSED");
    expect(matched(parameters, "100", control(100))).toBe("failed CONTROL_MISSED");
  });
});

describe("match controlRate", () => {
  const gate: MatchParameters = { type: "controlRate", answeredMin: 4, accuracyPpmMin: 750_000 };
  const rate = (answered: number, right: number, context: Partial<Context> = {}): string =>
    matched(gate, "cat", { record: { answered, right }, ...context });

  it("lets newcomers through until enough is known", () => {
    expect(rate(0, 0)).toBe("passed");
    expect(rate(3, 0)).toBe("passed");
  });

  it("asks for the share, its edge included", () => {
    expect(rate(4, 3)).toBe("passed");
    expect(rate(4, 2)).toBe("failed CONTROL_RATE_LOW");
    expect(rate(1_000_000_000, 749_999_999)).toBe("failed CONTROL_RATE_LOW");
  });

  it("passes on a live control, which its own answer judges", () => {
    const live = { control: { answer: "cat", commitment: hashOf(1), isVoid: false } };
    expect(rate(4, 0, live)).toBe("passed");
    expect(rate(4, 0, { control: { ...live.control, isVoid: true } })).toBe("failed CONTROL_RATE_LOW");
  });
});

describe("match digest and value", () => {
  const digest = (ours: object, sent: object): string =>
    shortOf(
      match(
        { type: "digest", name: "body" },
        evidenceOf({ digests: sent as Record<string, string> }),
        contextOf({ digests: ours as Record<string, string> }),
      ),
    );

  it("compares hashes", () => {
    expect(digest({ body: hashOf(1) }, { body: hashOf(1) })).toBe("passed");
    expect(digest({ body: hashOf(1) }, { body: hashOf(2) })).toBe("failed DIGEST_DIFFERS");
    expect(digest({}, { body: hashOf(2) })).toBe("waiting WAITING");
    expect(digest({ body: hashOf(1) }, {})).toBe("failed EVIDENCE_MISSING");
  });

  it("does not take inherited names for evidence", () => {
    const inherited = Object.create({ body: hashOf(1) }) as object;
    expect(digest({ body: hashOf(1) }, inherited)).toBe("failed EVIDENCE_MISSING");
  });

  it("takes a crash that nobody committed to before", () => {
    const earlier = [
      { commitment: hashOf(1), type: "Uncaught TypeError", state: ["take", "parse", "main"] },
      { commitment: hashOf(2), type: "Uncaught RangeError", state: ["take", "parse"] },
    ];
    const crash = (state: readonly string[], before = earlier): Partial<Context> => ({
      crashes: { proof: { type: "Uncaught TypeError", state, earlier: before } },
    });
    const isNew: MatchParameters = { type: "crash", name: "proof" };
    expect(matched(isNew, null, crash(["take", "parse"]))).toBe("failed DUPLICATE");
    expect(matched(isNew, null, crash(["take", "parse"], []))).toBe("passed");
    expect(matched(isNew, null, crash(["close", "flush"]))).toBe("passed");
    expect(matched(isNew, null, { crashes: { proof: null } })).toBe("failed NOT_REPRODUCED");
    expect(matched(isNew, null)).toBe("waiting WAITING");
    expect(matched(isNew, null, { crashes: { other: null } })).toBe("waiting WAITING");
    const { reasons } = match(isNew, evidenceOf({}), contextOf(crash(["take", "parse"])));
    expect(reasons).toEqual([{ code: "DUPLICATE", actual: hashOf(1) }]);
  });

  it("compares a field of the answer with a value we know", () => {
    const price: MatchParameters = { type: "value", name: "price", field: "price", tolerance: 0.5, tolerancePpm: 0 };
    const known = { values: { price: 10 } };
    expect(matched(price, { price: 10.5 }, known)).toBe("passed");
    expect(matched(price, { price: 10.51 }, known)).toBe("failed VALUE_DIFFERS");
    expect(matched(price, { price: "10" }, known)).toBe("failed EVIDENCE_MISSING");
    expect(matched(price, { price: Number.NaN }, known)).toBe("failed EVIDENCE_MISSING");
    expect(matched(price, json('{ "__proto__": { "price": 10 } }'), known)).toBe("failed EVIDENCE_MISSING");
    expect(matched(price, { price: 10 })).toBe("waiting WAITING");
    expect(matched({ ...price, field: null }, 10, known)).toBe("passed");
  });
});

describe("isSameJson", () => {
  it("is equality of canonical JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (a, b) => {
        expect(isSameJson(a as Json, json(JSON.stringify(a)))).toBe(true);
        expect(isSameJson(a as Json, b as Json)).toBe(isSameJson(b as Json, a as Json));
      }),
    );
  });

  it("does not care for the order of fields, and for that of items it does", () => {
    expect(isSameJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(isSameJson([1, 2], [2, 1])).toBe(false);
    expect(isSameJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(isSameJson([], {})).toBe(false);
    expect(isSameJson({}, [])).toBe(false);
    expect(isSameJson({ a: 1 }, json('{ "__proto__": 1 }'))).toBe(false);
    expect(isSameJson(null, {})).toBe(false);
    expect(isSameJson(0, -0)).toBe(true);
    expect(isSameJson(Number.NaN, Number.NaN)).toBe(false);
  });

  it("ends, however deep a value is", () => {
    const deep = (levels: number): Json => (levels === 0 ? 1 : [deep(levels - 1)]);
    expect(isSameJson(deep(30), deep(30))).toBe(true);
    expect(isSameJson(deep(1_000), deep(1_000))).toBe(false);
  });
});
