import type { AnswerType } from "./answer.ts";
import { nameOf, readName } from "./answer.ts";

/** Which of a task's two things is better. The answer is 0 for the left one, 1 for the right one, 2 for neither. */
export interface PairSchema {
  readonly type: "pair";
  /** Whether neither may be better. */
  readonly ties: boolean;
}

export const tie = 2;

export const sidesOf = ({ ties }: PairSchema): readonly string[] => (ties ? withTies : withoutTies);
const withoutTies = ["left", "right"] as const;
const withTies = [...withoutTies, "tie"] as const;

export const pair: AnswerType<PairSchema, number> = {
  readSchema(field) {
    const { ties } = field.fields("type", "ties");
    return { type: "pair", ties: ties.orNull((each) => each.boolean()) ?? false };
  },
  read: (schema, field, form) => readName(sidesOf(schema), field, form),
  toPeople: (schema, answer) => nameOf(sidesOf(schema), answer),
};
