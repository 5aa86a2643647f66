import type { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { isCell } from "../places/cell.ts";
import type { Named } from "../primitives/evidence.ts";
import { quantityMaxMax } from "../primitives/finding.ts";

export const durationMsMax = 366 * 24 * 3_600_000;
/** The most values under names of one sort. */
const namesMax = 64;
const namePattern = /^[a-z][A-Za-z0-9]{0,39}$/;

/** Times are milliseconds of lane time: not before 1970, exact in a double. */
export const timeMs = (field: Field): number => field.integer(0, Number.MAX_SAFE_INTEGER);

export const quantity = (field: Field): number => field.integer(0, quantityMaxMax);

/** A name of the kind's own, such as the `node` in `series.node`. */
export function name(field: Field): string {
  const text = field.text(40);
  if (!namePattern.test(text)) field.fail("must be a name of letters and digits that begins with a small letter");
  return text;
}

/** A hash in small hexadecimal digits: one text for one hash. */
export function hash(field: Field): string {
  const text = field.text(64);
  if (!/^[0-9a-f]{64}$/.test(text)) field.fail("must be 64 small hexadecimal digits");
  return text;
}

/** An H3 cell, in its hexadecimal text. */
export function cell(field: Field): string {
  const text = field.text(15);
  if (!isCell(text)) field.fail("must be an H3 cell, such as 8a2a1072b59ffff");
  return text;
}

/** Any finite number, negative ones among them. */
export function number(field: Field, min = -Number.MAX_VALUE, max = Number.MAX_VALUE): number {
  const { value } = field;
  if (typeof value !== "number" || !(value >= min && value <= max)) {
    return field.fail(min === -Number.MAX_VALUE ? "must be a number" : `must be a number from ${min} to ${max}`);
  }
  return value;
}

export function oneOf<const T extends string>(field: Field, texts: readonly T[]): T {
  const found = texts.find((text) => text === field.value);
  return found ?? field.fail(`must be one of ${texts.join(", ")}`);
}

/** Values under names. A name that an object has by itself is as good as any: only own ones are read. */
export function named<T>(field: Field, read: (value: Field) => T): Named<T> {
  if (field.value === undefined) return {};
  const keys = Object.keys(field.object());
  if (keys.length > namesMax) field.fail(`must have at most ${namesMax} fields`);
  for (const key of keys) if (!namePattern.test(key)) field.fail(`has a field "${key}" whose name is none`);
  return Object.fromEntries(keys.map((key) => [key, read(field.get(key))]));
}

/** What it is unless the file says something. */
export const otherwise = <T>(field: Field, value: T, read: (field: Field) => T): T =>
  field.value === undefined ? value : read(field);

const jsonDepthMax = 32;
const jsonNodesMax = 100_000;

/** Any JSON value, of a bounded depth and size, with finite numbers. */
export function anyJson(field: Field): Json {
  if (field.value === undefined) return field.fail("is missing");
  let nodes = 0;
  const visit = (value: Json, depth: number): void => {
    nodes++;
    if (depth > jsonDepthMax || nodes > jsonNodesMax)
      field.fail(`must have at most ${jsonDepthMax} levels and ${jsonNodesMax} values`);
    if (typeof value === "number" && !Number.isFinite(value)) field.fail("must have finite numbers");
    if (value !== null && typeof value === "object") for (const each of Object.values(value)) visit(each, depth + 1);
  };
  visit(field.value, 0);
  return field.value;
}
