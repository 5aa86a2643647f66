import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { RowFields, RowFormat } from "../../contract/row-mapping.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { decodeText } from "../files.ts";
import { readLines, readPieces } from "../lines.ts";

/** A row of a file of tasks: what it says, or what is wrong with it. Counted from 1, after a header. */
export interface TaskRow {
  readonly row: number;
  readonly text: string;
  readonly content: { readonly fields: RowFields } | { readonly problem: string };
  readonly bytesRead: number;
}

const rowBytesMax = 1_048_576;

export const readTaskRows = (path: string, format: RowFormat): AsyncGenerator<TaskRow> =>
  format === "csv" ? csvRows(path) : jsonRows(path);

async function* jsonRows(path: string): AsyncGenerator<TaskRow> {
  let row = 0;
  for await (const { bytes, bytesRead } of readLines(path, rowBytesMax)) {
    const text = decodeText(path, bytes).trimEnd();
    yield { row: ++row, text, content: jsonContent(text), bytesRead };
  }
}

/** As the server reads it: an integer that a double would round is refused there too. */
function jsonContent(text: string): TaskRow["content"] {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { problem: "is not JSON" };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return { problem: "is not a JSON object" };
  if (holdsInexact(text)) return { problem: "holds a number which cannot be kept exactly" };
  return { fields: value as RowFields };
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function holdsInexact(text: string): boolean {
  if (!/\d{16}|\d[eE]\+?\d{3}/.test(text)) return false;
  return [...text.matchAll(stringOrNumber)].some(([token]) => {
    if (token.startsWith('"')) return false;
    const value = Number(token);
    return !Number.isFinite(value) || (/^-?\d+$/.test(token) && !Number.isSafeInteger(value));
  });
}

async function* csvRows(path: string): AsyncGenerator<TaskRow> {
  const parser = parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: rowBytesMax });
  const source = Readable.from(readPieces(path));
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  let header: readonly string[] | null = null;
  let row = 0;
  try {
    for await (const fields of parser as AsyncIterable<readonly string[]>) {
      const bytesRead = parser.info.bytes;
      if (header === null) header = checkedHeader(path, fields);
      else yield { row: ++row, text: csvText(fields), content: csvContent(header, fields), bytesRead };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const problem = `has a quote out of place, or is longer than ${rowBytesMax} bytes; reading ended there`;
    const records = typeof error["records"] === "number" ? error["records"] : row + 1;
    yield { row: Math.max(records, row + 1), text: "", content: { problem }, bytesRead: parser.info.bytes };
    return;
  } finally {
    source.destroy();
    parser.destroy();
  }
  if (header === null) throw earnestError("MALFORMED_FILE", { path, problem: "it is empty" });
}

function checkedHeader(path: string, names: readonly string[]): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw earnestError("MALFORMED_FILE", { path, problem: `it has the column "${twice}" twice` });
  return names;
}

function csvContent(header: readonly string[], fields: readonly string[]): TaskRow["content"] {
  if (fields.length !== header.length) {
    return { problem: `has ${fields.length} fields instead of ${header.length}` };
  }
  const bad = fields.find((field) => field.includes("\uFFFD") || field.includes("\0"));
  if (bad !== undefined) return { problem: "is not text in UTF-8" };
  return { fields: Object.fromEntries(header.map((name, i) => [name, fields[i] as string])) };
}

const csvText = (fields: readonly string[]): string =>
  fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
