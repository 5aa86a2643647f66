import { earnestError } from "../../core/errors.ts";
import { readSource, type Source } from "./read-records.ts";
import { type Row, rowOfTexts } from "./row.ts";

/** The names that each column may have. */
export type Columns = readonly (readonly string[])[];

/** Takes a row, whose bytes are its own until it returns; gives what is wrong with it, or null. */
export type TakeRow = (row: Row) => string | null;

/**
 * Reads rows of a CSV with a header, or of JSONL: the first character tells. The first bad row ends it all, by the number
 * of its line.
 *
 * @throws MALFORMED_ROW, MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function readRows(source: Source, columns: Columns, take: TakeRow): Promise<void> {
  const reader = new RowReader(source.name, columns, take);
  for await (const piece of readSource(source)) reader.read(piece);
  reader.end();
}

const rowBytesMax = 1_048_576;
const [lineEnd, carriageReturn, comma, quote, brace] = [10, 13, 44, 34, 123] as const;

/**
 * Most rows are plain: CSV without quotes, in ASCII. Their values are handed on as they lie in the file, as to make texts
 * of a hundred million rows takes minutes. All others are decoded and taken apart as texts.
 */
class RowReader {
  readonly #name: string;
  readonly #columns: Columns;
  readonly #take: TakeRow;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** Which field of a row of CSV is which column. */
  #places: Int32Array | null = null;
  /** Where the fields of a plain row begin, and behind the last one where another would. */
  #fields = new Int32Array(0);
  #isJson = false;
  #isEmpty = true;
  #line = 1;
  /** What has come of a row that is not whole. */
  #rest: Buffer = Buffer.alloc(0);
  readonly #plain: { bytes: Uint8Array; readonly starts: Int32Array; readonly ends: Int32Array };

