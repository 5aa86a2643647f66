import type { AnswerType } from "./answer.ts";
import { nameOf, readName } from "./answer.ts";

export const choicesMax = 10_000;

/** One of the choices, named by its id. The answer is its index. */
export interface ChoiceSchema {
  readonly type: "choice";
  readonly choices: readonly string[];
}

export const choice: AnswerType<ChoiceSchema, number> = {
  readSchema(field) {
    const { choices } = field.fields("type", "choices");
    return { type: "choice", choices: choices.texts(2, choicesMax) };
  },
  read: (schema, field, form) => readName(schema.choices, field, form),
  toPeople: (schema, answer) => nameOf(schema.choices, answer),
};
