import { readJson } from "../json-body.ts";
import { isObject } from "../values.ts";
import type { Row, RowContent } from "./row.ts";

const lineFeed = 0x0a;

/** Rows of a stream of JSON lines; blank lines do not count. Memory holds one line at a time, and never a long one. */
export async function* jsonLines(source: AsyncIterable<Uint8Array>, rowBytesMax: number): AsyncGenerator<Row> {
  let row = 0;
  for await (const line of lines(source, rowBytesMax)) {
    if (line !== "too long" && line.toString("latin1").trim() === "") continue;
    row++;
    const text = (): string => (line === "too long" ? "" : line.toString("utf8"));
    const content =
      line === "too long" ? { problem: `is longer than ${rowBytesMax} bytes` } : contentOf(line, row === 1);
    yield { row, text, content };
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function contentOf(line: Buffer, isFirst: boolean): RowContent {
  const isMarked = isFirst && line.subarray(0, 3).equals(byteOrderMark);
  const read = readJson(isMarked ? line.subarray(3) : line);
  // The parser's own words differ from row to row; rows with one problem belong together.
  if ("problem" in read) return { problem: read.problem.replace(/ \(.*\)$/s, "").replace(/ number \S+,/, " number") };
  return isObject(read.value) ? { fields: read.value } : { problem: "is not a JSON object" };
}

async function* lines(source: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Buffer | "too long"> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Buffer | "too long" => {
    const line = length > bytesMax ? "too long" : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > bytesMax) parts = [];
    else parts.push(part);
  };
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      add(bytes.subarray(start, end));
      start = end + 1;
      yield take();
    }
    if (start < bytes.length) add(bytes.subarray(start));
  }
  if (length > 0) yield take();
}
