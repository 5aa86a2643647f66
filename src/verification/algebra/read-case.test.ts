import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../core/json.ts";
import { emptyContext, emptyEvidence } from "../primitives/evidence.ts";
import { readCase } from "./read-case.ts";
import { anyComposition, anyContext, anyEvidence } from "./testing-arbitrary.ts";

const spec = { version: 1, composition: { match: { type: "control" } } };
const json = (text: string): Json => JSON.parse(text) as Json;
const problem = (evidence: Json, context: Json): string => {
  try {
    readCase({ spec, evidence, context });
  } catch (error) {
    const { code, context: found } = error as { code: string; context: { path: string; problem: string } };
    return `${code} ${found.path}: ${found.problem}`;
  }
  return "read";
};
const inEvidence = (text: string): string => problem(json(text), { nowMs: 0 });
const inContext = (text: string): string => problem({}, json(text));

describe("readCase", () => {
  it("takes what is left out for empty or unknown", () => {
    const { evidence, context } = readCase({ spec, evidence: {}, context: { nowMs: 7 } });
    expect(evidence).toEqual(emptyEvidence);
    expect(context).toEqual({ ...emptyContext, nowMs: 7 });
  });

  it("reads every case it is given, whole", () => {
    fc.assert(
      fc.property(anyComposition, anyEvidence, anyContext, (composition, evidence, context) => {
        const given = { spec: { version: 1, composition }, evidence, context };
        expect(readCase(json(JSON.stringify(given)))).toEqual(given);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['{ "extra": 1 }', 'MALFORMED_CASE case.evidence: has an unknown field "extra"'],
    ['{ "__proto__": { "answer": 1 } }', 'MALFORMED_CASE case.evidence: has an unknown field "__proto__"'],
    ['{ "digests": { "__proto__": "00" } }', 'case.evidence.digests: has a field "__proto__" whose name is none'],
    ['{ "digests": { "body": "AB" } }', "case.evidence.digests.body: must be 64 small hexadecimal digits"],
    ['{ "takenAtMs": -1 }', "case.evidence.takenAtMs: must be an integer from 0"],
    ['{ "takenAtMs": 1e300 }', "case.evidence.takenAtMs: must be an integer from 0"],
    ['{ "answer": 1e999 }', "case.evidence.answer: must have finite numbers"],
    [
      '{ "quantities": { "node": 0.5 } }',
      "case.evidence.quantities.node: must be an integer from 0 to 1000000000000000",
    ],
    [
      '{ "series": { "node": { "timesMs": [1], "values": [1e999] } } }',
      "case.evidence.series.node.values[0]: must be an integer",
    ],
    [
      '{ "series": { "node": { "timesMs": ["1"], "values": [1] } } }',
      "case.evidence.series.node.timesMs[0]: must be an integer",
    ],
    ['{ "series": { "node": [] } }', "case.evidence.series.node: must be an object"],
    [
      '{ "tracks": { "walk": [{ "latitudeE7": 900000001, "longitudeE7": 0, "timeMs": 1, "accuracyMm": 1 }] } }',
      "case.evidence.tracks.walk[0].latitudeE7: must be an integer from -900000000 to 900000000",
    ],
  ])("points into the evidence %s", (text, expected) => {
    expect(inEvidence(text)).toContain(expected);
  });

  it.each([
    ["{}", "case.context.nowMs: must be an integer"],
    ['{ "nowMs": 1, "later": 1 }', 'case.context: has an unknown field "later"'],
    [
      '{ "nowMs": 1, "record": { "answered": 1, "right": 2 } }',
      "case.context.record.right: must be an integer from 0 to 1",
    ],
    ['{ "nowMs": 1, "window": { "startMs": 5, "endMs": 5 } }', "case.context.window.endMs: must be an integer from 6"],
    ['{ "nowMs": 1, "panel": { "accepted": -1, "rejected": 0 } }', "case.context.panel.accepted: must be an integer"],
    ['{ "nowMs": 1, "settled": { "isDecided": true } }', "case.context.settled.answer: is missing"],
    [
      '{ "nowMs": 1, "settled": { "answer": 1, "isDecided": 1 } }',
      "case.context.settled.isDecided: must be true or false",
    ],
    [
      '{ "nowMs": 1, "executions": { "proof": [{ "outcome": "ok" }] } }',
      "case.context.executions.proof[0].inputHash: must be a text",
    ],
    [
      '{ "nowMs": 1, "crashes": { "proof": { "type": "ASSERT", "state": [""] } } }',
      "case.context.crashes.proof.state[0]: must be a text of 1 to 400",
    ],
    [
      '{ "nowMs": 1, "crashes": { "proof": { "type": "ASSERT", "state": [], "earlier": [{ "type": "x" }] } } }',
      "case.context.crashes.proof.earlier[0].commitment: must be a text",
    ],
    ['{ "nowMs": 1, "scorePpm": 1000001 }', "case.context.scorePpm: must be an integer from 0 to 1000000"],
  ])("points into the context %s", (text, expected) => {
    expect(inContext(text)).toContain(expected);
  });

  it("says of a specification that it is one", () => {
    expect(() => readCase({ spec: { version: 9 }, evidence: {}, context: { nowMs: 0 } })).toThrow(
      expect.objectContaining({ code: "MALFORMED_SPEC" }) as Error,
    );
    expect(() => readCase({ spec, evidence: {} })).toThrow(/case\.context: must be an object/);
    expect(() => readCase([])).toThrow(/case: must be an object/);
  });

  it("bounds the depth of an answer", () => {
    const deep = (levels: number): Json => (levels === 0 ? 1 : [deep(levels - 1)]);
    expect(problem({ answer: deep(32) }, { nowMs: 0 })).toBe("read");
    expect(problem({ answer: deep(33) }, { nowMs: 0 })).toContain("case.evidence.answer: must have at most 32 levels");
    expect(problem({ answer: deep(5_000) }, { nowMs: 0 })).toContain("must have at most 32 levels");
  });

  it("never crashes on other JSON, and never reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (evidence, context) => {
        fc.pre(JSON.stringify(evidence) !== "{}");
        expect(problem(evidence as Json, context as Json)).toMatch(/^MALFORMED_CASE case\.(evidence|context)/);
      }),
    );
  });
});
