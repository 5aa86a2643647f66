import type { Json } from "../../core/json.ts";

/** How deep values are compared; what lies deeper is taken to differ. */
const depthMax = 32;

/**
 * Whether two values have one canonical JSON: the order of an object's fields does not matter, 0 and −0 are one number,
 * and NaN, which has no JSON, equals nothing.
 */
export function isSameJson(a: Json, b: Json, depth = 0): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object" || depth >= depthMax) return false;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((each, i) => isSameJson(each, b[i] as Json, depth + 1));
  }
  if (isList(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameJson(a[name] as Json, b[name] as Json, depth + 1))
  );
}

/** `Array.isArray` does not narrow read-only lists. */
export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
