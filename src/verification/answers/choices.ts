import type { AnswerType } from "./answer.ts";
import { nameOf, readNames } from "./answer.ts";
import { choicesMax } from "./choice.ts";

/** Any of the choices, at least `min` and at most `max` of them. The answer is their indices, rising. */
export interface ChoicesSchema {
  readonly type: "choices";
  readonly choices: readonly string[];
  readonly min: number;
  readonly max: number;
}

export const choices: AnswerType<ChoicesSchema, readonly number[]> = {
  readSchema(field) {
    const fields = field.fields("type", "choices", "min", "max");
    const names = fields.choices.texts(1, choicesMax);
    const min = fields.min.orNull((each) => each.integer(0, names.length)) ?? 0;
    const max = fields.max.orNull((each) => each.integer(Math.max(min, 1), names.length)) ?? names.length;
    return { type: "choices", choices: names, min, max };
  },
  read(schema, field, form) {
    const found = readNames(schema.choices, field, form);
    if (found.length < schema.min) field.fail(`must have at least ${schema.min} items`);
    if (found.length > schema.max) field.fail(`must have at most ${schema.max} items`);
    return found.sort((a, b) => a - b);
  },
  toPeople: (schema, answer) => answer.map((index) => nameOf(schema.choices, index)),
};
