import canonicalize from "canonicalize";
import { earnestError } from "./errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** RFC 8785 (JSON Canonicalization Scheme): one text for one value. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw earnestError("INVARIANT_MISMATCH", { what: "a value has no JSON form" });
  return text;
}
