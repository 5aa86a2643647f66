import type { AnswerSchema } from "../../../../src/contract/answers.ts";
import type { Vertex } from "../rows.ts";
import { boxMade, frameOf, type Grip, isOpen, isPolygon, type Mark, markAt, pulled, withoutTwins } from "./marks.ts";
import { arrowOf, type Frame, placeIn, splitAfter } from "./shape.ts";

/** What somebody has in hand while they mark a picture. It is gone with the page; the marks are not. */
export interface Hand {
  readonly held: number | null;
  /** The first corner of a box. */
  readonly corner: Vertex | null;
  /** Where the keyboard is. */
  readonly cursor: Vertex | null;
  /** The corner of an area that arrow keys and numbers move. */
  readonly picked: number | null;
  /** False while an area gets more corners. */
  readonly isFinished: boolean;
  /** What is drawn or pulled right now, before it is let go. */
  readonly live: Mark | null;
}

export const emptyHand: Hand = { held: null, corner: null, cursor: null, picked: null, isFinished: true, live: null };

/** A picture with its marks, and a hand over it. */
export interface Table {
  readonly schema: AnswerSchema;
  readonly marks: readonly Mark[];
  readonly label: string;
  readonly hand: Hand;
}

/** What a step changes. */
export interface Change {
  readonly marks?: readonly Mark[];
  readonly hand?: Partial<Hand>;
}

const nothing: Change = {};

export const marksMaxOf = ({ type, polygonsMax = 200, boxesMax = 1_000 }: AnswerSchema): number =>
  type === "polygons" ? polygonsMax : boxesMax;
export const verticesMaxOf = ({ verticesMax = 1_000 }: AnswerSchema): number => verticesMax;
export const isFull = ({ schema, marks }: Table): boolean => marks.length >= marksMaxOf(schema);

/** The mark in hand. An area that was being drawn when the page was closed is taken in hand again. */
export function heldAt({ marks, hand }: Table): number | null {
  if (hand.held !== null && hand.held < marks.length) return hand.held;
  const openAt = marks.findIndex(isOpen);
  return openAt === -1 ? null : openAt;
}

export function heldMark(table: Table): Mark | undefined {
  const at = heldAt(table);
  return at === null ? undefined : table.marks[at];
}

/** Whether every tap is another corner of the area in hand. */
export function isBuilding(table: Table): boolean {
  const mark = heldMark(table);
  return mark !== undefined && isPolygon(mark) && (isOpen(mark) || !table.hand.isFinished);
}

/** Whether the keyboard sets corners; else it moves what is in hand. */
export const isPlacing = (table: Table): boolean =>
  heldMark(table) === undefined || isBuilding(table) || table.hand.corner !== null;

export const letGo: Change = { hand: emptyHand };

export const hold = (held: number): Change => ({ hand: { ...emptyHand, held } });

export function remove({ marks }: Table, at: number): Change {
  return { marks: marks.filter((_, i) => i !== at), hand: emptyHand };
}

export function replace(table: Table, next: Mark): Change {
  const at = heldAt(table);
  return { marks: withoutTwins(table.marks.map((each, i) => (i === at ? next : each))), hand: { live: null } };
}

function add(table: Table, made: Mark | null): Change {
  const rest = { corner: null, live: null } as const;
  if (made === null || isFull(table)) return { hand: rest };
  const marks = withoutTwins([...table.marks, made]);
  return { marks, hand: { ...rest, picked: null, held: marks.length - 1, isFinished: !isPolygon(made) } };
}

export function tap(table: Table, place: Vertex, reach: number): Change {
  const { schema, marks, label, hand } = table;
  if (isBuilding(table)) return addVertex(table, place, reach);
  if (hand.corner !== null) return add(table, boxMade(frameOf(schema), label, hand.corner, place));
  const under = markAt(marks, place);
  if (under !== -1 && under !== heldAt(table)) return hold(under);
  if (schema.type === "polygons") return add(table, { label, points: [place] });
  return isFull(table) ? nothing : { hand: { ...emptyHand, cursor: hand.cursor, corner: place } };
}

/** Back at its first corner the area is closed. */
function addVertex(table: Table, place: Vertex, reach: number): Change {
  const mark = heldMark(table);
  if (mark === undefined || !isPolygon(mark)) return nothing;
  const [first] = mark.points;
  const isBack = first !== undefined && Math.hypot(first[0] - place[0], first[1] - place[1]) <= reach;
  if (isBack) return isOpen(mark) ? nothing : { hand: { isFinished: true } };
  if (mark.points.length >= verticesMaxOf(table.schema)) return nothing;
  const { marks = [], hand } = replace(table, { ...mark, points: [...mark.points, place] });
  // One that was begun before the page was closed goes on to be built.
  return { marks, hand: { ...hand, held: heldAt(table), isFinished: false } };
}

