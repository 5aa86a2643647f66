/** What a record of a CSV file was, and whether its quotes were in place. */
export type OnRecord = (fields: string[], isBroken: boolean) => void;

const quote = 34;

/**
 * CSV (RFC 4180) piece by piece. Most fields have no quotes, so they are cut out between separators, not read letter by
 * letter. A quote out of place spoils its record and no other: the record ends with its line.
 */
export class CsvParser {
  readonly #separator: string;
  readonly #onRecord: OnRecord;
  #rest = "";

  constructor(separator: string, onRecord: OnRecord) {
    this.#separator = separator;
    this.#onRecord = onRecord;
  }

  feed(text: string): void {
    this.#rest = this.#read(this.#rest === "" ? text : this.#rest + text, false);
  }

  end(): void {
    this.#rest = this.#read(this.#rest, true);
  }

  /** Reads whole records and returns what is left. */
  #read(text: string, isEnd: boolean): string {
    let at = 0;
    while (at < text.length) {
      const next = text.charCodeAt(at) === quote ? -1 : this.#plainRecord(text, at, isEnd);
      const end = next === -1 ? this.#quotedRecord(text, at, isEnd) : next;
      if (end === null) return text.slice(at);
      at = end;
    }
    return "";
  }

  /** A record without quotes; -1 where it has some, null where its end is not there yet. */
  #plainRecord(text: string, start: number, isEnd: boolean): number | null {
    const end = text.indexOf("\n", start);
    if (end === -1 && !isEnd) return null;
    const line = text.slice(start, end === -1 ? text.length : end);
    if (line.includes('"')) return -1;
    const record = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (record !== "") this.#onRecord(record.split(this.#separator), false);
    return end === -1 ? text.length : end + 1;
  }

  #quotedRecord(text: string, start: number, isEnd: boolean): number | null {
    const fields: string[] = [];
    for (let at = start; ; ) {
      const field =
        text.charCodeAt(at) === quote ? this.#quotedField(text, at, isEnd) : this.#plainField(text, at, isEnd);
      if (field === null) return isEnd ? this.#broken(text, start) : null;
      fields.push(field.value);
      if (text.startsWith(this.#separator, field.end)) {
        at = field.end + this.#separator.length;
        continue;
      }
      const end = endOfLine(text, field.end, isEnd);
      if (end === "unknown") return null;
      if (end === null) return this.#broken(text, start);
      this.#onRecord(fields, false);
      return end;
    }
  }

  #quotedField(text: string, start: number, isEnd: boolean): { value: string; end: number } | null {
    for (let from = start + 1; ; ) {
      const close = text.indexOf('"', from);
      if (close === -1 || (close === text.length - 1 && !isEnd)) return null;
      if (text.charCodeAt(close + 1) !== quote) {
        return { value: text.slice(start + 1, close).replaceAll('""', '"'), end: close + 1 };
      }
      from = close + 2;
    }
  }

  #plainField(text: string, start: number, isEnd: boolean): { value: string; end: number } | null {
    const comma = text.indexOf(this.#separator, start);
    const newline = text.indexOf("\n", start);
    if (comma === -1 && newline === -1 && !isEnd) return null;
    const end = Math.min(comma === -1 ? text.length : comma, newline === -1 ? text.length : newline);
    const isAtEnd = end === newline && text[end - 1] === "\r" && end > start;
    return { value: text.slice(start, isAtEnd ? end - 1 : end), end: isAtEnd ? end - 1 : end };
  }

  #broken(text: string, start: number): number {
    const end = text.indexOf("\n", start);
    this.#onRecord([text.slice(start, end === -1 ? text.length : end)], true);
    return end === -1 ? text.length : end + 1;
  }
}

/** Where the next record begins; null where the line does not end here. */
function endOfLine(text: string, at: number, isEnd: boolean): number | "unknown" | null {
  if (at >= text.length) return isEnd ? at : "unknown";
  if (text[at] === "\n") return at + 1;
  if (text[at] !== "\r") return null;
  if (at + 1 >= text.length) return isEnd ? at + 1 : "unknown";
  return text[at + 1] === "\n" ? at + 2 : null;
}

const separators = [",", ";", "\t", "|"] as const;

/** The separator that the first line has most of, outside of quotes. */
export function separatorOf(head: string): string {
  const [line = ""] = head.replaceAll(/"[^"]*"/g, "").split("\n", 1);
  const counts = separators.map((each) => line.split(each).length - 1);
  return separators[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** A record as CSV again. */
export const csvText = (fields: readonly string[]): string =>
  `${fields.map((field) => (/[",;\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\r\n`;
