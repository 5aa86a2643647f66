import canonicalize from "canonicalize";
import { earnestError } from "./errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** RFC 8785 (JSON Canonicalization Scheme): one text for one value. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw earnestError("INVARIANT_MISMATCH", { what: "a value has no JSON form" });
  return text;
}

/** For people: a text as it is, anything else as JSON. */
export const jsonText = (value: Json | undefined): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null);
