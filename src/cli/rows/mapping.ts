import { checkedTask, type NewTaskFilled } from "../../contract/tasks.ts";
import type { Json } from "../../core/json.ts";
import type { Fields, RowFormat } from "./read-task-rows.ts";

export interface MappingOptions {
  readonly id?: string;
  readonly control?: string;
  readonly map?: Readonly<Record<string, string>>;
}

/** How a row becomes a task; the same rules as the server's import. */
export class Mapping {
  readonly #id: string;
  readonly #control: string;
  readonly #content: readonly (readonly [field: string, column: string])[] | null;
  /** JSON lines that are whole tasks already: nothing is mapped. */
  readonly #isWhole: boolean;

  constructor({ id, control, map }: MappingOptions, format: RowFormat) {
    this.#id = id ?? "id";
    this.#control = control ?? "control";
    this.#content = map === undefined ? null : Object.entries(map);
    this.#isWhole = format === "jsonl" && id === undefined && control === undefined && map === undefined;
  }

  /** The task, or what is wrong in words that are the same for all rows with that problem. */
  taskOf(fields: Fields): NewTaskFilled | string {
    const wanted = this.#isWhole ? fields : this.#mapped(fields);
    return typeof wanted === "string" ? wanted : checkedTask(wanted);
  }

  #mapped(fields: Fields): Fields | string {
    const columns = [this.#id, ...(this.#content ?? []).map(([, column]) => column)];
    const missing = columns.find((column) => !Object.hasOwn(fields, column));
    if (missing !== undefined) return `has no "${missing}"`;
    const id = fields[this.#id];
    const control = Object.hasOwn(fields, this.#control) ? fields[this.#control] : undefined;
    const isControl = control !== undefined && control !== null && control !== "";
    return {
      id: typeof id === "number" ? `${id}` : (id as Json),
      content: this.#contentOf(fields),
      ...(isControl && { control }),
    };
  }

  #contentOf(fields: Fields): Json {
    const entries =
      this.#content === null
        ? Object.entries(fields).filter(([name]) => name !== this.#id && name !== this.#control)
        : this.#content.map(([field, column]) => [field, fields[column] as Json] as const);
    return Object.fromEntries(entries);
  }
}
