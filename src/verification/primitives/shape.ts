import type { Json } from "../../core/json.ts";
import { kindOf } from "./brief.ts";
import { isList } from "./same-json.ts";

/** What an answer of a kind looks like. */
export type Shape =
  | { readonly type: "boolean" }
  | { readonly type: "choice"; readonly choices: readonly string[] }
  | { readonly type: "number"; readonly min: number; readonly max: number; readonly isInteger: boolean }
  | { readonly type: "text"; readonly charactersMin: number; readonly charactersMax: number }
  | { readonly type: "list"; readonly of: Shape; readonly itemsMin: number; readonly itemsMax: number }
  | { readonly type: "object"; readonly fields: { readonly [name: string]: Shape } };

export interface Misshapen {
  readonly expected: string;
  readonly actual: string;
}

/** The first place where a value does not have the shape, or null. Unknown fields do not fit. */
export function misshapenAt(shape: Shape, value: Json | undefined): Misshapen | null {
  const expected = describe(shape);
  const misfit = (): Misshapen => ({ expected, actual: kindOf(value) });
  if (value === undefined) return misfit();
  switch (shape.type) {
    case "boolean":
      return typeof value === "boolean" ? null : misfit();
    case "choice":
      return typeof value === "string" && shape.choices.includes(value) ? null : misfit();
    case "number":
      return isNumberOf(shape, value) ? null : misfit();
    case "text":
      return isTextOf(shape, value) ? null : misfit();
    case "list":
      if (!isList(value) || value.length < shape.itemsMin || value.length > shape.itemsMax) return misfit();
      return first(value, (each) => misshapenAt(shape.of, each));
    case "object":
      return isPlain(value) ? misshapenField(shape.fields, value) : misfit();
  }
}

function misshapenField(fields: { readonly [name: string]: Shape }, value: { readonly [name: string]: Json }) {
  const names = Object.keys(fields);
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) return { expected: "no other field", actual: "another one" };
  return first(names, (name) =>
    misshapenAt(fields[name] as Shape, Object.hasOwn(value, name) ? value[name] : undefined),
  );
}

function first<T>(items: readonly T[], find: (item: T) => Misshapen | null): Misshapen | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

const isPlain = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === "object" && value !== null && !isList(value);

const isNumberOf = (shape: Extract<Shape, { type: "number" }>, value: Json): boolean =>
  typeof value === "number" &&
  value >= shape.min &&
  value <= shape.max &&
  (!shape.isInteger || Number.isSafeInteger(value));

const isTextOf = (shape: Extract<Shape, { type: "text" }>, value: Json): boolean =>
  typeof value === "string" &&
  value.length >= shape.charactersMin &&
  value.length <= shape.charactersMax &&
  !/\p{Surrogate}/u.test(value);

function describe(shape: Shape): string {
  switch (shape.type) {
    case "boolean":
      return "true or false";
    case "choice":
      return "one of the choices";
    case "number":
      return `${shape.isInteger ? "an integer" : "a number"} from ${shape.min} to ${shape.max}`;
    case "text":
      return `a text of ${shape.charactersMin} to ${shape.charactersMax} characters`;
    case "list":
      return `a list of ${shape.itemsMin} to ${shape.itemsMax} items`;
    case "object":
      return "an object";
  }
}
