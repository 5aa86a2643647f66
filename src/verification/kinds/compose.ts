import { type EarnestError, earnestError, isEarnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Spec } from "../algebra/composition.ts";
import { readComposition, verificationVersion } from "../algebra/verify.ts";
import type { Kind } from "./kind.ts";

const malformed = (path: string, problem: string): EarnestError => earnestError("MALFORMED_KIND", { path, problem });

/** The values of a kind's parameters, with those that were set. @throws MALFORMED_KIND for one that is unknown or out of bounds */
export function valuesOf(
  { parameters }: Kind,
  set: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  for (const [name, value] of Object.entries(set)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const known = Object.keys(parameters).join(", ");
    if (parameter === undefined)
      throw malformed(`parameters.${name}`, `there is no such parameter; there are ${known}`);
    const { min, max, unit } = parameter;
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw malformed(`parameters.${name}`, `must be an integer from ${min} to ${max} ${unit}`);
    }
  }
  return { ...Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value])), ...set };
}

/** The composition as JSON, each parameter replaced by its value: what a market's `verification` is. */
export function compositionOf(kind: Kind, set: Readonly<Record<string, number>>): Json {
  const values = valuesOf(kind, set);
  const fill = (json: Json): Json => {
    if (typeof json !== "object" || json === null) return json;
    if (Array.isArray(json)) return json.map(fill);
    const entries = Object.entries(json);
    const [only] = entries;
    if (entries.length === 1 && only?.[0] === "parameter" && typeof only[1] === "string")
      return valueIn(values, only[1]);
    return Object.fromEntries(entries.map(([name, value]) => [name, fill(value)]));
  };
  return fill(kind.composition);
}

function valueIn(values: Readonly<Record<string, number>>, name: string): number {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined)
    throw malformed("kind.composition", `names a parameter that the kind does not have: ${name}`);
  return value;
}

/** The specification by which a submission of the kind is verified. @throws MALFORMED_KIND where the composition is none */
export function composed(kind: Kind, set: Readonly<Record<string, number>>): Spec {
  const json = compositionOf(kind, set);
  try {
    return { version: verificationVersion, composition: readComposition(json, "kind.composition") };
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_SPEC")) throw error;
    throw malformed(error.context.path, error.context.problem);
  }
}
