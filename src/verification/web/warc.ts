import { concatBytes, fromBinary, toBase64, toBinary, toHex } from "../../core/bytes.ts";

/** WARC 1.1 (ISO 28500:2017): the web archive format that libraries and crawlers share. */
export const warcTypes = ["warcinfo", "request", "response", "revisit", "metadata", "resource", "conversion"] as const;
export type WarcType = (typeof warcTypes)[number];

export interface WarcRecord {
  /** `WARC/1.1`. */
  readonly version: string;
  /** In the order of the file; names as they were written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly block: Uint8Array;
}

/** What was read, and where it lies. */
export interface PlacedRecord extends WarcRecord {
  readonly offset: number;
  readonly length: number;
}

const version = "WARC/1.1";
const headBytesMax = 65_536;

/** The record's bytes. Everything but the length of its block comes with the headers. */
export function writeRecord(headers: WarcRecord["headers"], block: Uint8Array): Uint8Array {
  const lines = [...headers, ["Content-Length", `${block.length}`] as const].map(
    ([name, value]) => `${name}: ${withoutBreaks(value)}\r\n`,
  );
  return concatBytes(fromBinary(`${version}\r\n${lines.join("")}\r\n`), block, fromBinary("\r\n\r\n"));
}

/** Nothing that comes from a site may begin a header of ours. */
export const withoutBreaks = (text: string): string => text.replace(/\p{Cc}/gu, " ");

export type WarcProblem = { readonly offset: number; readonly problem: string };

/** Every record up to the end, or up to what is no whole record: that is told last. */
export function* readWarc(file: Uint8Array): Generator<PlacedRecord, WarcProblem | null> {
  let offset = 0;
  while (offset < file.length) {
    const record = recordAt(file, offset);
    if (typeof record === "string") return { offset, problem: record };
    yield record;
    offset += record.length;
  }
  return null;
}

function recordAt(file: Uint8Array, offset: number): PlacedRecord | string {
  const headEnd = indexOfBlankLine(file, offset);
  if (headEnd < 0) return "a record has no end of its headers";
  const [first = "", ...lines] = toBinary(file.subarray(offset, headEnd)).split("\r\n");
  if (!/^WARC\/(?:0\.1[78]|1\.[01])$/.test(first)) return "a record does not begin with its version";
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) last[1] += ` ${line.trim()}`;
    else if (colon < 1) return "a record has a header without a name";
    else headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  const length = headerOf({ headers }, "Content-Length");
  if (length === null || !/^\d{1,15}$/.test(length)) return "a record does not say its length";
  const start = headEnd + 4;
  const end = start + Number(length);
  if (end + 4 > file.length) return "a record is cut short";
  if (toBinary(file.subarray(end, end + 4)) !== "\r\n\r\n") return "a record is longer or shorter than it says";
  return { version: first, headers, block: file.subarray(start, end), offset, length: end + 4 - offset };
}

function indexOfBlankLine(file: Uint8Array, offset: number): number {
  const end = Math.min(file.length, offset + headBytesMax) - 3;
  for (let i = offset; i < end; i++) {
    if (file[i] === 13 && file[i + 1] === 10 && file[i + 2] === 13 && file[i + 3] === 10) return i;
  }
  return -1;
}

/** The first of that name, whatever its letters' size. */
export function headerOf({ headers }: Pick<WarcRecord, "headers">, name: string): string | null {
  const wanted = name.toLowerCase();
  return headers.find(([each]) => each.toLowerCase() === wanted)?.[1] ?? null;
}

/** What a block is about: of an HTTP message what comes after its headers, of all else the block itself. */
export function payloadOf(record: WarcRecord): Uint8Array {
  if (!(headerOf(record, "Content-Type") ?? "").startsWith("application/http")) return record.block;
  const end = indexOfBlankLine(record.block, 0);
  return end < 0 ? new Uint8Array(0) : record.block.subarray(end + 4);
}

export type DigestOf = (algorithm: "sha1" | "sha256", bytes: Uint8Array) => Uint8Array;

/** The digests of a record that differ from what it holds; those by other algorithms are not looked at. */
export function wrongDigests(record: WarcRecord, digestOf: DigestOf): string[] {
  const isRevisit = headerOf(record, "WARC-Type") === "revisit";
  const parts: (readonly [string, Uint8Array])[] = [["WARC-Block-Digest", record.block]];
  // Of a revisit it is that of what was seen before.
  if (!isRevisit) parts.push(["WARC-Payload-Digest", payloadOf(record)]);
  return parts.flatMap(([name, bytes]) => {
    const digest = headerOf(record, name);
    return digest === null || isDigestOf(digest, bytes, digestOf) ? [] : [name];
  });
}

function isDigestOf(digest: string, bytes: Uint8Array, digestOf: DigestOf): boolean {
  const colon = digest.indexOf(":");
  const algorithm = digest.slice(0, colon).toLowerCase().replace("-", "");
  if (algorithm !== "sha1" && algorithm !== "sha256") return true;
  const value = digest.slice(colon + 1);
  const found = digestOf(algorithm, bytes);
  const forms = [toBase32(found), toBase32(found).replace(/=+$/, ""), toHex(found).toUpperCase()];
  return forms.includes(value.toUpperCase()) || value.replaceAll("-", "+").replaceAll("_", "/") === toBase64(found);
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 section 6, padded: as the tools of the field write digests. */
export function toBase32(bytes: Uint8Array): string {
  let [text, bits, value] = ["", 0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += letters[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  if (bits > 0) text += letters[(value << (5 - bits)) & 31];
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}
