import { describe, expect, it } from "vitest";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { compositionLimits } from "./read-composition.ts";
import { readComposition, readSpec } from "./verify.ts";

const control = { match: { type: "control" } };
const meter = (unit: string) => ({
  meter: { type: "lesser", name: "node", unit, quantityMin: 0, quantityMax: 10, tolerancePpm: 0 },
});
const problem = (composition: Json): string => {
  try {
    readComposition(composition, "spec.composition");
  } catch (error) {
    const { path, problem: what } = (error as { context: { path: string; problem: string } }).context;
    return `${path}: ${what}`;
  }
  return "read";
};
const json = (text: string): Json => JSON.parse(text) as Json;

describe("readComposition", () => {
  it("leaves out what came later, so that what was read once is read to the same for ever", () => {
    const scored = { match: { type: "control", tolerance: 0, tolerancePpm: 0, scorePpmMin: 5 } };
    expect(readComposition(scored, "c")).toEqual(scored);
    expect(JSON.stringify(readComposition(control, "c"))).not.toContain("score");
  });

  it("fills in what may be left out", () => {
    expect(readComposition(control, "c")).toEqual({ match: { type: "control", tolerance: 0, tolerancePpm: 0 } });
    expect(
      readComposition({ escalate: { of: control, to: "review", windowMs: 5, otherwise: "accepted" } }, "c"),
    ).toEqual({
      escalate: {
        of: { match: { type: "control", tolerance: 0, tolerancePpm: 0 } },
        to: "review",
        windowMs: 5,
        otherwise: "accepted",
        seats: 0,
        acceptedMin: 0,
      },
    });
  });

  it.each<[Json, string]>([
    [
      { all: [control, { match: { type: "control", tolerance: -1 } }] },
      "spec.composition.all[1].match.tolerance: must be a number from 0 to 1000000000000000",
    ],
    [{}, "spec.composition: must have exactly one field of all, any"],
    [{ all: [control], any: [control] }, "spec.composition: must have exactly one field of all, any"],
    [{ most: [control] }, 'spec.composition: has an unknown field "most"'],
    [json('{ "__proto__": [] }'), 'spec.composition: has an unknown field "__proto__"'],
    [{ constructor: {} }, 'spec.composition: has an unknown field "constructor"'],
    [{ all: [] }, "spec.composition.all: must have at least one item"],
    [{ all: [null] }, "spec.composition.all[0]: must be an object"],
    [{ all: control }, "spec.composition.all: must be a list"],
    [
      { match: { type: "contrl" } },
      "spec.composition.match.type: must be shape, control, controlRate, digest, crash or value",
    ],
    [{ match: { type: "control", tolerence: 1 } }, 'spec.composition.match: has an unknown field "tolerence"'],
    [{ match: { type: "control", tolerance: "1" } }, "spec.composition.match.tolerance: must be a number"],
    [
      json('{ "match": { "type": "control", "tolerance": 1e999 } }'),
      "spec.composition.match.tolerance: must be a number",
    ],
    [{ match: { type: "digest", name: "__proto__" } }, "spec.composition.match.name: must be a name"],
    [
      { match: { type: "controlRate", answeredMin: 1.5, accuracyPpmMin: 1 } },
      "spec.composition.match.answeredMin: must be an integer",
    ],
    [
      { match: { type: "controlRate", answeredMin: 1, accuracyPpmMin: 1_000_001 } },
      "spec.composition.match.accuracyPpmMin: must be an integer from 0 to 1000000",
    ],
    [
      { match: { type: "shape", shape: { type: "choice", choices: ["a"] } } },
      "spec.composition.match.shape.choices: must have at least 2",
    ],
    [
      { match: { type: "shape", shape: { type: "number", min: 2, max: 1, isInteger: true } } },
      "spec.composition.match.shape.max: must be a number from 2",
    ],
    [
      { agree: { type: "panel", seats: 3, acceptedMin: 4 } },
      "spec.composition.agree.acceptedMin: must be an integer from 1 to 3",
    ],
    [{ scale: { of: control, sharePpm: -1 } }, "spec.composition.scale.sharePpm: must be an integer"],
    [{ scale: { of: control } }, "spec.composition.scale.sharePpm: must be an integer"],
    [
      { scale: { of: control, sharePpm: 1, points: [{ from: 0, to: 1 }] } },
      'spec.composition.scale: has an unknown field "sharePpm"',
    ],
    [
      {
        scale: {
          of: control,
          points: [
            { from: 5, to: 1 },
            { from: 5, to: 2 },
          ],
        },
      },
      "spec.composition.scale.points[1].from: must be greater",
    ],
    [
      { scale: { of: control, points: [{ from: 0, to: 1_000_001 }] } },
      "spec.composition.scale.points[0].to: must be an integer from 0 to 1000000",
    ],
    [
      { holdback: { of: control, sharePpm: 0, until: { type: "delay", delayMs: 1 } } },
      "spec.composition.holdback.sharePpm: must be an integer from 1",
    ],
    [
      { holdback: { of: control, sharePpm: 1, until: { type: "never" } } },
      "spec.composition.holdback.until.type: must be delay, checked or events",
    ],
    [
      { escalate: { of: control, to: "boss", windowMs: 1, otherwise: "accepted" } },
      "spec.composition.escalate.to: must be answers, review or panel",
    ],
    [
      { escalate: { of: control, to: "review", windowMs: 1, otherwise: "held" } },
      "spec.composition.escalate.otherwise: must be accepted or rejected",
    ],
    [
      { escalate: { of: control, to: "review", windowMs: 1, otherwise: "accepted", seats: 3 } },
      "spec.composition.escalate.seats: belongs to a panel only",
    ],
    [{ all: [meter("byte"), meter("mWh")] }, "spec.composition: must meter in one unit, not in byte and mWh"],
    [
      { all: [{ any: [control, meter("byte")] }] },
      "spec.composition.all[0].any: must be counted in one unit, not in ppm and byte",
    ],
    [meter("gram"), "spec.composition.meter.unit: must be one of byte"],
  ])("points into %j", (composition, expected) => {
    expect(problem(composition)).toContain(expected);
  });

  it("refuses negative readings where they are summed", () => {
    const quality = { intervalMs: 1, coveragePpmMin: 0, valueMin: -1, valueMax: 1 };
    const of = (type: string) => ({
      meter: { type, name: "node", unit: "byte", quantityMin: 0, quantityMax: 1, quality },
    });
    expect(problem(of("sum"))).toContain("meter.quality.valueMin: must be an integer from 0");
    expect(problem(of("covered"))).toBe("read");
  });

  it("bounds depth, breadth and size", () => {
    const deep = (levels: number): Json => (levels === 1 ? control : { all: [deep(levels - 1)] });
    expect(problem(deep(compositionLimits.depth))).toBe("read");
    expect(problem(deep(compositionLimits.depth + 1))).toContain("must be nested at most 8 deep");
    expect(problem(deep(1_000))).toContain("must be nested at most 8 deep");
    const wide = (parts: number): Json => ({ all: Array.from({ length: parts }, () => control) });
    expect(problem(wide(compositionLimits.parts))).toBe("read");
    expect(problem(wide(compositionLimits.parts + 1))).toContain("must be a list of at most 16 items");
    expect(problem({ all: [wide(16), wide(16), wide(16), wide(11)] })).toBe("read");
    expect(problem({ all: [wide(16), wide(16), wide(16), wide(12)] })).toContain("must have at most 64 nodes, not 65");
    const nestedShape = (levels: number): Json =>
      levels === 1 ? { type: "boolean" } : { type: "list", of: nestedShape(levels - 1), itemsMin: 0, itemsMax: 1 };
    expect(problem({ match: { type: "shape", shape: nestedShape(6) } })).toBe("read");
    expect(problem({ match: { type: "shape", shape: nestedShape(7) } })).toContain("must be nested at most 6 deep");
  });
});

describe("readSpec", () => {
  const read = (value: Json) => readSpec(new Field(value, "spec"));

  it("knows the versions there are", () => {
    expect(read({ version: 1, composition: control }).version).toBe(1);
    for (const version of [0, 2, 1.5, "1", null, -1, 1e300]) {
      expect(() => read({ version, composition: control })).toThrow(/spec\.version/);
    }
    expect(() => read({ version: 1, composition: control, extra: 1 })).toThrow(/unknown field "extra"/);
  });
});
