import { toUtf8 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import type { Field } from "../core/field.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { type AnswerSchema, readAnswer } from "../verification/answers/answer-schema.ts";

/**
 * What a market shows those who work in it, beside its tasks. A part of the specification, so that nobody can say
 * afterwards that something else was asked for; no verdict depends on it. All of it is text of strangers: whoever shows
 * it must not run what is in it.
 */
export interface Guide {
  /** Markdown. */
  readonly guide?: string;
  readonly examples?: readonly WorkedExample[];
  /** Absent where the type of answer says it all: see `templateOf`. */
  readonly template?: Template;
}

/** A task with an answer to it, good or bad. */
export interface WorkedExample {
  readonly content: Json;
  /** As a contributor would give it. */
  readonly answer: Json;
  readonly good: boolean;
  readonly why: string;
}

/** How a page asks for an answer. */
export interface Template {
  readonly id: TemplateId;
  /** For the page alone: which part of a task's content is what, what the keys are, … */
  readonly parameters: { readonly [name: string]: Json };
}

/** One for each type of answer, and two that ask for a text in a way of their own: see `textTemplates`. */
export const templateIds = [
  "choice",
  "choices",
  "scale",
  "number",
  "pair",
  "ranking",
  "text",
  "spans",
  "boxes",
  "polygons",
  "report",
  "code",
] as const;
export type TemplateId = (typeof templateIds)[number];

const textTemplates: ReadonlySet<string> = new Set(["report", "code"]);

export const guideLimits = { guideBytes: 20_000, examples: 20, exampleBytes: 8_192, why: 1_000, parameterBytes: 4_096 };

const bytesOf = (json: Json): number => toUtf8(canonicalJson(json)).length;

/** The parts that are there: a specification without any of them keeps the bytes it had before there were guides. */
export function readGuide(
  { guide, examples, template }: { readonly [Name in keyof Guide]-?: Field },
  answer: AnswerSchema,
): Guide {
  return {
    ...(guide.value !== undefined && { guide: readText(guide) }),
    ...(examples.value !== undefined && { examples: readExamples(examples, answer) }),
    ...(template.value !== undefined && { template: readTemplate(template, answer) }),
  };
}

/** How a page asks for answers of this type, unless the market says otherwise. */
export const templateOf = ({ template }: Guide, { type }: AnswerSchema): Template =>
  // A task may ask for another type than its market: then the market's template is not meant for it.
  template !== undefined && fits(template.id, type) ? template : { id: type, parameters: {} };

const fits = (id: TemplateId, type: AnswerSchema["type"]): boolean =>
  textTemplates.has(id) ? type === "text" : id === type;

function readText(field: Field): string {
  const text = field.text(guideLimits.guideBytes);
  if (toUtf8(text).length > guideLimits.guideBytes) field.fail(`must have at most ${guideLimits.guideBytes} bytes`);
  return text;
}

function readExamples(field: Field, answer: AnswerSchema): readonly WorkedExample[] {
  const items = field.items(guideLimits.examples);
  if (items.length === 0) field.fail("must be left out where there are none");
  return items.map((item) => readExample(item, answer));
}

function readExample(field: Field, schema: AnswerSchema): WorkedExample {
  const { content, answer, good, why } = field.fields("content", "answer", "good", "why");
  if (content.value === undefined) content.fail("must be there");
  if (bytesOf(content.value as Json) > guideLimits.exampleBytes)
    content.fail(`must have at most ${guideLimits.exampleBytes} bytes`);
  return {
    content: content.value as Json,
    answer: readExampleAnswer(answer, schema),
    good: good.boolean(),
    why: why.text(guideLimits.why),
  };
}

/** A bad example too is one that somebody could give: of the right shape. */
function readExampleAnswer(field: Field, schema: AnswerSchema): Json {
  try {
    readAnswer(schema, field.value);
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_ANSWER")) throw error;
    field.fail(error.context.problem);
  }
  if (bytesOf(field.value as Json) > guideLimits.exampleBytes)
    field.fail(`must have at most ${guideLimits.exampleBytes} bytes`);
  return field.value as Json;
}

function readTemplate(field: Field, { type }: AnswerSchema): Template {
  const { id, parameters } = field.fields("id", "parameters");
  const known = templateIds.find((each) => each === id.value) ?? id.fail(`must be one of ${templateIds.join(", ")}`);
  if (!fits(known, type)) id.fail(`does not ask for answers of type ${type}`);
  const object = parameters.object();
  if (bytesOf(object) > guideLimits.parameterBytes)
    parameters.fail(`must have at most ${guideLimits.parameterBytes} bytes`);
  return { id: known, parameters: object };
}
