import type { AnswerSchema } from "../../../src/contract/answers.ts";
import type { Json } from "../../../src/core/json.ts";
import type { Part } from "../content/parts.ts";

/** What was answered so far, as it would be sent; undefined before anything was. */
export type Draft = Json | undefined;

export interface WidgetProps {
  readonly schema: AnswerSchema;
  readonly labels: ReadonlyMap<string, string>;
  /** What stands for a choice, where more than its name does. */
  readonly parts: ReadonlyMap<string, Part>;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

/** Whether a draft can be sent: the server has the last word, this only says when to offer the button. */
export function isComplete(schema: AnswerSchema, draft: Draft): boolean {
  switch (schema.type) {
    case "choice":
    case "pair":
      return typeof draft === "string";
    case "scale":
      return typeof draft === "number";
    case "choices":
      return Array.isArray(draft) && draft.length >= (schema.min ?? 0) && draft.length <= choicesMax(schema);
    case "text":
      return typeof draft === "string" && draft.trim() !== "";
    default:
      return false;
  }
}

export const choicesMax = ({ max, choices = [] }: AnswerSchema): number => max ?? choices.length;

/** What the number keys mean for a type of answer: the draft that a key makes of the one before. */
export function draftOfKey(schema: AnswerSchema, draft: Draft, key: number): Draft {
  const nth = optionsOf(schema)[key - 1];
  if (nth === undefined) return draft;
  if (schema.type !== "choices") return nth;
  return toggled(draft, nth as string);
}

export function toggled(draft: Draft, choice: string): Draft {
  const chosen = Array.isArray(draft) ? (draft as string[]) : [];
  return chosen.includes(choice) ? chosen.filter((each) => each !== choice) : [...chosen, choice];
}

export function optionsOf(schema: AnswerSchema): readonly (string | number)[] {
  switch (schema.type) {
    case "choice":
    case "choices":
      return schema.choices ?? [];
    case "pair":
      return schema.ties === true ? ["left", "right", "tie"] : ["left", "right"];
    case "scale": {
      const { min = 1, max = 5 } = schema;
      return Array.from({ length: Math.min(1_001, max - min + 1) }, (_, i) => min + i);
    }
    default:
      return [];
  }
}

/** The types this page can ask for today. */
export const isKnownType = ({ type }: Pick<AnswerSchema, "type">): boolean =>
  ["choice", "choices", "pair", "scale", "text"].includes(type);
