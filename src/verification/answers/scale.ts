import type { AnswerType } from "./answer.ts";

const stepsMax = 1_001;
const boundMax = 1_000_000;

/** A step of an ordered scale from `min` to `max`. The answer is the step itself. */
export interface ScaleSchema {
  readonly type: "scale";
  readonly min: number;
  readonly max: number;
  /** What each step means, the first that of `min`. */
  readonly labels: readonly string[] | null;
  /** How many steps two answers may be apart and still say the same. */
  readonly tolerance: number;
}

export const scale: AnswerType<ScaleSchema, number> = {
  readSchema(field) {
    const fields = field.fields("type", "min", "max", "labels", "tolerance");
    const min = fields.min.integer(-boundMax, boundMax);
    const max = fields.max.integer(min + 1, min + stepsMax - 1);
    const steps = max - min + 1;
    const labels = fields.labels.orNull((each) => each.texts(steps, steps));
    const tolerance = fields.tolerance.orNull((each) => each.integer(0, steps - 2)) ?? 0;
    return { type: "scale", min, max, labels, tolerance };
  },
  read: (schema, field) => field.integer(schema.min, schema.max),
  toPeople: (_, answer) => answer,
};
