import { isUtf8 } from "node:buffer";
import { readJson, readJsonText } from "../json-body.ts";
import { isObject } from "../values.ts";
import type { Row, RowContent } from "./row.ts";

const lineFeed = 0x0a;
/** No character takes more bytes for each of its units. */
const bytesPerUnit = 3;

/**
 * Rows of a stream of JSON lines, a piece at a time; blank lines do not count. Memory holds a piece and the beginning of a
 * line, and never a long one.
 */
export async function* jsonLines(
  source: AsyncIterable<Uint8Array>,
  rowBytesMax: number,
): AsyncGenerator<readonly Row[]> {
  let count = 0;
  for await (const lines of pieces(source, rowBytesMax)) {
    const rows: Row[] = [];
    for (const line of lines) {
      if (line !== tooLong && (typeof line === "string" ? line : line.toString("latin1")).trim() === "") continue;
      rows.push(rowOf(line, ++count, rowBytesMax));
    }
    yield rows;
  }
}

/** Instead of a line that is too long. */
const tooLong = null;
/** A line as text, or as bytes where those are no text. */
type Line = string | Buffer | null;

function rowOf(line: Line, row: number, rowBytesMax: number): Row {
  const text = (): string => (line === tooLong ? "" : line.toString());
  const content = line === tooLong ? { problem: `is longer than ${rowBytesMax} bytes` } : contentOf(line, row === 1);
  return { row, text, content };
}

const byteOrderMark = "\ufeff";

function contentOf(line: string | Buffer, isFirst: boolean): RowContent {
  const isMarked = isFirst && typeof line === "string" && line.startsWith(byteOrderMark);
  const read = typeof line === "string" ? readJsonText(isMarked ? line.slice(1) : line) : readJson(line);
  // The parser's own words differ from row to row; rows with one problem belong together.
  if ("problem" in read) return { problem: read.problem.replace(/ \(.*\)$/s, "").replace(/ number \S+,/, " number") };
  return isObject(read.value) ? { fields: read.value } : { problem: "is not a JSON object" };
}

async function* pieces(source: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Line[]> {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > bytesMax) parts = [];
    else parts.push(part);
  };
  const take = (): Line => {
    const line: Line = length > bytesMax ? tooLong : textOf(Buffer.concat(parts));
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const firstEnd = bytes.indexOf(lineFeed);
    if (firstEnd < 0) {
      add(bytes);
      continue;
    }
    add(bytes.subarray(0, firstEnd));
    const lines: Line[] = [take()];
    const lastEnd = bytes.lastIndexOf(lineFeed);
    if (lastEnd > firstEnd) lines.push(...linesOf(bytes.subarray(firstEnd + 1, lastEnd), bytesMax));
    if (lastEnd + 1 < bytes.length) add(Buffer.from(bytes.subarray(lastEnd + 1)));
    yield lines;
  }
  if (length > 0) yield [take()];
}

const textOf = (line: Buffer): string | Buffer => (isUtf8(line) ? line.toString("utf8") : line);

/** Whole lines: as one text where they are one, which is much less work than one by one. */
function linesOf(bytes: Buffer, bytesMax: number): Line[] {
  const isText = isUtf8(bytes);
  const lines = bytes.toString(isText ? "utf8" : "latin1").split("\n");
  return lines.map((line): Line => {
    const isLong =
      line.length * bytesPerUnit > bytesMax && Buffer.byteLength(line, isText ? "utf8" : "latin1") > bytesMax;
    if (isLong) return tooLong;
    return isText ? line : textOf(Buffer.from(line, "latin1"));
  });
}
