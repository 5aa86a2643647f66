import { z } from "zod";
import { text } from "./wire.ts";

export const answerTypes = [
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
] as const;

const whole = z.int();
const names = z.array(text(200)).min(1).max(10_000);

/**
 * What a task asks for. Which fields a type has, and what it takes where one is left out, says each field; any other
 * field is refused. One flat object instead of a union: an error then names the field, not ten types that do not fit.
 */
export const answerSchema = z.strictObject({
  type: z.enum(answerTypes).default("choice"),
  choices: names.min(2).optional().meta({ description: "choice, choices: the ids to choose from." }),
  min: z.number().optional().meta({ description: "choices: how many at least (0). scale, number: the lowest." }),
  max: z.number().optional().meta({ description: "choices: how many at most (all). scale, number: the highest." }),
  labels: names
    .nullable()
    .optional()
    .meta({ description: "spans, boxes, polygons: their labels. scale: what each step means." }),
  tolerance: z
    .union([whole.min(0), z.strictObject({ absolute: z.number().optional(), ppm: whole.min(0).optional() })])
    .optional()
    .meta({ description: "scale: steps; number: absolute or in parts per million. What says the same still (0)." }),
  decimals: whole.min(0).max(9).optional().meta({ description: "number: places after the point (0)." }),
  ties: z.boolean().optional().meta({ description: "pair: whether neither may be better (false)." }),
  items: names.min(2).optional().meta({ description: "ranking: what to rank." }),
  top: whole.min(1).optional().meta({ description: "ranking: how many places to fill (all)." }),
  charactersMax: whole.min(1).optional().meta({ description: "text, spans: characters of the answer or the text." }),
  normalise: z.array(z.string()).optional().meta({ description: "text: steps before texts are compared." }),
  distancePpm: whole.min(0).optional().meta({ description: "text: edits in a million characters that do not count." }),
  spansMax: whole.min(1).optional().meta({ description: "spans: how many at most." }),
  overlap: z.boolean().optional().meta({ description: "spans: whether two may share a character (false)." }),
  frame: z
    .strictObject({ width: whole.min(1), height: whole.min(1) })
    .nullable()
    .optional()
    .meta({ description: "boxes, polygons: size in pixels; without it coordinates are millionths of the image." }),
  boxesMax: whole.min(1).optional().meta({ description: "boxes: how many at most." }),
  polygonsMax: whole.min(1).optional().meta({ description: "polygons: how many at most." }),
  verticesMax: whole.min(3).optional().meta({ description: "polygons: vertices of one at most." }),
});
export type AnswerSchema = z.output<typeof answerSchema>;

/** When an answer counts as right. */
export const agreement = z.strictObject({
  match: z.number().gt(0).max(1).meta({ description: "The share of the label an answer must meet." }),
  overlap: z.number().gt(0).max(1).meta({ description: "What two shapes or spans must share of their union." }),
});
export type Agreement = z.output<typeof agreement>;
