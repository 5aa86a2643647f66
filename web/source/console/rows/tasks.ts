import type { AnswerSchema } from "../../../../src/contract/answers.ts";
import type { NewTask } from "../../../../src/contract/tasks.ts";
import type { WireKnown } from "../../../../src/contract/verification.ts";
import type { Json } from "../../../../src/core/json.ts";
import type { RowProblem, TableHead, TableRow } from "./table.ts";
import { TextSet } from "./text-set.ts";

/** What kinds of work compare submissions with, and no contributor is shown as content: a column each. */
export const neededRoles = ["latitude", "longitude", "source", "beacon"] as const;
export type NeededRole = (typeof neededRoles)[number];

/** What becomes of a column. */
export type ColumnRole = "show" | "id" | "control" | "leave" | NeededRole;

export interface Mapping {
  readonly roles: readonly ColumnRole[];
  readonly answer: AnswerSchema;
  /** Answers that the requester gave while looking: rows that become control tasks, by their number. */
  readonly own: ReadonlyMap<number, Json>;
}

const idNames = /^(id|key|uuid|guid|nr|no|number)$/i;
const controlNames = /^(control|gold|truth|expected|correct|answer|label|known)(_?(answer|label))?$/i;

/** What the columns seem to be; at most one id and one known answer. */
export function guessRoles(columns: readonly string[]): ColumnRole[] {
  const id = columns.findIndex((name) => idNames.test(name));
  const control = columns.findIndex((name) => controlNames.test(name));
  const roles = columns.map((_, i): ColumnRole => (i === id ? "id" : i === control ? "control" : "show"));
  return roles.includes("show") ? roles : columns.map(() => "show");
}

const neededNames: Readonly<Record<NeededRole, RegExp>> = {
  latitude: /^(lat|latitude|y)$/i,
  longitude: /^(lon|lng|long|longitude|x)$/i,
  source: /^(source_?)?(sha_?-?256|hash|digest)$/i,
  beacon: /^beacon$/i,
};

/** The roles of columns where these are offered: what was chosen stays while it says something, what is lacking is guessed. */
export function rolesWith(
  columns: readonly string[],
  roles: readonly ColumnRole[],
  offered: readonly ColumnRole[],
): ColumnRole[] {
  const changed = roles.map((role) => (offered.includes(role) ? role : "show"));
  for (const need of neededRoles) {
    if (!offered.includes(need) || changed.includes(need)) continue;
    const found = columns.findIndex((name) => neededNames[need].test(name));
    if (found !== -1) changed[found] = need;
  }
  return changed;
}

/** Turns rows into tasks, one after the other: it remembers the ids. */
export class TaskMaker {
  readonly #columns: readonly string[];
  readonly #mapping: Mapping;
  readonly #ids = new TextSet();
  readonly #id: number;
  readonly #control: number;

  constructor({ columns }: Pick<TableHead, "columns">, mapping: Mapping) {
    this.#columns = columns;
    this.#mapping = mapping;
    this.#id = mapping.roles.indexOf("id");
    this.#control = mapping.roles.indexOf("control");
  }

  make({ number, fields, problem }: TableRow): NewTask | RowProblem {
    if (problem !== null) return problem;
    const id = this.#id === -1 ? `row-${number}` : (fields[this.#id] ?? "").trim();
    if (id === "") return "ID_MISSING";
    if (id.length > 200) return "TOO_LONG";
    // Rows that are named by their number have names of their own.
    if (this.#id !== -1 && this.#ids.has(id)) return "ID_REPEATED";
    const known = this.#mapping.own.get(number) ?? this.#known(fields);
    if (known === null) return "ANSWER_UNKNOWN";
    const compared = this.#compared(fields);
    if (typeof compared === "string") return compared;
    if (this.#id !== -1) this.#ids.add(id);
    const content = contentOf(this.#columns, this.#mapping.roles, fields);
    return {
      id,
      content,
      ...(compared !== null && { terms: { known: compared } }),
      ...(known !== undefined && { control: known }),
    };
  }

  /** What submissions are compared with, where the kind does so. */
  #compared(fields: readonly string[]): WireKnown | RowProblem | null {
    const { roles } = this.#mapping;
    const cellOf = (role: NeededRole): string | null => {
      const column = roles.indexOf(role);
      return column === -1 ? null : (fields[column] ?? "").trim();
    };
    const [latitude, longitude, source, beacon] = neededRoles.map(cellOf);
    const place = placeOf(latitude ?? null, longitude ?? null);
    if (place === null) return "PLACE_UNKNOWN";
    const hash = source?.toLowerCase();
    if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash)) return "SOURCE_UNKNOWN";
    const heard = beacon === null || beacon === undefined ? undefined : jsonOf(beacon);
    if (heard === null || (heard !== undefined && (typeof heard !== "object" || Array.isArray(heard))))
      return "BEACON_UNKNOWN";
    if (place === undefined && hash === undefined && heard === undefined) return null;
    return {
      ...(place !== undefined && { place }),
      ...(hash !== undefined && { digests: { source: hash } }),
      ...(heard !== undefined && { beacon: heard as unknown as WireKnown["beacon"] }),
    };
  }

  /** Null where the known answer is none that a contributor could give. */
  #known(fields: readonly string[]): Json | undefined | null {
    const text = this.#control === -1 ? "" : (fields[this.#control] ?? "").trim();
    return text === "" ? undefined : answerOfText(this.#mapping.answer, text);
  }
}

export function contentOf(
  columns: readonly string[],
  roles: readonly ColumnRole[],
  fields: readonly string[],
): { [name: string]: Json } {
  const content: { [name: string]: Json } = {};
  for (const [i, name] of columns.entries()) {
    const text = fields[i] ?? "";
    if (roles[i] === "show" && text !== "") content[name] = cellValue(text);
  }
  return content;
}

/** A cell that holds a list or an object (of choices, or of parts to show) is one. */
function cellValue(text: string): Json {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** In degrees, with a point or a comma; null where that is nowhere on Earth, undefined where nobody asks for it. */
function placeOf(latitude: string | null, longitude: string | null): WireKnown["place"] | undefined {
  if (latitude === null || longitude === null) return undefined;
  const [north, east] = [degreesOf(latitude, 90), degreesOf(longitude, 180)];
  return north === null || east === null ? null : { latitudeE7: north, longitudeE7: east };
}

function degreesOf(text: string, max: number): number | null {
  if (!/^[+-]?\d{1,3}([.,]\d+)?$/.test(text)) return null;
  const degrees = Number(text.replace(",", "."));
  return Math.abs(degrees) <= max ? Math.round(degrees * 1e7) : null;
}

function answerOfText({ type, choices = [], min = 1, max = 5 }: AnswerSchema, text: string): Json | null {
  switch (type) {
    case "choice":
      return choices.includes(text) ? text : null;
    case "choices": {
      const chosen = text.split(/\s*[|;,]\s*/);
      return chosen.every((each) => choices.includes(each)) ? chosen : null;
    }
    case "pair":
      return ["left", "right", "tie"].includes(text) ? text : null;
    case "scale": {
      const step = Number(text);
      return Number.isInteger(step) && step >= min && step <= max ? step : null;
    }
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text) ? text : null;
    case "text":
      return text;
    default:
      return jsonOf(text);
  }
}

function jsonOf(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
