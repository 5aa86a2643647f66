import type { AnswerSchema } from "../../../src/contract/answers.ts";
import type { Json } from "../../../src/core/json.ts";
import { type ChoicePart, isFields, type Part } from "../content/parts.ts";
import { numberProblem } from "./number-text.ts";
import { rankedOf } from "./order.ts";
import { isReportWhole, reportBody, reportCharactersMax } from "./report/report-draft.ts";
import { canSendPolygons, canSendRows } from "./rows.ts";
import type { Way } from "./way.ts";
import { codePointsOf } from "./written.ts";

/** What was answered so far; undefined before anything was. See `bodyOf` for what is sent of it. */
export type Draft = Json | undefined;

export interface WidgetProps {
  readonly schema: AnswerSchema;
  readonly question: string;
  /** What the market's template says for pages. */
  readonly parameters: { readonly [name: string]: Json };
  readonly labels: ReadonlyMap<string, string>;
  /** What stands for a choice, where more than its name does. */
  readonly parts: ReadonlyMap<string, ChoicePart>;
  /** What is marked, where something is. */
  readonly subject: Part | null;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

/** Whether a draft can be sent: the server has the last word, this only says when to offer the button. */
export function isComplete(
  schema: AnswerSchema,
  draft: Draft,
  way: Way = schema.type,
  parameters: WidgetProps["parameters"] = {},
): boolean {
  switch (way) {
    case "choice":
    case "pair":
      return typeof draft === "string";
    case "scale":
      return typeof draft === "number";
    case "choices":
      return Array.isArray(draft) && draft.length >= (schema.min ?? 0) && draft.length <= choicesMax(schema);
    case "number":
      return typeof draft === "string" && numberProblem(draft, schema) === null;
    case "ranking":
      return rankedOf(schema.items ?? [], draft).length === (schema.top ?? schema.items?.length);
    case "text":
      return isWrittenWhole(schema, draft);
    case "report":
      return isWrittenWhole(schema, fieldsOf(draft)["text"], reportCharactersMax) && isReportWhole(draft, parameters);
    case "code":
      return (fieldsOf(draft)["input"] ?? "") !== "" && isWrittenWhole(schema, codeAnswer(draft));
    case "spans":
      return canSendRows(draft, schema.spansMax);
    case "boxes":
      return canSendRows(draft, schema.boxesMax);
    case "polygons":
      return canSendPolygons(draft, schema.polygonsMax);
    default:
      return false;
  }
}

function isWrittenWhole({ charactersMax = 2_000 }: AnswerSchema, text: Draft, most: number = charactersMax): boolean {
  return typeof text === "string" && text.trim() !== "" && codePointsOf(text) <= Math.min(charactersMax, most);
}

/** The fields of a draft that has several; none of any other. */
export const fieldsOf = (draft: Draft): { readonly [name: string]: Json } => (isFields(draft) ? draft : {});

/** A program or test and the input on which it fails, as the one text that is the answer. */
export function codeAnswer(draft: Draft): string {
  const { code = "", input = "" } = fieldsOf(draft);
  return JSON.stringify({ code, input });
}

/** What is sent of a draft. */
export function bodyOf(
  way: Way,
  draft: Exclude<Draft, undefined>,
  parameters: WidgetProps["parameters"] = {},
): { readonly [name: string]: Json } {
  if (way === "code") return { answer: codeAnswer(draft) };
  return way === "report" ? reportBody(draft, parameters) : { answer: draft };
}

export const choicesMax = ({ max, choices = [] }: AnswerSchema): number => max ?? choices.length;

/** What the number keys mean for a type of answer: the draft that a key makes of the one before. */
export function draftOfKey(schema: AnswerSchema, draft: Draft, key: number): Draft {
  const nth = isLong(schema) ? undefined : optionsOf(schema)[key - 1];
  if (nth === undefined) return draft;
  if (schema.type !== "choices") return nth;
  return toggled(draft, nth as string);
}

/** With nothing chosen any more nothing is answered: that none of them is right has to be said. */
export function toggled(draft: Draft, choice: string): Draft {
  const chosen = Array.isArray(draft) ? (draft as string[]) : [];
  const next = chosen.includes(choice) ? chosen.filter((each) => each !== choice) : [...chosen, choice];
  return next.length === 0 ? undefined : next;
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

/** More than can be taken in at a glance: these are searched, or slid along. */
export const optionsAtAGlance = 12;
export const isLong = (schema: AnswerSchema): boolean => optionsOf(schema).length > optionsAtAGlance;

/** The types this page can ask for. A server of another version may know more. */
const known: Readonly<Record<AnswerSchema["type"], true>> = {
  choice: true,
  choices: true,
  scale: true,
  number: true,
  pair: true,
  ranking: true,
  text: true,
  spans: true,
  boxes: true,
  polygons: true,
};
export const isKnownType = ({ type }: Pick<AnswerSchema, "type">): boolean => Object.hasOwn(known, type);
