import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { earnestError } from "../../core/errors.ts";
import { csvLine } from "./csv-line.ts";
import type { Row } from "./row.ts";
import { checkedUtf8 } from "./utf8.ts";

/**
 * Rows of a CSV stream (RFC 4180) whose first record names the columns. A row with too many or too few fields is bad by
 * itself; after a quote that is out of place nobody can say where rows begin, so reading ends there.
 */
export async function* csvRows(source: AsyncIterable<Uint8Array>, rowBytesMax: number): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: rowBytesMax,
  });
  const input = Readable.from(checkedUtf8(source), { objectMode: false });
  input.once("error", (error) => parser.destroy(error));
  input.pipe(parser);
  let header: readonly string[] | null = null;
  let row = 0;
  try {
    for await (const fields of parser as AsyncIterable<readonly string[]>) {
      if (header === null) header = checkedHeader(fields);
      else yield rowOf(header, fields, ++row);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const records = typeof error["records"] === "number" ? error["records"] : row + 1;
    yield { row: Math.max(1, records), text: () => "", content: { problem: structuralProblem(error, rowBytesMax) } };
    return;
  } finally {
    input.destroy();
    parser.destroy();
  }
  if (header === null) throw earnestError("MALFORMED_REQUEST", { where: "body", problem: "has no header row" });
}

const structuralProblem = (error: CsvError, rowBytesMax: number): string => {
  if (error.code === "CSV_MAX_RECORD_SIZE") return `is longer than ${rowBytesMax} bytes; reading ended there`;
  const line = typeof error["lines"] === "number" ? ` (line ${error["lines"]})` : "";
  return `has a quote out of place${line}; reading ended there`;
};

function checkedHeader(names: readonly string[]): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw earnestError("MALFORMED_REQUEST", { where: "body", problem: `has the column "${twice}" twice` });
  }
  return names;
}

function rowOf(header: readonly string[], fields: readonly string[], row: number): Row {
  const text = (): string => csvLine(fields).trimEnd();
  if (fields.length !== header.length) {
    return { row, text, content: { problem: `has ${fields.length} fields instead of ${header.length}` } };
  }
  const named = Object.fromEntries(header.map((name, i) => [name, fields[i] as string]));
  return { row, text, content: { fields: named } };
}
