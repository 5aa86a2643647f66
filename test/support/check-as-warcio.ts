import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";

/** What the checker says of a record: true where a digest was right, false where one was not, null where none is looked at. */
export interface CheckedRecord {
  readonly type: string;
  readonly uri: string;
  readonly status: boolean | null;
  /** Of an HTTP message; names in small letters. */
  readonly http: ReadonlyMap<string, string> | null;
  readonly payload: Buffer;
}

export interface CheckedFile {
  readonly problems: readonly string[];
  readonly records: readonly CheckedRecord[];
}

/**
 * The rules of `warcio check`, the checker that Python's warcio brings along, written anew for machines without it: each
 * record packed by itself and of the length that it says, HTTP messages parsed line by line, and every digest compared in
 * whichever of RFC 4648's codings its length says. What that tool only warns of is a problem here too.
 */
export function checkAsWarcio(file: Buffer): CheckedFile {
  const problems: string[] = [];
  const records: CheckedRecord[] = [];
  const fail = (problem: string): void => void problems.push(`record ${records.length}: ${problem}`);
  try {
    const isPacked = file[0] === 0x1f && file[1] === 0x8b;
    for (const bytes of isPacked ? members(file) : [file]) {
      const lines = new Lines(bytes);
      for (let count = 0; lines.skipBlank(); count++) {
        if (isPacked && count > 0) throw new Error("more than one record is packed together");
        records.push(readRecord(lines, fail));
        const after = lines.line();
        if (after === null || after.trim() !== "") fail("its length is another than it says");
      }
    }
  } catch (error) {
    fail((error as Error).message);
  }
  return { problems, records };
}

/** A character a byte. */
class Lines {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** With its end; null after the last one. */
  line(): string | null {
    if (this.#at >= this.#bytes.length) return null;
    const end = this.#bytes.indexOf(10, this.#at);
    return this.take((end < 0 ? this.#bytes.length : end + 1) - this.#at).toString("latin1");
  }

  take(length: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += taken.length;
    return taken;
  }

  rest(): Buffer {
    return this.take(this.#bytes.length);
  }

  /** @returns whether something follows */
  skipBlank(): boolean {
    for (;;) {
      const before = this.#at;
      const line = this.line();
      if (line === null) return false;
      if (line.trim() === "") continue;
      this.#at = before;
      return true;
    }
  }

  /** The first line, and the headers up to the next blank one. */
  head(): { readonly first: string; readonly headers: ReadonlyMap<string, string> } {
    const first = (this.line() ?? "").trimEnd();
    const headers = new Map<string, string>();
    for (let line = this.line()?.trimEnd(); line; line = this.line()?.trimEnd()) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).trimEnd().toLowerCase();
      if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trimStart());
    }
    return { first, headers };
  }
}

function readRecord(lines: Lines, fail: (problem: string) => void): CheckedRecord {
  const { first, headers } = lines.head();
  if (!/^WARC\/(?:1\.[01]|0\.1[78])$/.test(first)) throw new Error(`it begins with ${first}`);
  const length = Number(headers.get("content-length"));
  const block = lines.take(length);
  if (block.length !== length) throw new Error("it is cut short");
  const type = headers.get("warc-type") ?? "";
  const uri = headers.get("warc-target-uri") ?? "";
  const isOfHttp = ["response", "request", "revisit"].includes(type) && length > 0;
  if (isOfHttp && !headers.has("warc-target-uri")) throw new Error("it does not say of which address it is");
  const isHttp = isOfHttp && /^https?:/.test(uri);
  const inside = new Lines(block);
  const http = isHttp ? inside.head() : null;
  if (http !== null && !(type === "request" ? /^[A-Z]+ / : /^HTTP\/1\.[01] \d{3}/).test(http.first))
    fail(`its HTTP message begins with ${http.first}`);
  const payload = inside.rest();
  let status: boolean | null = null;
  const compare = (name: string, bytes: Buffer): void => {
    const digest = headers.get(name);
    if (digest === undefined || type === "revisit") return;
    const isRight = isDigestOf(digest, bytes);
    if (!isRight) fail(`${name} is another: ${digest}`);
    status = isRight && status !== false;
  };
  compare("warc-block-digest", block);
  if (!headers.has("warc-segment-number")) compare("warc-payload-digest", payload);
  return { type, uri, status, http: http?.headers ?? null, payload };
}

/** By length: what is longer than base32 would be is base16, what is shorter base64. */
function isDigestOf(digest: string, bytes: Buffer): boolean {
  const [, algorithm = "", value = ""] = /^([^:]*):(.*)$/.exec(digest) ?? [];
  const found = createHash(algorithm).update(bytes).digest();
  const length = 8 * Math.ceil(found.length / 5);
  if (value.length === length) return value === base32(found);
  return value.length > length
    ? value.toLowerCase() === found.toString("hex")
    : Buffer.from(value, "base64").equals(found);
}

/** RFC 4648 section 6, five bits after five bits. */
function base32(bytes: Buffer): string {
  let text = "";
  for (let bit = 0; bit < 8 * bytes.length; bit += 5) {
    const pair = ((bytes[bit >> 3] as number) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(pair >> (11 - (bit & 7))) & 31];
  }
  return text.padEnd(8 * Math.ceil(text.length / 8), "=");
}

/** Each member of a gzip file (RFC 1952), to the last byte. */
function* members(file: Buffer): Generator<Buffer> {
  for (let at = 0; at < file.length; ) {
    if (file[at] !== 0x1f || file[at + 1] !== 0x8b || file[at + 3] !== 0) throw new Error("a member without its head");
    // With `info` Node says how far it read; its types do not have it.
    const { buffer, engine } = inflateRawSync(file.subarray(at + 10), { info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    at += 10 + engine.bytesWritten + 8;
    if (at > file.length || file.readUInt32LE(at - 4) !== buffer.length) throw new Error("a member of another length");
    yield buffer;
  }
}
