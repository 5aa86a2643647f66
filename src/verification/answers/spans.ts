import type { Field } from "../../core/field.ts";
import type { AnswerForm, AnswerType, Span } from "./answer.ts";
import { nameOf, readName } from "./answer.ts";
import { refuseTwice } from "./shapes.ts";

const lengthMax = 10_000_000;
export const labelsMax = 1_000;
const spansMax = 1_000;

/** Labelled parts of the task's text. The answer is sorted by start, end and label. */
export interface SpansSchema {
  readonly type: "spans";
  readonly labels: readonly string[];
  /** How long the text is at most, in code points. */
  readonly charactersMax: number;
  readonly spansMax: number;
  /** Whether a character may be in two spans. */
  readonly overlap: boolean;
}

export const compareSpans = (a: Span, b: Span): number => a.start - b.start || a.end - b.end || a.label - b.label;

export const spans: AnswerType<SpansSchema, readonly Span[]> = {
  readSchema(field) {
    const fields = field.fields("type", "labels", "charactersMax", "spansMax", "overlap");
    return {
      type: "spans",
      labels: fields.labels.texts(1, labelsMax),
      charactersMax: fields.charactersMax.integer(1, lengthMax),
      spansMax: fields.spansMax.orNull((each) => each.integer(1, spansMax)) ?? spansMax,
      overlap: fields.overlap.orNull((each) => each.boolean()) ?? false,
    };
  },
  read(schema, field, form) {
    const found = field.items(schema.spansMax).map((item) => readSpan(schema, item, form));
    found.sort(compareSpans);
    refuseTwice(field, found, compareSpans);
    const isCrossed = found.some((span, i) => i > 0 && span.start < (found[i - 1] as Span).end);
    if (isCrossed && !schema.overlap) field.fail("has spans that overlap");
    return found;
  },
  toPeople: (schema, answer) =>
    answer.map(({ start, end, label }) => ({ start, end, label: nameOf(schema.labels, label) })),
};

function readSpan(schema: SpansSchema, field: Field, form: AnswerForm): Span {
  const fields = field.fields("start", "end", "label");
  const start = fields.start.integer(0, schema.charactersMax - 1);
  const end = fields.end.integer(start + 1, schema.charactersMax);
  return { start, end, label: readName(schema.labels, fields.label, form) };
}
