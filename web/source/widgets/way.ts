import type { AnswerSchema } from "../../../src/contract/answers.ts";

/** How this page asks for an answer: by its type, or for a text in one of two ways of their own. */
export type Way = AnswerSchema["type"] | "report" | "code";

/** A task may ask for another type than its market's template is meant for: then the type says it. */
export const wayOf = (template: string | undefined, { type }: Pick<AnswerSchema, "type">): Way =>
  type === "text" && (template === "report" || template === "code") ? template : type;
