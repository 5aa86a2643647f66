import type { Field } from "../../core/field.ts";
import type { AnswerForm, AnswerType, Box } from "./answer.ts";
import { nameOf, readName } from "./answer.ts";
import { type Frame, millionths, readFrame, refuseTwice, shapesMax } from "./shapes.ts";
import { labelsMax } from "./spans.ts";

/** Labelled rectangles on an image. The answer is sorted by label, x, y, width and height. */
export interface BoxesSchema {
  readonly type: "boxes";
  readonly labels: readonly string[];
  /** Pixels; null for millionths of the image. */
  readonly frame: Frame | null;
  readonly boxesMax: number;
}

export const compareBoxes = (a: Box, b: Box): number =>
  a.label - b.label || a.x - b.x || a.y - b.y || a.width - b.width || a.height - b.height;

export const boxes: AnswerType<BoxesSchema, readonly Box[]> = {
  readSchema(field) {
    const fields = field.fields("type", "labels", "frame", "boxesMax");
    return {
      type: "boxes",
      labels: fields.labels.texts(1, labelsMax),
      frame: readFrame(fields.frame),
      boxesMax: fields.boxesMax.orNull((each) => each.integer(1, shapesMax)) ?? shapesMax,
    };
  },
  read(schema, field, form) {
    const found = field.items(schema.boxesMax).map((item) => readBox(schema, item, form));
    found.sort(compareBoxes);
    refuseTwice(field, found, compareBoxes);
    return found;
  },
  toPeople: (schema, answer) => answer.map((box) => ({ ...box, label: nameOf(schema.labels, box.label) })),
};

function readBox({ labels, frame }: BoxesSchema, field: Field, form: AnswerForm): Box {
  const fields = field.fields("label", "x", "y", "width", "height");
  const { width, height } = frame ?? millionths;
  const x = fields.x.integer(0, width - 1);
  const y = fields.y.integer(0, height - 1);
  return {
    label: readName(labels, fields.label, form),
    x,
    y,
    width: fields.width.integer(1, width - x),
    height: fields.height.integer(1, height - y),
  };
}
