import { earnestError } from "../core/errors.ts";
import { Field } from "../core/field.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { hash, named, quantity } from "../verification/algebra/read-values.ts";
import type { Named } from "../verification/primitives/evidence.ts";
import type { Verifying } from "./verifying.ts";

/** What the network's own instruments say of one submission: an external fact, in the log before it is used. */
export interface Measured {
  readonly quantities: Named<number>;
  /** Hashes of content, in hexadecimal. */
  readonly digests: Named<string>;
  /** Hashes that a hidden check expects; a session without one is no canary. */
  readonly canaries: Named<string>;
}

/** How long after its lease a submission waits to be measured; then it ends unpaid and neutral. */
export const measureMsMax = 600_000;

const charactersMax = 16_384;

export const measuredText = (measured: Measured): string => canonicalJson(measured as unknown as Json);

/** @throws MALFORMED_REQUEST for what is not the canonical text of a measure with everything the composition asks for */
export function readMeasured({ measures }: Verifying, text: string): Measured {
  const measured = text.length <= charactersMax ? parseMeasured(text) : malformed("facts", "are too long");
  if (measuredText(measured) !== text) malformed("facts", "must be canonical JSON");
  for (const name of measures?.quantities ?? [])
    if (!Object.hasOwn(measured.quantities, name)) malformed(`facts.quantities.${name}`, "is missing");
  for (const name of measures?.digests ?? [])
    if (!Object.hasOwn(measured.digests, name)) malformed(`facts.digests.${name}`, "is missing");
  return measured;
}

export function parseMeasured(text: string): Measured {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return malformed("facts", "must be JSON");
  }
  const field = new Field(json, "facts", (where, problem) => malformed(where, problem));
  const { quantities, digests, canaries } = field.fields("quantities", "digests", "canaries");
  return { quantities: named(quantities, quantity), digests: named(digests, hash), canaries: named(canaries, hash) };
}

function malformed(where: string, problem: string): never {
  throw earnestError("MALFORMED_REQUEST", { where, problem });
}
