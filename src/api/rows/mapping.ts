import { checkedTask, type NewTaskFilled } from "../../contract/tasks.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";

/** How a row becomes a task: which fields are its id, its known answer, and what contributors see. */
export interface Mapping {
  readonly id: string;
  readonly control: string;
  /** Fields of the content and the columns they come from; null takes all other columns. */
  readonly content: readonly (readonly [field: string, column: string])[] | null;
  /** JSON lines that are whole tasks already: nothing is mapped. */
  readonly isWhole: boolean;
}

interface Query {
  readonly id?: string | undefined;
  readonly control?: string | undefined;
  readonly map?: string | undefined;
}

export function mappingOf(query: Query, format: "csv" | "jsonl"): Mapping {
  const isMapped = query.id !== undefined || query.control !== undefined || query.map !== undefined;
  return {
    id: query.id ?? "id",
    control: query.control ?? "control",
    content: query.map === undefined ? null : pairsOf(query.map),
    isWhole: format === "jsonl" && !isMapped,
  };
}

/** "prompt=q,a=r1,b=r2" */
function pairsOf(map: string): [string, string][] {
  const refuse = (problem: string): never => {
    throw earnestError("MALFORMED_REQUEST", { where: "query.map", problem });
  };
  const pairs = map.split(",").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return at < 1 || at === pair.length - 1
      ? refuse(`must be field=column,…; "${pair.slice(0, 80)}" is not`)
      : [pair.slice(0, at), pair.slice(at + 1)];
  });
  const fields = pairs.map(([field]) => field);
  if (new Set(fields).size !== fields.length) refuse("names a field twice");
  if (fields.includes("__proto__")) refuse("has a forbidden name");
  return pairs;
}

type Fields = { readonly [name: string]: Json };

/** @returns the task, or what is wrong in words that are the same for all rows with that problem. */
export function taskOfFields(mapping: Mapping, fields: Fields): NewTaskFilled | string {
  const wanted = mapping.isWhole ? fields : mappedTask(mapping, fields);
  return typeof wanted === "string" ? wanted : checkedTask(wanted);
}

function mappedTask(mapping: Mapping, fields: Fields): Fields | string {
  const missing = [mapping.id, ...(mapping.content ?? []).map(([, column]) => column)].find(
    (column) => !Object.hasOwn(fields, column),
  );
  if (missing !== undefined) return `has no "${missing}"`;
  const id = fields[mapping.id];
  const control = Object.hasOwn(fields, mapping.control) ? fields[mapping.control] : undefined;
  const isControl = control !== undefined && control !== null && control !== "";
  return {
    id: typeof id === "number" ? `${id}` : (id as Json),
    content: contentOf(mapping, fields),
    ...(isControl && { control }),
  };
}

function contentOf({ id, control, content }: Mapping, fields: Fields): Json {
  const entries =
    content === null
      ? Object.entries(fields).filter(([name]) => name !== id && name !== control)
      : content.map(([field, column]) => [field, fields[column] as Json] as const);
  return Object.fromEntries(entries);
}
