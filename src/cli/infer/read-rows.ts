import { earnestError } from "../../core/errors.ts";
import { readTextLines, type Source, type TextLine } from "./read-records.ts";

/** The names that each column may have. */
export type Columns = readonly (readonly string[])[];

/** Takes the values of a row; gives what is wrong with them, or null. */
export type TakeRow = (values: readonly string[]) => string | null;

/**
 * Reads rows of a CSV with a header, or of JSONL: the first character tells. A row counts from 1, after a header, and
 * the first bad one ends it all.
 *
 * @throws MALFORMED_ROW, MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function readRows(source: Source, columns: Columns, take: TakeRow): Promise<void> {
  const reader = new RowReader(source.name, columns, take);
  const lines = await readFirst(source);
  for (const each of lines.first) reader.read(each);
  for await (const more of lines.rest) for (const each of more) reader.read(each);
  if (reader.isEmpty) throw earnestError("MALFORMED_FILE", { path: source.name, problem: "it is empty" });
}

/** Line ends within quotes belong to CSV only; JSON has none, so that reading all as CSV does no harm to it. */
async function readFirst(source: Source): Promise<{ first: TextLine[]; rest: AsyncGenerator<TextLine[]> }> {
  const rest = readTextLines(source, true);
  const first = await rest.next();
  return { first: first.done === true ? [] : first.value, rest };
}

class RowReader {
  readonly #name: string;
  readonly #columns: Columns;
  readonly #take: TakeRow;
  #places: readonly number[] | null = null;
  #width = 0;
  #isJson = false;
  isEmpty = true;

  constructor(name: string, columns: Columns, take: TakeRow) {
    this.#name = name;
    this.#columns = columns;
    this.#take = take;
  }

  read({ line, text }: TextLine): void {
    if (this.isEmpty) {
      this.isEmpty = false;
      const start = text.replace(/^\uFEFF/, "");
      this.#isJson = start.trimStart().startsWith("{");
      if (!this.#isJson) {
        this.#readHeader(line, start);
        return;
      }
    }
    const values = this.#isJson ? this.#fromJson(line, text.replace(/^\uFEFF/, "")) : this.#fromCsv(line, text);
    const missing = values.indexOf("");
    if (missing >= 0) this.#fail(line, `it has no ${(this.#columns[missing] ?? []).join(" or ")}`);
    const problem = this.#take(values);
    if (problem !== null) this.#fail(line, problem);
  }

  #readHeader(line: number, text: string): void {
    const names = (splitCsv(text) ?? []).map((name) => name.trim().toLowerCase());
    this.#width = names.length;
    this.#places = this.#columns.map((known) => names.findIndex((name) => known.includes(name)));
    if (!this.#places.includes(-1)) return;
    const expected = this.#columns.map((known) => known.join(" or ")).join(", ");
    this.#fail(line, `the header must name ${expected}`);
  }

  #fromCsv(line: number, text: string): string[] {
    const fields = splitCsv(text);
    if (fields === null) this.#fail(line, "a quote is out of place");
    if (fields.length !== this.#width) this.#fail(line, `it has ${fields.length} fields instead of ${this.#width}`);
    return (this.#places ?? []).map((place) => (fields[place] as string).trim());
  }

  #fromJson(line: number, text: string): string[] {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#fail(line, "it is not JSON");
    }
    if (value === null || typeof value !== "object" || Array.isArray(value))
      this.#fail(line, "it is not a JSON object");
    const fields = value as Readonly<Record<string, unknown>>;
    return this.#columns.map((known) => {
      const name = known.find((each) => Object.hasOwn(fields, each));
      const field = name === undefined ? "" : fields[name];
      if (typeof field === "string") return field.trim();
      if (typeof field === "number" || typeof field === "boolean") return `${field}`;
      return this.#fail(line, `its ${known.join(" or ")} is neither a text nor a number`);
    });
  }

  #fail(line: number, problem: string): never {
    throw earnestError("MALFORMED_ROW", { path: this.#name, line, problem });
  }
}

/** The fields of a line of CSV (RFC 4180); null where a quote is out of place. */
export function splitCsv(text: string): string[] | null {
  if (!text.includes('"')) return text.split(",");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const comma = text.indexOf(",", at);
      const field = text.slice(at, comma < 0 ? text.length : comma);
      if (field.includes('"')) return null;
      fields.push(field);
      if (comma < 0) return fields;
      at = comma + 1;
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
