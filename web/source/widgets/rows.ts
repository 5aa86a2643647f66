import type { Json } from "../../../src/core/json.ts";

/** Answers that are lists of marks, as people send them: what is no mark of that sort is left out. */
export interface SpanMark {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

export interface BoxMark {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Vertex = readonly [x: number, y: number];

export interface PolygonMark {
  readonly label: string;
  readonly points: readonly Vertex[];
}

type Fields = { readonly [name: string]: Json };

const rowsOf = (draft: Json | undefined): Fields[] =>
  Array.isArray(draft)
    ? draft.filter((each): each is Fields => typeof each === "object" && each !== null && !Array.isArray(each))
    : [];

const areNumbers = (row: Fields, ...names: string[]): boolean =>
  typeof row["label"] === "string" && names.every((name) => typeof row[name] === "number");

export const spansOf = (draft: Json | undefined): SpanMark[] =>
  rowsOf(draft).filter((row) => areNumbers(row, "start", "end")) as unknown as SpanMark[];

export const boxesOf = (draft: Json | undefined): BoxMark[] =>
  rowsOf(draft).filter((row) => areNumbers(row, "x", "y", "width", "height")) as unknown as BoxMark[];

export const polygonsOf = (draft: Json | undefined): PolygonMark[] =>
  rowsOf(draft).filter((row) => areNumbers(row) && isRing(row["points"])) as unknown as PolygonMark[];

const isRing = (points: Json | undefined): boolean =>
  Array.isArray(points) &&
  points.every((each) => Array.isArray(each) && each.length === 2 && each.every((n) => typeof n === "number"));

/** An empty list says that there is nothing to mark, and is an answer; no two marks may be the same. */
export function canSendRows(draft: Json | undefined, max: number = Number.POSITIVE_INFINITY): boolean {
  if (!Array.isArray(draft)) return false;
  const rows: readonly Json[] = draft;
  return rows.length <= max && new Set(rows.map((each) => JSON.stringify(sortedFields(each)))).size === rows.length;
}

const sortedFields = (row: Json): Json =>
  typeof row === "object" && row !== null
    ? Object.entries(row)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flat()
    : row;

export const canSendPolygons = (draft: Json | undefined, max?: number): boolean =>
  canSendRows(draft, max) && polygonsOf(draft).every(({ points }) => isArea(points));

/** Three vertices at least, none twice, and not all on one line: what the server asks of a polygon. */
export function isArea(points: readonly Vertex[]): boolean {
  if (points.length < 3 || new Set(points.map(String)).size !== points.length) return false;
  const [[x, y], [ax, ay]] = points as [Vertex, Vertex, ...Vertex[]];
  return points.slice(2).some(([bx, by]) => (ax - x) * (by - y) !== (ay - y) * (bx - x));
}
