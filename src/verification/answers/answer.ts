import { earnestError } from "../../core/errors.ts";
import type { Field, Misfit } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";

/** Where a label is: code points of the task's text from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** The index of the label. */
  readonly label: number;
}

/** A rectangle on a frame, its corner at the upper left. */
export interface Box {
  readonly label: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An area on a frame; which vertex is first and which way round is fixed, see `polygons.ts`. */
export interface Polygon {
  readonly label: number;
  /** x and y of each vertex in turn. */
  readonly points: readonly number[];
}

/**
 * What was answered, made of integers and texts alone. A choice, a step, a scaled number and a side of a pair are plain
 * numbers, because most answers are and all pass through the hot path.
 */
export type Answer = number | string | readonly number[] | readonly Span[] | readonly Box[] | readonly Polygon[];

/**
 * Which form an answer is read from: as people send and see it, labels by name and numbers with decimals; or its code,
 * labels by index and scaled integers, as it is hashed and stored.
 */
export type AnswerForm = "people" | "code";

/**
 * A type of answer. Readers throw through their field: MALFORMED_SPEC for a schema, MALFORMED_ANSWER for an answer,
 * MALFORMED_ENCODING for a code.
 */
export interface AnswerType<Schema, Value extends Answer> {
  readSchema(field: Field): Schema;
  /** Equal answers are read as deeply equal values. */
  read(schema: Schema, field: Field, form: AnswerForm): Value;
  toPeople(schema: Schema, answer: Value): Json;
}

export const malformedAnswer: Misfit = (path, problem) =>
  earnestError("MALFORMED_ANSWER", { problem: `${path} ${problem}` });

const namesShown = 5;

/** The index of the name that a field holds, or the index itself. */
export function readName(names: readonly string[], field: Field, form: AnswerForm): number {
  if (form === "code") return field.integer(0, names.length - 1);
  const index = typeof field.value === "string" ? names.indexOf(field.value) : -1;
  if (index < 0)
    field.fail(`must be one of ${names.slice(0, namesShown).join(", ")}${names.length > namesShown ? ", …" : ""}`);
  return index;
}

export const nameOf = (names: readonly string[], index: number): string => names[index] as string;

/** The indices that a list of different names holds, in the order of the list. */
export function readNames(names: readonly string[], field: Field, form: AnswerForm): number[] {
  const index = new Map(names.map((name, i) => [name, i]));
  const found = field.items(names.length).map((item) => {
    const at = form === "people" && typeof item.value === "string" ? index.get(item.value) : undefined;
    return at ?? readName(names, item, form);
  });
  if (new Set(found).size !== found.length) field.fail("has an item twice");
  return found;
}
