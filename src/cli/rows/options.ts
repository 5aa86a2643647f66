import { extname } from "node:path";
import { type Command, Option } from "commander";
import type { RowFormat } from "../../contract/row-mapping.ts";
import { earnestError } from "../../core/errors.ts";
import { parseMap } from "../parse-options.ts";
import type { MappingOptions } from "./mapping.ts";

export interface RowOptions extends MappingOptions {
  readonly format?: RowFormat;
}

export const withRowOptions = (command: Command): Command =>
  command
    .addOption(new Option("--format <format>", "Form of the file (default: by its ending)").choices(["csv", "jsonl"]))
    .option("--id <column>", "Column with each task's own id (default: id)")
    .option("--control <column>", "Column with known answers of control tasks (default: control)")
    .option("--map <field=column,…>", "What contributors see (default: all other columns)", parseMap);

const formats: Readonly<Record<string, RowFormat>> = { ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl" };

export function formatOf(file: string, format: RowFormat | undefined): RowFormat {
  const known = format ?? formats[extname(file).toLowerCase()];
  if (known !== undefined) return known;
  throw earnestError("MALFORMED_COMMAND", {
    problem: `The ending of ${file} does not say what it holds`,
    mend: "Add --format csv or --format jsonl.",
  });
}
