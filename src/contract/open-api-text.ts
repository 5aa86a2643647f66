import type { Json } from "../core/json.ts";
import { openApiDocument } from "./open-api.ts";

const width = 120;

/** docs/openapi.json, laid out like the repository's formatter does, so that the two never argue. */
export const openApiText = (): string => `${laidOut(openApiDocument(), "", 0)}\n`;

/** @param before how many characters stand on the line already */
function laidOut(value: Json, indent: string, before: number): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = flatList(value);
    if (flat !== null && before + flat.length < width) return flat;
    return `[\n${value.map((each: Json) => `${deeper}${laidOut(each, deeper, deeper.length)}`).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).map(([name, each]) => {
    const key = `${deeper}${JSON.stringify(name)}: `;
    return `${key}${laidOut(each, deeper, key.length)}`;
  });
  return entries.length === 0 ? "{}" : `{\n${entries.join(",\n")}\n${indent}}`;
}

/** A list of plain values on one line; null where it holds anything that takes more than one. */
function flatList(values: readonly Json[]): string | null {
  const isPlain = values.every((each) => each === null || typeof each !== "object" || Object.keys(each).length === 0);
  return isPlain ? `[${values.map((each) => JSON.stringify(each)).join(", ")}]` : null;
}
