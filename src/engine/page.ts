import { earnestError } from "../core/errors.ts";
import type { Page } from "./types.ts";

/** A page of a list of which one row more than asked for was read: that one only tells that there are more. */
export function pageOf<Row>(rows: readonly Row[], limit: number, cursorOf: (last: Row) => string): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** Where a page ended of a list in order of time. */
export interface TimePlace {
  readonly atMs: number;
  readonly id: string;
}

export const timeCursor = ({ atMs, id }: TimePlace): string => `${atMs}.${id}`;

export function readTimeCursor(text: string): TimePlace {
  const match = /^(\d{1,15})\.(.+)$/.exec(text);
  if (match === null) throw noCursor();
  return { atMs: Number(match[1]), id: match[2] as string };
}

/** Of what somebody sent as `after` and no page of the list ever named. */
export const noCursor = () =>
  earnestError("MALFORMED_REQUEST", { where: "after", problem: "is no cursor of this list" });
