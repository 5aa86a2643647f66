/** Why no more records can be told apart: where a quote stands that may not, or a record that never ends. */
export interface CsvFault {
  readonly problem: "quote" | "length";
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Records of RFC 4180 from text in pieces, a piece at a time: where a piece has no quotes, which is most of most files, lines
 * and fields are found by the engine's own search. Lines end in \n, \r\n or \r; empty ones are no records.
 */
export class CsvRecords {
  readonly #lengthMax: number;
  #rest = "";
  #lines = 0;
  fault: CsvFault | null = null;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** The records that the piece completes; after a fault there are none. */
  take(piece: string, isLast: boolean): (readonly string[])[] {
    const records: (readonly string[])[] = [];
    if (this.fault !== null) return records;
    const text = this.#rest + piece;
    let at = 0;
    let quote = indexFrom(text, '"', 0);
    let feed = indexFrom(text, "\n", 0);
    let carriage = indexFrom(text, "\r", 0);
    while (at < text.length) {
      if (quote < at) quote = indexFrom(text, '"', at);
      if (feed < at) feed = indexFrom(text, "\n", at);
      if (carriage < at) carriage = indexFrom(text, "\r", at);
      const end = Math.min(feed, carriage);
      const isPlain = quote > end || quote === text.length;
      if (isPlain && !isLast && (end === text.length || end === text.length - 1)) {
        // The line may go on, or its \r be the first half of its end.
        if (end === text.length || text[end] === "\r") break;
      }
      const read = isPlain ? { fields: text.slice(at, end).split(","), end } : readQuoted(text, at, isLast);
      if (read === "more") break;
      if (read === "fault" || read.end - at > this.#lengthMax) {
        this.fault = { problem: read === "fault" ? "quote" : "length", line: this.#lines + 1 };
        return records;
      }
      this.#lines += isPlain ? 1 : 1 + lineEnds(text.slice(at, read.end));
      if (read.end > at) records.push(read.fields);
      at = read.end + (text[read.end] === "\r" && text[read.end + 1] === "\n" ? 2 : 1);
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > this.#lengthMax) this.fault = { problem: "length", line: this.#lines + 1 };
    return records;
  }
}

interface Read {
  readonly fields: string[];
  /** Where the line ends. */
  readonly end: number;
}

/** A record with quotes; "more" where its end has not come yet. */
function readQuoted(text: string, from: number, isLast: boolean): Read | "more" | "fault" {
  const fields: string[] = [];
  for (let at = from; ; ) {
    const field = text[at] === '"' ? quotedField(text, at, isLast) : plainField(text, at);
    if (typeof field === "string") return field;
    fields.push(field.value);
    const { end } = field;
    // At the very end of the text a \r may be half of a line's end, and anything else half of a field.
    if (!isLast && (end >= text.length || (text[end] === "\r" && end + 1 === text.length))) return "more";
    if (text[end] !== ",") return { fields, end };
    at = end + 1;
  }
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function quotedField(text: string, from: number, isLast: boolean): Field | "more" | "fault" {
  let close = text.indexOf('"', from + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return isLast ? "fault" : "more";
  const next = text[close + 1];
  if (next !== undefined && next !== "," && next !== "\n" && next !== "\r") return "fault";
  return { value: text.slice(from + 1, close).replaceAll('""', '"'), end: close + 1 };
}

function plainField(text: string, from: number): Field | "fault" {
  let end = from;
  for (; end < text.length; end++) {
    const each = text[end];
    if (each === '"') return "fault";
    if (each === "," || each === "\n" || each === "\r") break;
  }
  return { value: text.slice(from, end), end };
}

const indexFrom = (text: string, what: string, from: number): number => {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at;
};

const lineEnds = (text: string): number => text.match(/\r\n|\n|\r/g)?.length ?? 0;
