import { fromUtf8, toUtf8 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { type Answer, type AnswerType, malformedAnswer } from "./answer.ts";
import { type BoxesSchema, boxes } from "./boxes.ts";
import { type ChoiceSchema, choice } from "./choice.ts";
import { type ChoicesSchema, choices } from "./choices.ts";
import { type NumberSchema, number } from "./number.ts";
import { type PairSchema, pair } from "./pair.ts";
import { type PolygonsSchema, polygons } from "./polygons.ts";
import { type RankingSchema, ranking } from "./ranking.ts";
import { type ScaleSchema, scale } from "./scale.ts";
import { type SpansSchema, spans } from "./spans.ts";
import { type TextSchema, text } from "./text.ts";

/** What a task may ask for. It is JSON as it stands: reading it again gives the same. */
export type AnswerSchema =
  | ChoiceSchema
  | ChoicesSchema
  | ScaleSchema
  | NumberSchema
  | PairSchema
  | RankingSchema
  | TextSchema
  | SpansSchema
  | BoxesSchema
  | PolygonsSchema;

const types = { choice, choices, scale, number, pair, ranking, text, spans, boxes, polygons } as const;

/** A type's own functions, for a schema and answers of which it is known that they belong together. */
const typeOf = (schema: AnswerSchema): AnswerType<AnswerSchema, Answer> => types[schema.type];

/** @throws MALFORMED_SPEC, or what the field throws, pointing at what is wrong. */
export function readAnswerSchema(field: Field): AnswerSchema {
  const type = field.get("type");
  if (typeof type.value !== "string" || !Object.hasOwn(types, type.value)) {
    return type.fail(`must be one of ${Object.keys(types).join(", ")}`);
  }
  return types[type.value as AnswerSchema["type"]].readSchema(field);
}

/** An answer as people send it. @throws MALFORMED_ANSWER */
export const readAnswer = (schema: AnswerSchema, json: Json | undefined): Answer =>
  typeOf(schema).read(schema, new Field(json, "answer", malformedAnswer), "people");

/** An answer as people see it: what `readAnswer` reads as the same answer. */
export const answerJson = (schema: AnswerSchema, answer: Answer): Json => typeOf(schema).toPeople(schema, answer);

/** Equal for equal answers to one task, different for others: something to count by. */
export const answerKey = (answer: Answer): number | string =>
  typeof answer === "number" ? answer : canonicalJson(answer as unknown as Json);

export const isSameAnswer = (a: Answer, b: Answer): boolean => a === b || answerKey(a) === answerKey(b);

/** The one encoding of an answer: canonical JSON (RFC 8785) of integers and texts, names by their index. */
export const encodeAnswer = (answer: Answer): Uint8Array => toUtf8(canonicalJson(answer as unknown as Json));

/** @throws MALFORMED_ENCODING where the bytes are not those of an answer that fits the schema. */
export function decodeAnswer(schema: AnswerSchema, bytes: Uint8Array): Answer {
  const malformed = () => earnestError("MALFORMED_ENCODING", { what: `an answer of type ${schema.type}`, offset: 0 });
  const coded = decodeText(bytes, malformed);
  const answer = typeOf(schema).read(schema, new Field(parse(coded, malformed), "answer", malformed), "code");
  if (canonicalJson(answer as unknown as Json) !== coded) throw malformed();
  return answer;
}

function decodeText(bytes: Uint8Array, malformed: () => Error): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw malformed();
  }
}

function parse(coded: string, malformed: () => Error): Json {
  try {
    return JSON.parse(coded) as Json;
  } catch {
    throw malformed();
  }
}
