import { StringDecoder } from "node:string_decoder";
import { earnestError } from "../../core/errors.ts";
import { csvLine } from "./csv-line.ts";
import { type CsvFault, CsvRecords } from "./csv-records.ts";
import type { Row } from "./row.ts";
import { checkedUtf8 } from "./utf8.ts";

const byteOrderMark = "\ufeff";

/**
 * Rows of a CSV stream (RFC 4180) whose first record names the columns, a piece at a time. A row with too many or too few
 * fields is bad by itself; after a quote that is out of place nobody can say where rows begin, so reading ends there.
 */
export async function* csvRows(source: AsyncIterable<Uint8Array>, rowBytesMax: number): AsyncGenerator<readonly Row[]> {
  const parser = new CsvRecords(rowBytesMax);
  const decoder = new StringDecoder("utf8");
  let header: readonly string[] | null = null;
  let row = 0;
  let isFirst = true;
  const rowsOf = (piece: string, isLast: boolean): Row[] => {
    const text = isFirst && piece.startsWith(byteOrderMark) ? piece.slice(1) : piece;
    isFirst &&= piece === "";
    const records = parser.take(text, isLast);
    if (header === null && records.length > 0) header = checkedHeader(records.shift() as readonly string[]);
    const rows = records.map((fields) => rowOf(header as readonly string[], fields, ++row));
    if (parser.fault !== null) rows.push(faultyRow(parser.fault, row + 1, rowBytesMax));
    return rows;
  };
  for await (const bytes of checkedUtf8(source)) {
    const rows = rowsOf(decoder.write(bytes), false);
    yield rows;
    if (parser.fault !== null) return;
  }
  yield rowsOf("", true);
  if (header === null && parser.fault === null) {
    throw earnestError("MALFORMED_REQUEST", { where: "body", problem: "has no header row" });
  }
}

const faultyRow = ({ problem, line }: CsvFault, row: number, rowBytesMax: number): Row => ({
  row,
  text: () => "",
  content: {
    problem:
      problem === "length"
        ? `is longer than ${rowBytesMax} bytes; reading ended there`
        : `has a quote out of place (line ${line}); reading ended there`,
  },
});

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
  const named: Record<string, string> = {};
  for (const [i, name] of header.entries()) setOwn(named, name, fields[i] as string);
  return { row, text, content: { fields: named } };
}

/** An assignment, but for the one name that would set something else. */
function setOwn(fields: Record<string, string>, name: string, value: string): void {
  if (name !== "__proto__") fields[name] = value;
  else Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
}
