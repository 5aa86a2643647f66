import { Readable } from "node:stream";
import { parse } from "csv-parse";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { decodeText } from "../files.ts";
import { lineBytesMax, readLines, readPieces } from "../lines.ts";

/** A row of an exported file: a value, or why it cannot be read. */
export type Row = { readonly where: string } & ({ readonly value: Json } | { readonly problem: string });

/** Rows of a JSON lines or CSV file, by its content: the first character of JSON lines is "{". */
export async function* readRows(path: string, name: string): AsyncGenerator<Row> {
  const first = await firstByte(path);
  if (first === null) throw earnestError("MALFORMED_FILE", { path, problem: "it is empty" });
  if (first === 0x7b) yield* jsonRows(path, name);
  else yield* csvRows(path, name);
}

async function firstByte(path: string): Promise<number | null> {
  for await (const piece of readPieces(path)) {
    if (piece.subarray(0, 4_096).includes(0)) {
      throw earnestError("MALFORMED_FILE", { path, problem: "it is binary, not JSON lines or CSV" });
    }
    const start = piece.find((byte, i) => !(byte <= 32 || (i < 3 && [0xef, 0xbb, 0xbf].includes(byte))));
    if (start !== undefined) return start;
  }
  return null;
}

async function* jsonRows(path: string, name: string): AsyncGenerator<Row> {
  for await (const { number, bytes } of readLines(path)) {
    const where = `${name}:${number}`;
    try {
      yield { where, value: JSON.parse(decodeText(path, bytes)) as Json };
    } catch {
      yield { where, problem: "it is not JSON" };
    }
  }
}

/** Columns that hold numbers, truth values or JSON; the others are texts. */
const jsonColumns = new Set(["task", "lane", "confidence", "decided", "control", "votes", "paid", "receipt"]);

async function* csvRows(path: string, name: string): AsyncGenerator<Row> {
  const parser = parse({
    columns: true,
    bom: true,
    max_record_size: lineBytesMax,
    relax_column_count: true,
    info: true,
  });
  const source = Readable.from(readPieces(path));
  source.on("error", (error) => parser.destroy(error));
  try {
    for await (const each of source.pipe(parser)) {
      const { record, info } = each as { record: Readonly<Record<string, string>>; info: { lines: number } };
      yield { where: `${name}:${info.lines}`, ...contentOf(record) };
    }
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code?.startsWith("CSV_") !== true) throw cause;
    throw earnestError("MALFORMED_FILE", { path, problem: `it is not CSV (${message})` }, { cause });
  } finally {
    source.destroy();
  }
}

function contentOf(record: Readonly<Record<string, string>>): { value: Json } | { problem: string } {
  const value: Record<string, Json> = {};
  for (const [column, text] of Object.entries(record)) {
    if (!jsonColumns.has(column)) value[column] = text;
    else {
      try {
        value[column] = JSON.parse(text) as Json;
      } catch {
        return { problem: `its ${column} is not JSON` };
      }
    }
  }
  return { value };
}
