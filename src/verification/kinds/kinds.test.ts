import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { missed, verifyCase } from "./cases.ts";
import { composed, compositionOf, valuesOf } from "./compose.ts";
import { mergePatch } from "./merge-patch.ts";
import { readKind, readVectors } from "./read-kind.ts";

const folder = join(import.meta.dirname, "../../../kinds");
const files = readdirSync(folder).filter((name) => !name.endsWith(".vectors.json"));
const jsonOf = (name: string): Json => JSON.parse(readFileSync(join(folder, name), "utf8")) as Json;
const kinds = files.map((name) => readKind(jsonOf(name)));
const label = kinds.find(({ kind }) => kind === "label") as (typeof kinds)[number];
const labelJson = jsonOf("label.json") as { [key: string]: Json };

describe.each(files)("kinds/%s", (file) => {
  const kind = readKind(jsonOf(file));
  const vectors = readVectors(jsonOf(file.replace(".json", ".vectors.json")));

  it("has the name of its file", () => {
    expect(`${kind.kind}.json`).toBe(file);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (_, vector) => {
    expect(missed(kind, vector)).toBeNull();
  });

  it("has two attacks in five vectors, and none of them pays", () => {
    const attacks = vectors.filter(({ attack }) => attack !== null);
    expect(attacks.length / vectors.length).toBeGreaterThanOrEqual(0.4);
    for (const { verdict } of attacks) expect(verdict).not.toBe("accepted");
  });

  it("accepts nothing that was made up, and throws nothing but what points at the field", () => {
    const [{ context } = { context: {} }] = vectors;
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false, maxDepth: 3 }), fc.boolean(), (made, isAnswer) => {
        const evidence = JSON.parse(JSON.stringify(isAnswer ? { answer: made } : made) ?? "null") as Json;
        try {
          // The context has the label that this case's evidence would have to agree with, and no control task.
          expect(verifyCase(kind, { evidence, context: mergePatch(context, { scorePpm: 0 }) }).verdict).not.toBe(
            "accepted",
          );
        } catch (error) {
          expect(isEarnestError(error, "MALFORMED_CASE"), String(error)).toBe(true);
        }
      }),
    );
  });
});

/** Every place in a value that something else can stand at. */
function placesIn(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  // Of long lists the first items stand for all.
  const parts = Object.entries(value).slice(0, 4);
  return [path, ...parts.flatMap(([name, part]) => placesIn(part, [...path, name]))];
}

function replaced(value: Json, [name, ...rest]: readonly string[], by: Json): Json {
  if (name === undefined) return by;
  const copy = structuredClone(value) as { [key: string]: Json };
  copy[name] = replaced(copy[name] as Json, rest, by);
  return copy;
}

describe.each(files)("evidence of kinds/%s that is wrong in one place", (file) => {
  const kind = readKind(jsonOf(file));
  const [first] = readVectors(jsonOf(file.replace(".json", ".vectors.json")));
  const { evidence, context } = first as NonNullable<typeof first>;

  it("has a verdict, or an error that points at the field", () => {
    const places = fc.constantFrom(...placesIn(evidence));
    const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<Json>(-1, 0.5, 1e308, 2 ** 53, "", null));
    fc.assert(
      fc.property(places, values, (place, value) => {
        try {
          verifyCase(kind, { evidence: replaced(evidence, place, value as Json), context });
        } catch (error) {
          expect(isEarnestError(error, "MALFORMED_CASE"), String(error)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a kind's file", () => {
  it.each<[string, { [key: string]: Json }]>([
    ["kind: has an unknown field", { other: 1 }],
    ["kind.kind", { kind: "Label" }],
    ["kind.kind", { kind: "__proto__" }],
    ["kind.version", { version: 0 }],
    ["kind.evidence", { evidence: { answers: "x" } }],
    ["kind.evidence.runs", { evidence: { runs: { "a b": "x" } } }],
    ["kind.parameters.acceptedMax.value", { parameters: { acceptedMax: { ...parameterOf(), value: 11 } } }],
    ["kind.parameters.acceptedMax.max", { parameters: { acceptedMax: { ...parameterOf(), max: 0 } } }],
    ["kind.parameters.acceptedMax.source", { parameters: { acceptedMax: { ...parameterOf(), source: "" } } }],
    ["a parameter that the kind does not have: acceptedMax", { parameters: {} }],
    ["kind.composition", { composition: { nothing: {} } }],
    [
      "kind.composition.all[0].attest.acceptedMax",
      {
        composition: {
          all: [{ attest: { isSignatureNeeded: true, isNonceNeeded: false, isOnePerOwner: true, acceptedMax: "1" } }],
        },
      },
    ],
    ["kind.template", { template: { verification: null } }],
    ["kind.guardrails[0]", { guardrails: [1] }],
  ])("is refused with where it is wrong: %s", (path, change) => {
    expect(() => readKind({ ...labelJson, ...change })).toThrow(path);
  });

  function parameterOf() {
    return { value: 5, unit: "answers", min: 1, max: 10, meaning: "m", source: "s" };
  }

  it("is never read halfway: anything gives a kind or an error of its own", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(labelJson)), fc.jsonValue({ maxDepth: 3 }), (field, value) => {
        try {
          readKind({ ...labelJson, [field]: value as Json });
        } catch (error) {
          expect(isEarnestError(error, "MALFORMED_KIND"), String(error)).toBe(true);
        }
      }),
    );
  });
});

describe("parameters", () => {
  it("stand where the composition names them", () => {
    const text = JSON.stringify(compositionOf(label, { controlsAnsweredMin: 17 }));
    expect(text).toContain('"answeredMin":17');
    expect(text).not.toContain("parameter");
    expect(valuesOf(label, { acceptedMax: 3 })).toMatchObject({ acceptedMax: 3, controlsAnsweredMin: 4 });
    expect(composed(label, { acceptedMax: 3 }).composition).toMatchObject({
      all: [{ attest: { acceptedMax: 3 } }, {}, {}, {}],
    });
  });

  it.each([
    [{ other: 1 }],
    [{ toString: 1 }],
    [{ acceptedMax: 0 }],
    [{ acceptedMax: 0.5 }],
    [{ acceptedMax: Number.NaN }],
  ])("keep their bounds: %j", (set) => {
    expect(() => composed(label, set)).toThrow(`parameters.${Object.keys(set)[0]}`);
  });
});

describe("a merge patch", () => {
  it.each<[Json, Json, Json]>([
    // The examples of RFC 7386, appendix A.
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("of %j by %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});
