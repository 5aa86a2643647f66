import type { Json } from "../core/json.ts";
import { checkedTask, type NewTaskFilled } from "./tasks.ts";

/** How rows of a file become tasks: the same for the server, which imports them, and for whoever checks them before. */

export type RowFormat = "csv" | "jsonl";

export type RowFields = { readonly [name: string]: Json };

/** Which fields of a row are its id, its known answer, and what contributors see. */
export interface RowMapping {
  readonly id: string;
  readonly control: string;
  /** Fields of the content and the columns they come from; null takes all other columns. */
  readonly content: readonly (readonly [field: string, column: string])[] | null;
  /** JSON lines that are whole tasks already: nothing is mapped. */
  readonly isWhole: boolean;
}

interface Wanted {
  readonly id?: string | undefined;
  readonly control?: string | undefined;
  readonly content?: RowMapping["content"] | undefined;
}

export const rowMapping = ({ id, control, content }: Wanted, format: RowFormat): RowMapping => ({
  id: id ?? "id",
  control: control ?? "control",
  content: content ?? null,
  isWhole: format === "jsonl" && id === undefined && control === undefined && content === undefined,
});

/** @returns the task, or what is wrong in words that are the same for all rows with that problem. */
export function taskOfFields(mapping: RowMapping, fields: RowFields): NewTaskFilled | string {
  const wanted = mapping.isWhole ? fields : mappedTask(mapping, fields);
  return typeof wanted === "string" ? wanted : checkedTask(wanted);
}

function mappedTask(mapping: RowMapping, fields: RowFields): RowFields | string {
  const missing = missingColumn(mapping, fields);
  if (missing !== null) return `has no "${missing}"`;
  const id = fields[mapping.id];
  const control = Object.hasOwn(fields, mapping.control) ? fields[mapping.control] : undefined;
  const isControl = control !== undefined && control !== null && control !== "";
  return {
    id: typeof id === "number" ? `${id}` : (id as Json),
    content: contentOf(mapping, fields),
    ...(isControl && { control }),
  };
}

function missingColumn({ id, content }: RowMapping, fields: RowFields): string | null {
  if (!Object.hasOwn(fields, id)) return id;
  for (const [, column] of content ?? []) if (!Object.hasOwn(fields, column)) return column;
  return null;
}

/** Millions of rows go through here: their fields are set one by one, but for a name that would set something else. */
function contentOf({ id, control, content }: RowMapping, fields: RowFields): Json {
  if (content !== null) return Object.fromEntries(content.map(([field, column]) => [field, fields[column] as Json]));
  const kept: { [name: string]: Json } = {};
  for (const name in fields) {
    if (name === "__proto__")
      return Object.fromEntries(Object.entries(fields).filter(([each]) => each !== id && each !== control));
    if (name !== id && name !== control) kept[name] = fields[name] as Json;
  }
  return kept;
}
