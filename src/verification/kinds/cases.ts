import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import type { Spec } from "../algebra/composition.ts";
import { readContext, readEvidence } from "../algebra/read-case.ts";
import type { Verdict } from "../algebra/verdict.ts";
import { readSpec, verify } from "../algebra/verify.ts";
import { own } from "../primitives/evidence.ts";
import { composed } from "./compose.ts";
import { type EvidenceSchema, evidenceTables, evidenceValues, type Kind, type Vector } from "./kind.ts";

const malformedCase = (path: string, problem: string) => earnestError("MALFORMED_CASE", { path, problem });

/**
 * The verdict on a case `{spec, evidence, context}` of a kind. `spec` is the kind's own where it is left out,
 * `{"parameters": {…}}` the kind's with other values, or a specification of its own.
 *
 * @throws MALFORMED_CASE, MALFORMED_KIND or MALFORMED_SPEC that points at the field which is wrong
 */
export function verifyCase(kind: Kind, json: Json): Verdict {
  const { spec, evidence, context } = new Field(json, "case", malformedCase).fields("spec", "evidence", "context");
  expectSchema(kind.evidence, evidence);
  return verify(specOf(kind, spec), readEvidence(evidence), readContext(context));
}

function specOf(kind: Kind, field: Field): Spec {
  if (field.value === undefined) return composed(kind, {});
  if (Object.hasOwn(field.object(), "composition")) return readSpec(new Field(field.value, "spec"));
  const { parameters } = field.fields("parameters");
  return composed(
    kind,
    Object.fromEntries(Object.keys(parameters.object()).map((name) => [name, numberAt(parameters.get(name))])),
  );
}

const numberAt = (field: Field): number => field.integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

/** Evidence has what the kind asks for, and nothing else: what nobody looks at is not taken in. */
function expectSchema(schema: EvidenceSchema, evidence: Field): void {
  const given = evidence.object();
  for (const name of evidenceValues) {
    if (schema[name] === null && (given[name] ?? null) !== null)
      evidence.get(name).fail("is not asked for in this kind");
  }
  for (const table of evidenceTables) {
    const field = evidence.get(table);
    if (field.value === undefined) continue;
    const unknown = Object.keys(field.object()).find((name) => own(schema[table], name) === undefined);
    if (unknown !== undefined)
      field.fail(`has ${JSON.stringify(unknown.slice(0, 40))}, which is not asked for in this kind`);
  }
}

/** What came of a vector where that is not what had to; null where it is. */
export function missed(kind: Kind, vector: Vector): string | null {
  const { evidence, context, parameters } = vector;
  let found: Verdict;
  try {
    found = verifyCase(kind, { spec: { parameters }, evidence, context });
  } catch (error) {
    return (error as Error).message;
  }
  const reasons = found.reasons.map(({ code }) => code).join(", ");
  const wanted = vector.reasons.join(", ");
  if (found.verdict !== vector.verdict) return `${found.verdict} (${reasons}), not ${vector.verdict}`;
  if (vector.units !== null && found.units !== vector.units) return `${found.units} units, not ${vector.units}`;
  return reasons === wanted ? null : `the reasons ${reasons || "none"}, not ${wanted || "none"}`;
}
