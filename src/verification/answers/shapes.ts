import type { Field } from "../../core/field.ts";

/** What boxes and polygons are measured on: pixels of the image, or millionths of its width and height. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

const pixelsMax = 65_535;
export const millionths: Frame = { width: 1_000_000, height: 1_000_000 };

export const shapesMax = 1_000;

/** Nothing stands for millionths. */
export function readFrame(field: Field): Frame | null {
  return field.orNull((each) => {
    const { width, height } = each.fields("width", "height");
    return { width: width.integer(1, pixelsMax), height: height.integer(1, pixelsMax) };
  });
}

/** @param sorted equal ones side by side */
export function refuseTwice<Shape>(
  field: Field,
  sorted: readonly Shape[],
  compare: (a: Shape, b: Shape) => number,
): void {
  if (sorted.some((shape, i) => i > 0 && compare(sorted[i - 1] as Shape, shape) === 0)) field.fail("has an item twice");
}
