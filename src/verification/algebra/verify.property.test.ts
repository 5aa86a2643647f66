import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "../../core/json.ts";
import { type Context, emptyContext } from "../primitives/evidence.ts";
import { all } from "./combinators.ts";
import { checkOf } from "./compile.ts";
import type { Composition } from "./composition.ts";
import { reasonCatalogue } from "./reasons.ts";
import { contextOf, evidenceOf, hashOf } from "./testing.ts";
import { anyComposition, anyContext, anyEvidence, hostileEvidence, unknowable } from "./testing-arbitrary.ts";
import { unitOf, unitsMax } from "./units.ts";
import type { Verdict } from "./verdict.ts";
import { compile, readComposition, verify } from "./verify.ts";

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
const specOf = (composition: Composition) => ({ version: 1, composition });
const runs = { numRuns: 1_500 };

/** A verdict that keeps what every verdict has to. */
function checkShape(verdict: Verdict, composition: Composition): void {
  expect(Number.isSafeInteger(verdict.units)).toBe(true);
  expect(verdict.units).toBeGreaterThanOrEqual(0);
  expect(verdict.units).toBeLessThanOrEqual(unitsMax(composition));
  expect(verdict.reserveUnits).toBeLessThanOrEqual(verdict.units);
  expect(verdict.unit).toBe(unitOf(composition));
  if (verdict.verdict !== "accepted") expect(verdict.units).toBe(0);
  if (verdict.verdict === "rejected" || verdict.verdict === "void") expect(verdict.reasons.length).toBeGreaterThan(0);
  expect(verdict.needs.length > 0).toBe(verdict.verdict === "held");
  for (const { code, ...facts } of verdict.reasons) {
    expect(Object.keys(facts).sort()).toEqual([...reasonCatalogue[code].facts].sort());
  }
}

describe("verify", () => {
  it("gives every case a verdict of the right shape, within its cap", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyComposition, anyEvidence, anyContext, (composition, evidence, context) => {
        const verdict = verify(specOf(composition), evidence, context);
        checkShape(verdict, composition);
        seen.add(verdict.verdict);
      }),
      runs,
    );
    expect([...seen].sort()).toEqual(["accepted", "held", "rejected", "void"]);
  });

  it("gives whatever is sent a verdict, with short reasons that have a canonical form", () => {
    fc.assert(
      fc.property(anyComposition, hostileEvidence, anyContext, (composition, evidence, context) => {
        const verdict = verify(specOf(composition), evidence, context);
        checkShape(verdict, composition);
        expect(canonicalJson(verdict as unknown as Json).length).toBeLessThan(2_000);
      }),
      runs,
    );
  });

  it("says the same twice, and whatever order the fields came in", () => {
    fc.assert(
      fc.property(anyComposition, anyEvidence, anyContext, (composition, evidence, context) => {
        const verifier = compile(specOf(composition));
        const first = canonicalJson(asJson(verifier(evidence, context)));
        const mirrored = Object.fromEntries(Object.entries(context).reverse()) as unknown as Context;
        expect(canonicalJson(asJson(verifier(evidence, mirrored)))).toBe(first);
        const read = readComposition(JSON.parse(canonicalJson(asJson(composition))) as Json, "composition");
        expect(canonicalJson(asJson(verify(specOf(read), evidence, context)))).toBe(first);
      }),
      { numRuns: 500 },
    );
  });

  it("never turns back to held when more becomes known", () => {
    const known = fc.subarray([...unknowable]);
    fc.assert(
      fc.property(anyComposition, anyEvidence, anyContext, known, (composition, evidence, context, names) => {
        const verifier = compile(specOf(composition));
        const less = { ...context, ...Object.fromEntries(names.map((name) => [name, emptyContext[name]])) } as Context;
        fc.pre(verifier(evidence, less).verdict !== "held");
        expect(verifier(evidence, context).verdict).not.toBe("held");
      }),
      runs,
    );
  });

  it("does not take back what one part of `any` decided when another becomes known and passes undecided", () => {
    const part: Composition = {
      any: [
        { agree: { type: "share", scorePpmMin: 300_000 } },
        { match: { type: "control", tolerance: 0, tolerancePpm: 0, scorePpmMin: 500_000 } },
      ],
    };
    const verifier = compile(
      specOf({
        escalate: { of: part, to: "answers", windowMs: 1_000_000, otherwise: "accepted", seats: 0, acceptedMin: 0 },
      }),
    );
    const known = { settled: { answer: "bird", isDecided: false }, scorePpm: 250_000 };
    const control = { answer: "dog", commitment: hashOf(1), isVoid: true };
    const verdictOf = (context: Partial<Context>) =>
      verifier(evidenceOf({ answer: "bird" }), contextOf(context)).verdict;
    expect(verdictOf({ control })).not.toBe("held");
    expect(verdictOf({ control, ...known })).toBe(verdictOf({ control }));
  });

  it("compiles `all` to what its law says", () => {
    const list = fc.array(anyComposition, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(list, anyEvidence, anyContext, (parts, evidence, context) => {
        const findings = parts.map((part) => checkOf(part)(evidence, context));
        expect(checkOf({ all: parts })(evidence, context)).toEqual(all(findings));
      }),
      { numRuns: 300 },
    );
  });
});

describe("readComposition", () => {
  it("gives back what it was given, and once more", () => {
    fc.assert(
      fc.property(anyComposition, (composition) => {
        const read = readComposition(asJson(composition), "composition");
        expect(read).toEqual(composition);
        expect(readComposition(asJson(read), "composition")).toEqual(read);
      }),
      { numRuns: 500 },
    );
  });

  it("takes nothing else: any JSON is read whole or refused with a path", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(() => readComposition(value as Json, "composition")).toThrow(
          expect.objectContaining({
            code: "MALFORMED_SPEC",
            context: expect.objectContaining({ path: "composition" }),
          }) as Error,
        );
      }),
    );
  });

  it("refuses a composition with one field more, wherever it is put", () => {
    fc.assert(
      fc.property(anyComposition, fc.nat(), (composition, at) => {
        const json = asJson(composition);
        const objects = objectsIn(json);
        (objects[at % objects.length] as Record<string, Json>)["surplus"] = 1;
        expect(() => readComposition(json, "composition")).toThrow(/surplus|exactly one field/);
      }),
      { numRuns: 500 },
    );
  });
});

function objectsIn(json: Json): Json[] {
  if (json === null || typeof json !== "object") return [];
  const inner = Object.values(json).flatMap((each) => objectsIn(each));
  return Array.isArray(json) ? inner : [json, ...inner];
}
