import type { Json } from "../../../src/core/json.ts";
import { isFields } from "../content/parts.ts";
import { safeText } from "../content/safe-text.ts";

const rowsSaid = 6;
const charactersSaid = 300;

export interface SaidOptions {
  readonly labels?: ReadonlyMap<string, string>;
  /** The text that spans are of. */
  readonly text?: string | undefined;
  readonly numberText?: (value: number, digits: number) => string;
}

/**
 * An answer in words, for whoever looks back at it: names instead of ids, the words of a span instead of their places.
 * It goes by the shape of the answer, so that it also reads what a log or another page kept.
 */
export function saidOf(
  answer: Json | undefined,
  { labels = new Map(), text, numberText = String }: SaidOptions = {},
): string {
  const name = (id: string): string => labels.get(id) ?? id;
  const one = (each: Json): string => {
    if (typeof each === "string") return name(each);
    if (typeof each === "number") return numberText(each, 9);
    return isFields(each) ? rowSaid(each, name, text) : "";
  };
  if (answer === undefined || answer === null) return "";
  if (!Array.isArray(answer)) return safeText(one(answer), charactersSaid);
  const rows = answer.slice(0, rowsSaid).map(one);
  return safeText(rows.length === 0 ? "∅" : rows.join(" · ") + (answer.length > rowsSaid ? " …" : ""), charactersSaid);
}

type Row = { readonly [field: string]: Json };

function rowSaid(row: Row, name: (id: string) => string, text: string | undefined): string {
  const { label, start, end, points, width, height, code, input } = row;
  if (typeof input === "string") return input || (typeof code === "string" ? code : "");
  if (typeof row["text"] === "string") return row["text"];
  const called = typeof label === "string" ? name(label) : "";
  if (typeof start === "number" && typeof end === "number") {
    const words = text === undefined ? `${start}–${end}` : `“${Array.from(text).slice(start, end).join("")}”`;
    return `${words} ${called}`;
  }
  if (Array.isArray(points)) return `${called} (${points.length})`;
  return typeof width === "number" && typeof height === "number" ? `${called} ${width}×${height}` : called;
}
