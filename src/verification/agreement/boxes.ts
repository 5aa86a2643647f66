import type { Box } from "../answers/answer.ts";
import { type BoxesSchema, compareBoxes } from "../answers/boxes.ts";
import type { AgreementParameters } from "./parameters.ts";
import { agreeOnShapes, matchShapes, type ShapeType } from "./shapes.ts";
import { type Agreement, lowerMedian, sharePpm, type Vote } from "./vote.ts";

export const boxType: ShapeType<Box> = {
  overlapPpm(one, other) {
    const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
    const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
    if (width <= 0 || height <= 0) return 0;
    const shared = width * height;
    return sharePpm(shared, one.width * one.height + other.width * other.height - shared);
  },
  compare: compareBoxes,
  /** The median of each edge: all boxes have the left edge left of the right one, and so have the medians. */
  middle(boxes, weights) {
    const median = (edge: (box: Box) => number): number => lowerMedian(boxes.map(edge), weights);
    const [x, y] = [median((box) => box.x), median((box) => box.y)];
    const width = median((box) => box.x + box.width) - x;
    const height = median((box) => box.y + box.height) - y;
    return { label: (boxes[0] as Box).label, x, y, width, height };
  },
};

export const agreeOnBoxes = (
  schema: BoxesSchema,
  votes: readonly Vote<readonly Box[]>[],
  { overlapPpmMin }: AgreementParameters,
): Agreement<readonly Box[]> => agreeOnShapes(boxType, votes, overlapPpmMin, schema.boxesMax);

/** The F-score of boxes that overlap enough. */
export const matchBoxes = (
  answer: readonly Box[],
  label: readonly Box[],
  { overlapPpmMin }: AgreementParameters,
): number => matchShapes(boxType, answer, label, overlapPpmMin);
