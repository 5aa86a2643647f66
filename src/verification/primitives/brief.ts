import type { Json } from "../../core/json.ts";
import { isList } from "./same-json.ts";

/** The longest text that a reason repeats, in UTF-16 units: a hash, an id, a choice. */
const charactersMax = 100;

/**
 * A value as a reason may hold it: itself where it is short, else what it is. Reasons go into logs; what somebody sent
 * must neither fill them nor, as NaN or half of a surrogate pair, have no canonical form.
 */
export function brief(value: Json): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : `${value}`;
  if (typeof value === "string") return isShort(value) ? value : kindOf(value);
  return value === null || typeof value === "boolean" ? value : kindOf(value);
}

const isShort = (text: string): boolean => text.length <= charactersMax && !/\p{Surrogate}/u.test(text);

/** What a value is, without saying it. */
export function kindOf(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (isList(value)) return `a list of ${value.length} items`;
  if (typeof value === "string") return `a text of ${value.length} characters`;
  if (typeof value === "number" && Number.isFinite(value)) return `the number ${value}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
