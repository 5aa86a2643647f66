import type { Offer } from "../contract/work.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";

type AnswerSchema = Offer["task"]["terms"]["answer"];
type Fields = { readonly [name: string]: Json };

/** What a model said of tasks before: by their ids, what it says given the type of answer that is asked for. */
export type Predictions = ReadonlyMap<string, (schema: AnswerSchema) => Json>;

/** Tasks with predictions as Label Studio exports them, or lines of `{"id", "answer"}`. */
export function readPredictions(text: string): Predictions {
  return text.trimStart().startsWith("[") ? ofLabelStudio(text) : ofLines(text);
}

function ofLines(text: string): Predictions {
  const found = new Map<string, (schema: AnswerSchema) => Json>();
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const { id, answer } = fieldsOf(parsed(line, `line ${i + 1}`));
    if (typeof id !== "string" || answer === undefined) throw malformed(`line ${i + 1} has no "id" and "answer"`);
    found.set(id, () => answer);
  }
  return found;
}

function ofLabelStudio(text: string): Predictions {
  const found = new Map<string, (schema: AnswerSchema) => Json>();
  for (const task of listOf(parsed(text, "the file")).map(fieldsOf)) {
    const data = fieldsOf(task["data"]);
    const id = data["earnest_id"] ?? data["id"] ?? task["id"];
    const values = listOf(fieldsOf(listOf(task["predictions"])[0])["result"]).map((each) =>
      fieldsOf(fieldsOf(each)["value"]),
    );
    if (id !== undefined && values.length > 0)
      found.set(`${id as string | number}`, (schema) => answerOf(schema, values));
  }
  return found;
}

/** The other way round than the export. */
function answerOf(schema: AnswerSchema, values: readonly Fields[]): Json {
  const [value = {}] = values;
  switch (schema.type) {
    case "choice":
      return listOf(value["choices"])[0] ?? null;
    case "choices":
      return value["choices"] ?? null;
    case "scale":
      return value["rating"] ?? null;
    case "number":
      return value["number"] ?? null;
    case "pair":
      return value["selected"] ?? null;
    case "ranking":
      return fieldsOf(value["ranker"])["rank"] ?? null;
    case "spans":
      return values.map(({ start = null, end = null, labels }) => ({ label: listOf(labels)[0] ?? null, start, end }));
    case "boxes":
    case "polygons":
      return values.map((each) => shapeOf(schema, each));
    default:
      return listOf(value["text"])[0] ?? null;
  }
}

const millionths = 1_000_000;

/** Label Studio measures in hundredths of the picture. */
function shapeOf(schema: AnswerSchema, value: Fields): Json {
  const frame = "frame" in schema ? (schema.frame ?? null) : null;
  const across = (part: Json | undefined): number => Math.round((Number(part) * (frame?.width ?? millionths)) / 100);
  const down = (part: Json | undefined): number => Math.round((Number(part) * (frame?.height ?? millionths)) / 100);
  if (schema.type === "polygons") {
    const points = listOf(value["points"]).map(listOf);
    return {
      label: listOf(value["polygonlabels"])[0] ?? null,
      points: points.flatMap(([x, y]) => [across(x), down(y)]),
    };
  }
  return {
    label: listOf(value["rectanglelabels"])[0] ?? null,
    x: across(value["x"]),
    y: down(value["y"]),
    width: across(value["width"]),
    height: down(value["height"]),
  };
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const fieldsOf = (value: Json | undefined): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

function parsed(text: string, where: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw malformed(`${where} is no JSON`);
  }
}

const malformed = (problem: string): Error => earnestError("MALFORMED_COMMAND", { problem });