  constructor(name: string, columns: Columns, take: TakeRow) {
    this.#name = name;
    this.#columns = columns;
    this.#take = take;
    this.#plain = {
      bytes: this.#rest,
      starts: new Int32Array(columns.length),
      ends: new Int32Array(columns.length),
    };
  }

  read(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let start = 0;
    for (let end = this.#readRow(bytes, start); end >= 0; end = this.#readRow(bytes, start)) start = end + 1;
    this.#rest = bytes.subarray(start);
    this.#checkLength(this.#rest.length);
  }

  end(): void {
    const rest = this.#rest;
    const isRead = rest.length === 0 || this.#readRow(Buffer.concat([rest, Buffer.of(lineEnd)]), 0) >= 0;
    // A quote is open to the end.
    if (!isRead) this.#readText(rest, 0, rest.length);
    if (this.#isEmpty) throw earnestError("MALFORMED_FILE", { path: this.#name, problem: "it is empty" });
  }

  /** @returns where the row that begins at `start` ends, −1 where that has not come yet */
  #readRow(bytes: Buffer, start: number): number {
    if (this.#places !== null) {
      const end = this.#readPlain(bytes, start, this.#places);
      if (end >= 0) return end;
    }
    const end = this.#endOfRow(bytes, start);
    if (end >= 0) this.#readText(bytes, start, end);
    return end;
  }

  /** @returns −1 where the row is not plain, or not whole */
  #readPlain(bytes: Buffer, start: number, places: Int32Array): number {
    const fields = this.#fields;
    const width = fields.length - 1;
    let count = 1;
    let at = start;
    let end = -1;
    fields[0] = start;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte > comma && byte < 128) continue;
      if (byte === comma) {
        if (count < width) fields[count] = at + 1;
        count++;
      } else if (byte === lineEnd) {
        end = at;
        break;
      } else if (byte === quote || byte >= 128) return -1;
    }
    if (end < 0 || count !== width || end - start > rowBytesMax) return -1;
    fields[width] = end + 1;
    const { starts, ends } = this.#plain;
    for (let k = 0; k < places.length; k++) {
      let from = fields[places[k] as number] as number;
      let to = (fields[(places[k] as number) + 1] as number) - 1;
      while (from < to && isSpace(bytes[from] as number)) from++;
      while (from < to && isSpace(bytes[to - 1] as number)) to--;
      starts[k] = from;
      ends[k] = to;
    }
    this.#plain.bytes = bytes;
    this.#takeRow(this.#plain);
    this.#line++;
    return end;
  }

  /** Of CSV a line end within quotes is part of the row. */
  #endOfRow(bytes: Buffer, start: number): number {
    let end = bytes.indexOf(lineEnd, start);
    if (this.#isJson || (this.#isEmpty && isJsonAt(bytes, start))) return end;
    let isOpen = false;
    for (let from = start; end >= 0; end = bytes.indexOf(lineEnd, end + 1)) {
      for (; from < end; from++) if (bytes[from] === quote) isOpen = !isOpen;
      if (!isOpen) return end;
    }
    return -1;
  }

  #readText(bytes: Buffer, start: number, end: number): void {
    this.#checkLength(end - start);
    const text = this.#decode(bytes.subarray(start, bytes[end - 1] === carriageReturn && end > start ? end - 1 : end));
    if (text.trim() !== "") this.#readLine(text);
    this.#line++;
    for (let at = bytes.indexOf(lineEnd, start); at >= 0 && at < end; at = bytes.indexOf(lineEnd, at + 1)) this.#line++;
  }

  #checkLength(length: number): void {
    if (length > rowBytesMax) this.#fail("the line is too long, or a quote is open");
  }

  #decode(bytes: Buffer): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (error) {
      const problem = `line ${this.#line} is not text in UTF-8`;
      throw earnestError("MALFORMED_FILE", { path: this.#name, problem }, { cause: error });
    }
  }

  #readLine(text: string): void {
    if (this.#isEmpty) {
      this.#isEmpty = false;
      const start = text.replace(/^\uFEFF/, "");
      this.#isJson = start.trimStart().startsWith("{");
      if (!this.#isJson) this.#readHeader(start);
      else this.#takeRow(rowOfTexts(this.#fromJson(start)));
    } else this.#takeRow(rowOfTexts(this.#isJson ? this.#fromJson(text) : this.#fromCsv(text)));
  }

  #takeRow(row: Row): void {
    for (let k = 0; k < this.#columns.length; k++) {
      if (row.starts[k] === row.ends[k]) this.#fail(`it has no ${(this.#columns[k] ?? []).join(" or ")}`);
    }
    const problem = this.#take(row);
    if (problem !== null) this.#fail(problem);
  }

  #readHeader(text: string): void {
    const names = (splitCsv(text) ?? []).map((name) => name.trim().toLowerCase());
    const places = this.#columns.map((known) => names.findIndex((name) => known.includes(name)));
    if (places.includes(-1)) {
      this.#fail(`the header must name ${this.#columns.map((known) => known.join(" or ")).join(", ")}`);
    }
    this.#places = Int32Array.from(places);
    this.#fields = new Int32Array(names.length + 1);
  }

  #fromCsv(text: string): string[] {
    const fields = splitCsv(text);
    const width = this.#fields.length - 1;
    if (fields === null) this.#fail("a quote is out of place");
    if (fields.length !== width) this.#fail(`it has ${fields.length} fields instead of ${width}`);
    return Array.from(this.#places ?? [], (place) => (fields[place] as string).trim());
  }

  #fromJson(text: string): string[] {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#fail("it is not JSON");
    }
    if (value === null || typeof value !== "object" || Array.isArray(value)) this.#fail("it is not a JSON object");
    const fields = value as Readonly<Record<string, unknown>>;
    return this.#columns.map((known) => {
      const name = known.find((each) => Object.hasOwn(fields, each));
      const field = name === undefined ? "" : fields[name];
      if (typeof field === "string" && !/\p{Surrogate}/u.test(field)) return field.trim();
      if (typeof field === "number" || typeof field === "boolean") return `${field}`;
      return this.#fail(`its ${known.join(" or ")} is neither a text nor a number`);
    });
  }

  #fail(problem: string): never {
    throw earnestError("MALFORMED_ROW", { path: this.#name, line: this.#line, problem });
  }
}

/** Whether the first thing there, after spaces and a byte order mark, is the beginning of a JSON object. */
function isJsonAt(bytes: Buffer, start: number): boolean {
  let at = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? start + 3 : start;
  while (at < bytes.length && isSpace(bytes[at] as number)) at++;
  return bytes[at] === brace;
}

const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= carriageReturn);

/** The fields of a line of CSV (RFC 4180); null where a quote is out of place. */
export function splitCsv(text: string): string[] | null {
  if (!text.includes('"')) return text.split(",");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(",", at);
      const field = text.slice(at, end < 0 ? text.length : end);
      if (field.includes('"')) return null;
      fields.push(field);
      if (end < 0) return fields;
      at = end + 1;
      continue;
    }
    const match = /"((?:[^"]|"")*)"(,|$)/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (found === null) return null;
    fields.push((found[1] as string).replaceAll('""', '"'));
    at = match.lastIndex;
    if (found[2] === "") return fields;
  }
}
