import { CsvParser, recordCharactersMax, separatorOf, shownOfLong } from "./csv.ts";
import { type Encoding, encodingOf, replacement } from "./encoding.ts";

export type TableFormat = "csv" | "jsonl";

/** What is wrong with a row, or worth a look. */
export type RowProblem =
  | "FIELD_COUNT"
  | "QUOTES"
  | "ENCODING"
  | "NOT_JSON"
  | "TOO_LONG"
  | "ID_MISSING"
  | "ID_REPEATED"
  | "ANSWER_UNKNOWN"
  | "PLACE_UNKNOWN"
  | "SOURCE_UNKNOWN"
  | "BEACON_UNKNOWN";

export interface TableRow {
  /** From 1, without the header. */
  readonly number: number;
  readonly fields: readonly string[];
  readonly problem: RowProblem | null;
}

export interface TableHead {
  readonly format: TableFormat;
  readonly encoding: Encoding;
  readonly separator: string;
  readonly columns: readonly string[];
}

const headBytes = 65_536;
/** As much of a row as the server takes. */
const rowCharactersMax = 500_000;

/**
 * Reads a file row by row, however large it is: nothing of it is kept here.
 *
 * @param onHead once, before the first row
 * @returns how many rows there were
 */
export async function readTable(
  file: Blob & { readonly name?: string },
  onHead: (head: TableHead) => void,
  onRow: (row: TableRow) => void,
  onBytes: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<number> {
  const start = new Uint8Array(await file.slice(0, headBytes).arrayBuffer());
  const encoding = encodingOf(start);
  const text = new TextDecoder(encoding).decode(start);
  const format = formatOf(file.name ?? "", text);
  const separator = format === "csv" ? separatorOf(text) : "";
  const rows = new Rows({ format, encoding, separator }, onHead, onRow);
  const decoder = new TextDecoder(encoding);
  const reader = file.stream().getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (signal?.aborted === true) await reader.cancel();
    signal?.throwIfAborted();
    rows.feed(decoder.decode(value, { stream: true }));
    bytes += value.length;
    onBytes(bytes);
  }
  rows.feed(decoder.decode());
  return rows.end();
}

export const formatOf = (name: string, head: string): TableFormat =>
  /\.(jsonl|ndjson|json)$/i.test(name) || /^\s*\{.*\}\s*$/m.test(head.split("\n", 1)[0] ?? "") ? "jsonl" : "csv";

class Rows {
  readonly #kind: Omit<TableHead, "columns">;
  readonly #onHead: (head: TableHead) => void;
  readonly #onRow: (row: TableRow) => void;
  readonly #parser: CsvParser;
  #columns: string[] | null = null;
  #rest = "";
  #isSkipping = false;
  #count = 0;

  constructor(kind: Omit<TableHead, "columns">, onHead: (head: TableHead) => void, onRow: (row: TableRow) => void) {
    this.#kind = kind;
    this.#onHead = onHead;
    this.#onRow = onRow;
    this.#parser = new CsvParser(kind.separator, (fields, problem) => this.#record(fields, problem));
  }

  feed(text: string): void {
    if (this.#kind.format === "csv") this.#parser.feed(text);
    else this.#lines(this.#rest + text, false);
  }

  end(): number {
    if (this.#kind.format === "csv") this.#parser.end();
    else this.#lines(this.#rest, true);
    if (this.#columns === null) this.#head([]);
    return this.#count;
  }

  #head(columns: string[]): void {
    this.#columns = columns;
    this.#onHead({ ...this.#kind, columns });
  }

  #record(fields: string[], broken: RowProblem | null): void {
    if (this.#columns === null) {
      this.#head(named(fields));
      return;
    }
    const problem = broken ?? (fields.length === this.#columns.length ? problemOfText(fields) : "FIELD_COUNT");
    this.#onRow({ number: ++this.#count, fields, problem });
  }

  #lines(text: string, isEnd: boolean): void {
    const lines = text.split("\n");
    this.#rest = isEnd ? "" : (lines.pop() ?? "");
    for (const line of lines) this.#next(line);
    if (this.#rest.length <= recordCharactersMax) return;
    // Of a line without an end no more is kept than is shown of it.
    if (!this.#isSkipping) this.#long(this.#rest);
    this.#isSkipping = true;
    this.#rest = "";
  }

  #next(line: string): void {
    if (this.#isSkipping) this.#isSkipping = false;
    else if (line.length > recordCharactersMax) this.#long(line);
    else if (line.trim() !== "") this.#line(line);
  }

  #long(line: string): void {
    if (this.#columns === null) this.#head([]);
    this.#onRow({ number: ++this.#count, fields: [line.slice(0, shownOfLong)], problem: "TOO_LONG" });
  }

  #line(line: string): void {
    const fields = fieldsOfLine(line);
    if (this.#columns === null) this.#head(fields === null ? [] : Object.keys(fields));
    const columns = this.#columns ?? [];
    if (fields === null) {
      this.#onRow({ number: ++this.#count, fields: [line], problem: "NOT_JSON" });
      return;
    }
    const values = columns.map((name) => textOf(fields[name]));
    this.#onRow({ number: ++this.#count, fields: values, problem: problemOfText(values) });
  }
}

/** Columns without a name, or with one that is taken, get one. */
function named(fields: readonly string[]): string[] {
  const names: string[] = [];
  for (const [i, field] of fields.entries()) {
    const name = field.replace(/^\ufeff/, "").trim() || `column ${i + 1}`;
    names.push(names.includes(name) ? `${name} ${i + 1}` : name);
  }
  return names;
}

function problemOfText(fields: readonly string[]): RowProblem | null {
  let length = 0;
  for (const field of fields) {
    if (field.includes(replacement)) return "ENCODING";
    length += field.length;
  }
  return length > rowCharactersMax ? "TOO_LONG" : null;
}

function fieldsOfLine(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