/** Draws a box, or moves what is in hand. */
export function drag(table: Table, from: Vertex, to: Vertex, isDone: boolean): Change {
  const mark = heldMark(table);
  if (isBuilding(table)) return isDone ? addVertex(table, to, 0) : nothing;
  if (mark !== undefined && markAt([mark], from) === 0)
    return pull(table, null, [to[0] - from[0], to[1] - from[1]], isDone);
  if (table.schema.type === "polygons" || isFull(table)) return nothing;
  const made = boxMade(frameOf(table.schema), table.label, from, to);
  return isDone ? add(table, made) : { hand: { ...emptyHand, live: made } };
}

export function pull(table: Table, grip: Grip | null, by: Vertex, isDone: boolean): Change {
  const mark = heldMark(table);
  if (mark === undefined) return nothing;
  const next = pulled(frameOf(table.schema), mark, grip, by);
  return isDone ? replace(table, next) : { hand: { live: next } };
}

/** A tap on a corner: the first one closes the area that is drawn. */
export function pick(table: Table, vertex: number): Change {
  if (!isBuilding(table)) return { hand: { picked: vertex } };
  return vertex === 0 ? finish(table) : nothing;
}

/** Ends what was begun; an area without three corners was none. */
export function finish(table: Table): Change {
  const at = heldAt(table);
  if (at !== null && isOpen(table.marks[at])) return remove(table, at);
  return isBuilding(table) ? { hand: { isFinished: true } } : letGo;
}

export function nextVertex(table: Table): Change {
  const mark = heldMark(table);
  if (mark === undefined || !isPolygon(mark) || isBuilding(table)) return nothing;
  const { picked } = table.hand;
  return { hand: { picked: picked === null ? 0 : (picked + 1) % mark.points.length } };
}

export function splitVertex(table: Table): Change {
  const [mark, { picked }] = [heldMark(table), table.hand];
  if (mark === undefined || !isPolygon(mark) || picked === null) return nothing;
  if (mark.points.length >= verticesMaxOf(table.schema)) return nothing;
  return replace(table, { ...mark, points: splitAfter(mark.points, picked) });
}

export function removeVertex(table: Table): Change {
  const [mark, { picked }] = [heldMark(table), table.hand];
  if (mark === undefined || !isPolygon(mark) || picked === null || mark.points.length <= 3) return nothing;
  const changed = replace(table, { ...mark, points: mark.points.filter((_, i) => i !== picked) });
  return { ...changed, hand: { ...changed.hand, picked: null } };
}

/** Delete takes away the corner that was picked, else the mark in hand, else nothing. */
export function erase(table: Table): Change {
  const at = heldAt(table);
  if (at === null) return nothing;
  return table.hand.picked === null ? remove(table, at) : removeVertex(table);
}

const middleOf = ({ width, height }: Frame): Vertex => [Math.round(width / 2), Math.round(height / 2)];

interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
}

/** Arrow keys move the keyboard's place, or what is in hand; Shift pulls a box at its corner. Null for other keys. */
export function arrow(table: Table, event: Pressed): Change | null {
  const frame = frameOf(table.schema);
  const by = arrowOf(event.key, frame, event.ctrlKey);
  if (by === null) return null;
  const { cursor, corner, picked } = table.hand;
  if (!isPlacing(table)) {
    const isBox = table.schema.type === "boxes";
    return pull(table, picked ?? (event.shiftKey && isBox ? "se" : null), by, true);
  }
  const [x, y] = cursor ?? middleOf(frame);
  const next = placeIn(frame, [x + by[0], y + by[1]]);
  const live = corner === null ? null : boxMade(frame, table.label, corner, next);
  return { hand: { cursor: next, live } };
}

/** Space taps where the keyboard is; what is in hand it lets go. */
export function space(table: Table): Change {
  if (!isPlacing(table)) return letGo;
  const frame = frameOf(table.schema);
  const cursor = table.hand.cursor ?? middleOf(frame);
  // Less than a step, so that every step is a place of its own.
  const { marks, hand } = tap(table, cursor, frame.width / 200);
  return { ...(marks !== undefined && { marks }), hand: { ...hand, cursor } };
}

/** The marks as they are drawn: with the one that is being drawn or pulled. */
export function shownMarks(table: Table): readonly Mark[] {
  const { live, corner } = table.hand;
  if (live === null) return table.marks;
  const at = heldAt(table);
  if (at === null || corner !== null) return [...table.marks, live];
  return table.marks.map((each, i) => (i === at ? live : each));
}
