import { type RowMapping, taskOfFields } from "../../contract/row-mapping.ts";
import type { CommandContext } from "../context.ts";
import { openFile } from "../files.ts";
import { BadRows, badRowsPath } from "./bad-rows.ts";
import { mappingOf } from "./mapping.ts";
import { formatOf, type RowOptions } from "./options.ts";
import { readTaskRows, type TaskRow } from "./read-task-rows.ts";

export interface CheckedRows {
  readonly rows: number;
  readonly bad: BadRows;
}

/** So many ids are compared with each other; beyond, the server finds a repeated one. */
const idsRememberedMax = 2_000_000;

/** Reads a file of tasks as the import would, without a server. */
export async function checkRows(
  context: CommandContext,
  file: string,
  options: RowOptions & { readonly choices?: readonly string[] },
): Promise<CheckedRows> {
  const path = context.path(file);
  const format = formatOf(file, options.format);
  const progress = context.output.progress(`Checking ${file}`, await sizeOf(path));
  const bad = new BadRows(badRowsPath(path));
  const check = new TaskCheck(mappingOf(options, format), options.choices ?? null);
  let rows = 0;
  try {
    for await (const row of readTaskRows(path, format)) {
      context.stopped.throwIfAborted();
      rows++;
      const problem = check.problemOf(row);
      if (problem !== null) await bad.add(row.row, problem, row.text);
      if (rows % 1_000 === 0) progress.set(row.bytesRead);
    }
    await bad.finish();
  } catch (error) {
    await bad.discard();
    throw error;
  } finally {
    progress.end();
  }
  return { rows, bad };
}

export async function sizeOf(path: string): Promise<number> {
  const { file, bytes } = await openFile(path);
  await file.close();
  return bytes;
}

class TaskCheck {
  readonly #ids = new Set<string>();
  readonly #mapping: RowMapping;
  readonly #choices: readonly string[] | null;

  constructor(mapping: RowMapping, choices: readonly string[] | null) {
    this.#mapping = mapping;
    this.#choices = choices;
  }

  problemOf({ content }: TaskRow): string | null {
    if ("problem" in content) return content.problem;
    const task = taskOfFields(this.#mapping, content.fields);
    if (typeof task === "string") return task;
    if (this.#ids.has(task.id)) return "has the id of an earlier row";
    if (this.#ids.size < idsRememberedMax) this.#ids.add(task.id);
    const choices = task.terms?.answer?.choices ?? this.#choices;
    const isKnown = typeof task.control !== "string" || choices === null || choices.includes(task.control);
    return isKnown ? null : "control: is none of the choices";
  }
}
