/** What a record of a CSV file was; with what is wrong with it, its line as it stands, or the beginning of that. */
export type OnRecord = (fields: string[], problem: "QUOTES" | "TOO_LONG" | null) => void;

const quote = 34;
/** As much of one record as is waited for. What is longer has lost a quote, or is none. */
export const recordCharactersMax = 1_000_000;
/** As much of a line that is too long as is shown. */
export const shownOfLong = 1_000;

/**
 * CSV (RFC 4180) piece by piece. Most fields have no quotes, so they are cut out between separators, not read letter by
 * letter. A quote out of place spoils its record and no other: the record ends with its line. No more than one record is
 * ever kept, and no more of that than `recordCharactersMax`.
 */
export class CsvParser {
  readonly #separator: string;
  readonly #onRecord: OnRecord;
  #rest = "";
  /** Whether the line that was too long goes on. */
  #isSkipping = false;

  constructor(separator: string, onRecord: OnRecord) {
    this.#separator = separator;
    this.#onRecord = onRecord;
  }

  feed(text: string): void {
    this.#rest = this.#read(this.#rest === "" ? text : this.#rest + text, false);
  }

  /** Where the first whole line begins. */
  #skipped(text: string): number {
    if (!this.#isSkipping) return 0;
    const end = text.indexOf("\n");
    this.#isSkipping = end === -1;
    return end === -1 ? text.length : end + 1;
  }

  end(): void {
    this.#rest = this.#read(this.#rest, true);
  }

  /** Reads whole records and returns what is left. */
  #read(text: string, isEnd: boolean): string {
    let at = this.#skipped(text);
    while (at < text.length) {
      const next = text.charCodeAt(at) === quote ? -1 : this.#plainRecord(text, at, isEnd);
      const end = next === -1 ? this.#quotedRecord(text, at, isEnd) : next;
      if (end === null && text.length - at <= recordCharactersMax) return text.slice(at);
      at = end ?? this.#broken(text, at);
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
    if (record !== "") this.#onRecord(record.split(this.#separator), null);
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
      this.#onRecord(fields, null);
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
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const isLong = end - start > recordCharactersMax;
    this.#isSkipping = isLong && newline === -1;
    this.#onRecord([text.slice(start, isLong ? start + shownOfLong : end)], isLong ? "TOO_LONG" : "QUOTES");
    return newline === -1 ? text.length : newline + 1;
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
