import type { Result } from "../../contract/results.ts";
import type { Json } from "../../core/json.ts";
import type { TaskView } from "../../engine/types.ts";
import { isObject } from "../values.ts";

type AnswerSchema = TaskView["terms"]["answer"];

interface Region {
  readonly type: string;
  readonly value: { readonly [name: string]: Json };
}

/** A settled task as Label Studio imports it: the data, and one annotation; confidence and receipt stay with it. */
export function labelStudioTask(row: Result, { content, terms }: Pick<TaskView, "content" | "terms">): Json {
  const regions = regionsOf(terms.answer, row.label);
  return {
    id: row.task,
    data: isObject(content) ? { ...content, earnest_id: row.id } : { value: content, earnest_id: row.id },
    annotations: [
      {
        result: regions.map((region, i) => ({
          id: `${row.task}.${i}`,
          from_name: "label",
          to_name: "data",
          score: row.confidence,
          ...region,
        })),
        was_cancelled: false,
        ground_truth: row.control,
      },
    ],
    meta: {
      confidence: row.confidence,
      decided: row.decided,
      votes: row.votes,
      cost: row.cost,
      receipt: row.receipt as unknown as Json,
    },
  };
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const numberOf = (value: Json | undefined): number => (typeof value === "number" ? value : 0);
const rowsOf = (label: Json) => (Array.isArray(label) ? label.filter(isObject) : []);

/** A hundred parts of the picture, as Label Studio measures. */
const percent = (value: Json | undefined, whole: number): number => (100 * numberOf(value)) / whole;
const millionths = 1_000_000;

function regionsOf(schema: AnswerSchema, label: Json): Region[] {
  switch (schema.type) {
    case "choice":
      return [{ type: "choices", value: { choices: [textOf(label)] } }];
    case "choices":
      return [{ type: "choices", value: { choices: label } }];
    case "scale":
      return [{ type: "rating", value: { rating: label } }];
    case "number":
      return [{ type: "number", value: { number: Number(label) } }];
    case "pair":
      return [{ type: "pairwise", value: { selected: label } }];
    case "ranking":
      return [{ type: "ranker", value: { ranker: { rank: label } } }];
    case "spans":
      return rowsOf(label).map(({ start, end, label: name }) => ({
        type: "labels",
        value: { start: numberOf(start), end: numberOf(end), labels: [textOf(name)] },
      }));
    case "boxes":
    case "polygons":
      return rowsOf(label).map((row) => shapeOf(schema, row));
    default:
      return [{ type: "textarea", value: { text: [typeof label === "string" ? label : JSON.stringify(label)] } }];
  }
}

function shapeOf(schema: AnswerSchema, row: { readonly [name: string]: Json }): Region {
  const frame = "frame" in schema ? (schema.frame ?? null) : null;
  const [wide, high] = [frame?.width ?? millionths, frame?.height ?? millionths];
  const labels = [textOf(row["label"])];
  if (Array.isArray(row["points"])) {
    // x and y by turns.
    const flat: readonly Json[] = row["points"];
    const points = Array.from({ length: flat.length / 2 }, (_, i) => [
      percent(flat[2 * i], wide),
      percent(flat[2 * i + 1], high),
    ]);
    return { type: "polygonlabels", value: { points, polygonlabels: labels } };
  }
  const value = {
    x: percent(row["x"], wide),
    y: percent(row["y"], high),
    width: percent(row["width"], wide),
    height: percent(row["height"], high),
  };
  return { type: "rectanglelabels", value: { ...value, rotation: 0, rectanglelabels: labels } };
}
