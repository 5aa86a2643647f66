import type { AnswerSchema } from "../../../../src/contract/answers.ts";
import type { Json } from "../../../../src/core/json.ts";
import { type BoxMark, boxesOf, isArea, type PolygonMark, polygonsOf, type Vertex } from "../rows.ts";
import {
  areaOf,
  boxBetween,
  cornersOf,
  type Frame,
  type Hold,
  holdAt,
  holds,
  isInBox,
  isInPolygon,
  leastSide,
  millionths,
  movedBox,
  movedVertices,
  placeIn,
  resizedBox,
  withVertex,
} from "./shape.ts";

/** What is marked on a picture: a box, or an area with its corners. */
export type Mark = BoxMark | PolygonMark;

export const isPolygon = (mark: Mark): mark is PolygonMark => "points" in mark;
export const marksOf = ({ type }: Pick<AnswerSchema, "type">, draft: Json | undefined): Mark[] =>
  type === "polygons" ? polygonsOf(draft) : boxesOf(draft);
export const frameOf = ({ frame }: Pick<AnswerSchema, "frame">): Frame => frame ?? millionths;

/** An area that is still being drawn is kept as it is, and cannot be sent. */
export const isOpen = (mark: Mark | undefined): boolean =>
  mark !== undefined && isPolygon(mark) && !isArea(mark.points);

export const outlineOf = (mark: Mark): readonly Vertex[] => (isPolygon(mark) ? mark.points : cornersOf(mark));

/** The smallest mark at a place; -1 where there is none. */
export function markAt(marks: readonly Mark[], place: Vertex): number {
  const under = marks
    .map((mark, at) => ({ at, mark }))
    .filter(({ mark }) => (isPolygon(mark) ? isInPolygon(mark.points, place) : isInBox(mark, place)))
    .sort((a, b) => areaOf(outlineOf(a.mark)) - areaOf(outlineOf(b.mark)));
  return under[0]?.at ?? -1;
}

/** What of a mark can be pulled: the corners and edges of a box, the corners of an area. */
export type Grip = Hold | number;

export function gripsOf(mark: Mark): readonly { readonly grip: Grip; readonly place: Vertex }[] {
  if (isPolygon(mark)) return mark.points.map((place, grip) => ({ grip, place }));
  return holds.map((hold) => {
    const [x, y] = holdAt(hold);
    return { grip: hold, place: [mark.x + mark.width * x, mark.y + mark.height * y] };
  });
}

/** A mark after it was pulled at a grip, or moved as a whole. */
export function pulled(frame: Frame, mark: Mark, grip: Grip | null, [dx, dy]: Vertex): Mark {
  if (!isPolygon(mark)) {
    const moved = grip === null ? movedBox(frame, mark, dx, dy) : resizedBox(frame, mark, grip as Hold, dx, dy);
    return { label: mark.label, ...moved };
  }
  if (grip === null) return { ...mark, points: movedVertices(frame, mark.points, dx, dy) };
  const [x, y] = mark.points[grip as number] as Vertex;
  return { ...mark, points: withVertex(mark.points, grip as number, placeIn(frame, [x + dx, y + dy])) };
}

/** A new box between two places; null where it is too small to have been meant. */
export function boxMade(frame: Frame, label: string, a: Vertex, b: Vertex): BoxMark | null {
  const [least] = leastSide(frame);
  const box = boxBetween(frame, a, b);
  return box.width < least && box.height < leastSide(frame)[1] ? null : { label, ...box };
}

/** As many as the task takes; the same mark is never there twice. */
export const withoutTwins = (marks: readonly Mark[]): Mark[] => {
  const seen = new Set<string>();
  return marks.filter((mark) => {
    const key = `${mark.label} ${String(outlineOf(mark))}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
};
