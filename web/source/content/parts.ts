import type { Json } from "../../../src/core/json.ts";
import { isImageAddress } from "./safe-image.ts";

/** What a task shows, whatever its requester sent: a question and things to look at. */
export interface Shown {
  readonly question: string | null;
  readonly parts: readonly Part[];
  /** What choices are called, where that is not their id. */
  readonly labels: ReadonlyMap<string, string>;
}

export interface TextPart {
  readonly type: "text";
  readonly label: string;
  readonly text: string;
}

export type PicturePart =
  | { readonly type: "svg"; readonly label: string; readonly svg: string; readonly alt: string }
  /** The image itself, as a `data:` address: nothing is loaded from elsewhere. */
  | { readonly type: "image"; readonly label: string; readonly image: string; readonly alt: string };

/** Markup, shown in a document of no origin; pictures in it come from no other hosts than these. */
export interface HtmlPart {
  readonly type: "html";
  readonly label: string;
  readonly html: string;
  readonly hosts: readonly string[];
}

export type Part = TextPart | PicturePart | HtmlPart;

export const isPicture = (part: Part): part is PicturePart => part.type === "svg" || part.type === "image";

type Fields = { readonly [name: string]: Json };
export const isFields = (value: Json | undefined): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");

const partsMax = 20;

/**
 * Reads what is shown of a task: the form of our own examples (`question`, `choices`, `content`), a plain text, or any
 * other fields, each under its name. Nothing that a requester sends makes it fail.
 */
export function shownOf(content: Json, parameters: Fields = {}): Shown {
  const asked = textOf(parameters["question"]);
  if (typeof content === "string") return { question: asked || null, parts: [part("", content)], labels: new Map() };
  if (!isFields(content)) return { question: asked || null, parts: plain(content), labels: new Map() };
  const { question, choices, content: inner, template: _template, id: _id, ...rest } = content;
  const wanted = parameters["show"];
  const shown = Array.isArray(wanted) ? onlyNamed(content, wanted) : rest;
  return {
    question: textOf(question) || asked || null,
    parts: [
      ...partsOf(inner, hostsOf(parameters)),
      ...Object.entries(shown).flatMap(([name, value]) => named(name, value)),
    ].slice(0, partsMax),
    labels: labelsOf(choices),
  };
}

const part = (label: string, text: string): Part =>
  isImageAddress(text) ? { type: "image", label, image: text, alt: label } : { type: "text", label, text };
const plain = (value: Json): Part[] => (value === null ? [] : [part("", JSON.stringify(value, null, 1))]);

const onlyNamed = (content: Fields, names: readonly Json[]): Fields =>
  Object.fromEntries(Object.entries(content).filter(([name]) => names.includes(name)));

function named(name: string, value: Json): Part[] {
  if (value === null) return [];
  return [part(name, typeof value === "string" ? value : JSON.stringify(value, null, 1))];
}

const hostsMax = 10;

/** Hosts that a market allows pictures from. */
function hostsOf({ hosts }: Fields): readonly string[] {
  return Array.isArray(hosts) ? hosts.filter((each) => typeof each === "string").slice(0, hostsMax) : [];
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/** A picture that lies elsewhere is markup, so that nothing but its frame loads it. */
function pictureFrom(image: string, alt: string, label: string, hosts: readonly string[]): Part {
  if (hosts.length === 0 || !image.startsWith("https://")) return { type: "image", label, image, alt };
  return { type: "html", label, hosts, html: `<img src="${escaped(image)}" alt="${escaped(alt || label)}">` };
}

function partsOf(inner: Json | undefined, hosts: readonly string[]): Part[] {
  if (inner === undefined || inner === null) return [];
  if (typeof inner === "string") return [part("", inner)];
  if (!Array.isArray(inner)) return plain(inner);
  return inner.flatMap((each: Json): Part[] => {
    if (typeof each === "string") return [part("", each)];
    if (!isFields(each)) return [];
    const label = textOf(each["label"]);
    if (typeof each["svg"] === "string") return [{ type: "svg", label, svg: each["svg"], alt: textOf(each["alt"]) }];
    if (typeof each["image"] === "string") return [pictureFrom(each["image"], textOf(each["alt"]), label, hosts)];
    if (typeof each["html"] === "string") return [{ type: "html", label, html: each["html"], hosts }];
    if (typeof each["text"] === "string") return [part(label, each["text"])];
    return [part(label, JSON.stringify(each, null, 1))];
  });
}

function labelsOf(choices: Json | undefined): ReadonlyMap<string, string> {
  if (!Array.isArray(choices)) return new Map();
  return new Map(
    choices.flatMap((each: Json): [string, string][] => {
      if (!isFields(each)) return [];
      const [id, label] = [textOf(each["id"]), textOf(each["label"])];
      return id === "" || label === "" ? [] : [[id, label]];
    }),
  );
}

/** What can stand where it is tapped: a frame takes the taps for itself. */
export type ChoicePart = Exclude<Part, HtmlPart>;

/**
 * Parts that are themselves what is chosen from: every choice has one part under its name. They are then shown where
 * they are tapped, and the rest above.
 */
export function partsOfChoices(shown: Shown, choices: readonly string[]): ReadonlyMap<string, ChoicePart> {
  const all = choices.flatMap((id): [string, ChoicePart][] => {
    const name = shown.labels.get(id) ?? id;
    const found = shown.parts.filter(({ label }) => label === name);
    const [first] = found;
    return found.length === 1 && first !== undefined && first.type !== "html" ? [[id, first]] : [];
  });
  return all.length === choices.length ? new Map(all) : new Map();
}

/**
 * What is marked: the first text or picture, or the one of the name that the template's parameter `mark` has. The rest
 * is shown above.
 */
export function subjectOf({ parts }: Shown, { type }: { readonly type: string }, parameters: Fields = {}): Part | null {
  const isText = type === "spans";
  if (!isText && type !== "boxes" && type !== "polygons") return null;
  const fitting = parts.filter((each) => (isText ? each.type === "text" : isPicture(each)));
  return fitting.find(({ label }) => label === parameters["mark"]) ?? fitting[0] ?? null;
}
