import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import type { Context, Evidence } from "../primitives/evidence.ts";
import { checkOf } from "./compile.ts";
import type { Composition, Spec } from "./composition.ts";
import { readCompositionField } from "./read-composition.ts";
import { unitOf } from "./units.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Verifies submissions by one specification. */
export type Verifier = (evidence: Evidence, context: Context) => Verdict;

interface Rules {
  readonly read: (field: Field) => Composition;
  readonly compile: (composition: Composition) => Verifier;
}

/** By version of the specification. A version's rules never change: what changes a verdict is a new version. */
const rules: Readonly<Record<number, Rules>> = {
  1: {
    read: readCompositionField,
    compile: (composition) => {
      const check = checkOf(composition);
      const unit = unitOf(composition);
      return (evidence, context) => verdictOf(check(evidence, context), unit);
    },
  },
};

const versions = Object.keys(rules).map(Number);

/** The rules of today: what a new market is verified by, for ever. */
export const verificationVersion = Math.max(...versions);

/** @throws MALFORMED_SPEC for a version that has no rules here. */
function rulesOf(version: number): Rules {
  const found = Object.hasOwn(rules, version) ? rules[version] : undefined;
  if (found === undefined) {
    throw earnestError("MALFORMED_SPEC", { path: "spec.version", problem: `must be one of ${versions.join(", ")}` });
  }
  return found;
}

/** A specification as a function, for a market that verifies many submissions by it. */
export const compile = (spec: Spec): Verifier => rulesOf(spec.version).compile(spec.composition);

/**
 * The verdict on a submission: a pure function of what was sent and of what the log knows. `spec` is one that was read;
 * evidence may be anything of its type.
 */
export const verify = (spec: Spec, evidence: Evidence, context: Context): Verdict => compile(spec)(evidence, context);

/** @throws MALFORMED_SPEC that points at the field which is wrong. */
export function readSpec(field: Field): Spec {
  const { version, composition } = field.fields("version", "composition");
  const known = version.integer(1, verificationVersion);
  return { version: known, composition: rulesOf(known).read(composition) };
}

/** @throws MALFORMED_SPEC that points at the field which is wrong, beginning with the path given. */
export const readComposition = (json: Json, path: string): Composition => readCompositionField(new Field(json, path));
