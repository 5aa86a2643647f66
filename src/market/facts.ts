import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { type Facts, noFacts } from "./state.ts";

/** @throws MALFORMED_REQUEST where the JSON of a joined entry says anything but facts. "" stands for none. */
export function parseFacts(text: string): Facts {
  if (text === "") return noFacts;
  const json = objectOf(text);
  const { languages = [], country = null, birthYear = null, place = null, ...unknown } = json;
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw malformed(`has an unknown field "${name}"`);
  if (!Array.isArray(languages) || !languages.every(isText)) throw malformed("languages must be a list of texts");
  if (country !== null && !isText(country)) throw malformed("country must be a text");
  if (place !== null && !isText(place)) throw malformed("place must be a text");
  if (birthYear !== null && !isYear(birthYear)) throw malformed("birthYear must be a year");
  return { languages, country, birthYear, place };
}

const malformed = (problem: string): Error => earnestError("MALFORMED_REQUEST", { where: "facts", problem });

function objectOf(text: string): { readonly [key: string]: Json } {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    throw malformed("is not JSON");
  }
  if (json === null || typeof json !== "object" || Array.isArray(json)) throw malformed("must be an object");
  return json as { readonly [key: string]: Json };
}

const isText = (value: Json): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= 100 && !/\p{Surrogate}/u.test(value);

const isYear = (value: Json): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1800 && value <= 9999;
