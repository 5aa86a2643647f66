import type { Field } from "../../core/field.ts";
import type { AnswerType } from "./answer.ts";

const charactersMax = 20_000;
/** Edit distances take time by the square. */
const charactersMaxOfDistance = 2_000;

export const normalisations = ["nfkc", "case", "punctuation", "spaces", "trim"] as const;
export type Normalisation = (typeof normalisations)[number];

/** A text. The answer is the text as it was written; two are compared after `normalise`. */
export interface TextSchema {
  readonly type: "text";
  /** In code points. */
  readonly charactersMax: number;
  /** In the order in which they are done. */
  readonly normalise: readonly Normalisation[];
  /** Insertions, deletions and replacements for each million characters of the longer text that still say the same. */
  readonly distancePpm: number;
}

export const text: AnswerType<TextSchema, string> = {
  readSchema(field) {
    const fields = field.fields("type", "charactersMax", "normalise", "distancePpm");
    const distancePpm = fields.distancePpm.orNull((each) => each.integer(0, 1_000_000)) ?? 0;
    return {
      type: "text",
      charactersMax: fields.charactersMax.integer(1, distancePpm === 0 ? charactersMax : charactersMaxOfDistance),
      normalise: fields.normalise.orNull(readNormalisations) ?? normalisations,
      distancePpm,
    };
  },
  read(schema, field) {
    if (typeof field.value !== "string") return field.fail("must be a text");
    // A code point is one or two units: no need to count what is too long either way.
    const length = field.value.length > 2 * schema.charactersMax ? Infinity : lengthOf(field.value);
    if (length > schema.charactersMax) field.fail(`must have at most ${schema.charactersMax} characters`);
    if (/\p{Surrogate}/u.test(field.value)) field.fail("must be well-formed Unicode");
    return field.value;
  },
  toPeople: (_, answer) => answer,
};

function readNormalisations(field: Field): Normalisation[] {
  const steps = field.texts(0, normalisations.length);
  const unknown = steps.find((step) => !(normalisations as readonly string[]).includes(step));
  if (unknown !== undefined) field.fail(`has an unknown step "${unknown}"; there are ${normalisations.join(", ")}`);
  return normalisations.filter((step) => steps.includes(step));
}

function lengthOf(value: string): number {
  let length = 0;
  for (const _ of value) length++;
  return length;
}

/**
 * Unicode (its stability policy) never changes these for a character once assigned, so that two engines can differ only
 * in characters that one of them does not know yet.
 */
const doing: Readonly<Record<Normalisation, (value: string) => string>> = {
  nfkc: (value) => value.normalize("NFKC"),
  // Upper case first, so that ß meets SS and every sigma the same one.
  case: (value) => value.toUpperCase().toLowerCase(),
  punctuation: (value) => value.replace(/\p{P}+/gu, ""),
  spaces: (value) => value.replace(/\s+/gu, " "),
  trim: (value) => value.trim(),
};

/** The form in which two texts are compared. */
export const normalise = (schema: TextSchema, value: string): string =>
  schema.normalise.reduce((done, step) => doing[step](done), value);
