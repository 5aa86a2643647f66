import type { AnswerSchema } from "../../../../src/contract/answers.ts";
import type { MarketDraft } from "./draft.ts";

/** What a labeling configuration of Label Studio asks for, in our words; null where it has no widget that we know. */
export function readLabelStudio(text: string): Found | null {
  const document = new DOMParser().parseFromString(text, "text/xml");
  if (document.querySelector("parsererror") !== null) return null;
  for (const [tag, read] of widgets) {
    const found = document.querySelector(tag);
    if (found !== null) return { ...read(found), ...questionOf(document) };
  }
  return null;
}

type Found = Partial<MarketDraft> & { readonly type: AnswerSchema["type"] };
type Read = (widget: Element) => Found;

const valuesOf = (widget: Element, tag: string): string =>
  [...widget.querySelectorAll(tag)]
    .map((each) => each.getAttribute("value") ?? "")
    .filter((value) => value !== "" && !value.startsWith("$"))
    .join("\n");

const labels =
  (type: AnswerSchema["type"]): Read =>
  (widget) => ({ type, names: valuesOf(widget, "Label") });

const numberOf = (widget: Element, name: string, otherwise: number): number => {
  const value = Number(widget.getAttribute(name) ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
};

/** The common ones; where a configuration has several, the first of these. */
const widgets: readonly (readonly [tag: string, read: Read])[] = [
  ["Pairwise", () => ({ type: "pair" })],
  [
    "Choices",
    (widget) => ({
      type: widget.getAttribute("choice") === "multiple" ? "choices" : "choice",
      names: valuesOf(widget, "Choice"),
    }),
  ],
  ["RectangleLabels", labels("boxes")],
  ["PolygonLabels", labels("polygons")],
  ["Rectangle", () => ({ type: "boxes", names: "" })],
  ["Polygon", () => ({ type: "polygons", names: "" })],
  ["Labels", labels("spans")],
  ["HyperTextLabels", labels("spans")],
  ["Rating", (widget) => ({ type: "scale", low: 1, high: numberOf(widget, "maxRating", 5) })],
  ["Number", (widget) => ({ type: "number", low: numberOf(widget, "min", 0), high: numberOf(widget, "max", 1_000) })],
  ["TextArea", () => ({ type: "text" })],
];

/** What stands above the widgets. A value that begins with $ is a column's. */
function questionOf(document: Document): Partial<MarketDraft> {
  const value = document.querySelector("Header")?.getAttribute("value") ?? "";
  return value === "" || value.startsWith("$") ? {} : { question: value.slice(0, 200) };
}
