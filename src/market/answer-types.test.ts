import { describe, expect, it } from "vitest";
import { openLane } from "../../test/support/market.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import type { Json } from "../core/json.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { type AnswerSchema, answerJson } from "../verification/answers/answer-schema.ts";
import { readKnownAnswer } from "./body.ts";
import { controlCommitment, openControls, sealControls } from "./controls.ts";
import { parseTermsText } from "./spec.ts";
import { specOf } from "./state.ts";

const box = (x: number, label = "cat"): Json => ({ label, x, y: 10, width: 40, height: 40 });

/** Two who agree, if not to the letter, and one who does not; the label that stands. */
const cases: readonly (readonly [AnswerSchema, agree: readonly [Json, Json], apart: Json, label: Json])[] = [
  [{ type: "choices", choices: ["cat", "dog", "cow"], min: 0, max: 3 }, [["cat"], ["cat"]], ["dog"], ["cat"]],
  [{ type: "scale", min: 1, max: 5, labels: null, tolerance: 0 }, [4, 4], 1, 4],
  [{ type: "number", min: 0, max: 100, decimals: 1, tolerance: { absolute: 0.5, ppm: 0 } }, [20.1, 20.3], 90, 20.2],
  [{ type: "pair", ties: true }, ["left", "left"], "tie", "left"],
  [
    { type: "ranking", items: ["a", "b", "c", "d"], top: 4 },
    [
      ["a", "b", "c", "d"],
      ["a", "b", "c", "d"],
    ],
    ["d", "c", "b", "a"],
    ["a", "b", "c", "d"],
  ],
  [{ type: "text", charactersMax: 20, normalise: ["trim", "case"], distancePpm: 0 }, ["Ulm", "Ulm "], "Bonn", "Ulm"],
  [
    { type: "spans", labels: ["name"], charactersMax: 100, spansMax: 9, overlap: false },
    [[{ start: 3, end: 9, label: "name" }], [{ start: 3, end: 9, label: "name" }]],
    [{ start: 40, end: 50, label: "name" }],
    [{ start: 3, end: 9, label: "name" }],
  ],
  [
    { type: "boxes", labels: ["cat"], frame: { width: 100, height: 100 }, boxesMax: 5 },
    [[box(10)], [box(12)]],
    [box(60)],
    [box(10)],
  ],
];

describe("answers of every type", () => {
  it.each(cases)("are judged by what agrees with them: %o", (answer, [first, second], apart, label) => {
    const lane = openLane({ spec: { terms: { answer, overlap: { min: 3, max: 3, targetPpm: 600_000 } } } });
    lane.answer(1, 0, first);
    lane.answer(2, 0, apart);
    const { settled } = lane.answer(3, 0, second);
    expect(settled?.decided).toBe(true);
    expect(answerJson(answer, settled?.label as Answer)).toEqual(label);
    expect([1, 2, 3].map((each) => lane.earned(each) > 0n)).toEqual([true, false, true]);
  });

  it.each(cases)("can be known beforehand, from a table as well: %o", (schema, [first]) => {
    const known = readKnownAnswer(schema, first);
    const inCell = typeof first === "string" ? first : JSON.stringify(first);
    expect(readKnownAnswer(schema, inCell)).toEqual(known);
    const control = { task: 3, answer: known, salt: sha256(new Uint8Array(1)) };
    const commitments = [{ task: 3, commitment: controlCommitment(sha256, control) }];
    expect(openControls(sha256, commitments, sealControls([control]))).toEqual([control]);
  });

  it("are right from the share on that the terms say", () => {
    const answer: AnswerSchema = { type: "boxes", labels: ["cat"], frame: { width: 100, height: 100 }, boxesMax: 5 };
    const earned = [500_000, 900_000].map((matchPpmMin) => {
      const agreement = { matchPpmMin, overlapPpmMin: 500_000 };
      const lane = openLane({ spec: { terms: { answer, agreement, overlap: { min: 3, max: 3, targetPpm: 0 } } } });
      lane.answer(1, 0, [box(10), box(50)]);
      lane.answer(2, 0, [box(10), box(50)]);
      lane.answer(3, 0, [box(10)]);
      return lane.earned(3) > 0n;
    });
    expect(earned).toEqual([true, false]);
  });

  it("can differ between the batches of a market; terms that fit no type point at the field", () => {
    const lane = openLane({ spec: { terms: { answer: { type: "pair", ties: false } } } });
    const spec = specOf(lane.state);
    const terms = parseTermsText(spec, '{"answer":{"type":"scale","min":1,"max":3}}');
    expect(terms.answer).toEqual({ type: "scale", min: 1, max: 3, labels: null, tolerance: 0 });
    expect(() => parseTermsText(spec, '{"answer":{"type":"scale","min":1,"max":1}}')).toThrow(/terms\.answer\.max/);
    expect(() => parseTermsText(spec, '{"agreement":{"matchPpmMin":0,"overlapPpmMin":1}}')).toThrow(
      /terms\.agreement\.matchPpmMin/,
    );
  });
});
