import { createHash, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { concatBytes, toUtf8 } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import { cdxjLine } from "../../verification/web/cdxj.ts";
import { toBase32, withoutBreaks, writeRecord } from "../../verification/web/warc.ts";
import { type Hop, hashOf, targetOf } from "./browser.ts";
import type { Header } from "./site.ts";

/** Where a content was seen first. */
interface Seen {
  readonly url: string;
  readonly date: string;
}

/** Of addresses and digests together, in memory. */
const usualCharactersMax = 30_000_000;
/** What is smaller costs less to repeat than to refer to. */
const revisitBytesMin = 256;

/** Contents that files of a market have already. */
export interface MarketContents {
  find(digest: string): Seen | undefined;
  add(contents: ReadonlyMap<string, Seen>): void;
}

/** Of all markets, within one bound. In memory: after a restart, or what is forgotten, a content may come once more. */
export class SeenContents {
  readonly #charactersMax: number;
  /** By market and digest, the oldest first. */
  readonly #seen = new Map<string, Seen>();
  #characters = 0;

  constructor(charactersMax: number = usualCharactersMax) {
    this.#charactersMax = charactersMax;
  }

  of(market: MarketId): MarketContents {
    const keyOf = (digest: string): string => `${market} ${digest}`;
    return {
      find: (digest) => this.#seen.get(keyOf(digest)),
      add: (contents) => {
        for (const [digest, seen] of contents) this.#add(keyOf(digest), seen);
      },
    };
  }

  #add(key: string, seen: Seen): void {
    if (this.#seen.has(key)) return;
    this.#seen.set(key, seen);
    this.#characters += charactersOf(key, seen);
    for (const [oldest, each] of this.#seen) {
      if (this.#characters <= this.#charactersMax) return;
      this.#seen.delete(oldest);
      this.#characters -= charactersOf(oldest, each);
    }
  }
}

const charactersOf = (key: string, { url, date }: Seen): number => key.length + url.length + date.length;

/** A WARC file of one session, each record packed by itself, and its index. */
export class Archive {
  readonly #filename: string;
  readonly #seen: MarketContents;
  readonly #pieces: Uint8Array[] = [];
  readonly #captures: string[] = [];
  /** Of this very file: they count for others once it is whole. */
  readonly #added = new Map<string, Seen>();
  #length = 0;

  constructor(filename: string, seen: MarketContents, info: Readonly<Record<string, string>>, timeMs: number) {
    this.#filename = filename;
    this.#seen = seen;
    const lines = Object.entries(info).map(([name, value]) => `${name}: ${withoutBreaks(value)}\r\n`);
    this.#record(
      [
        ["WARC-Type", "warcinfo"],
        ["WARC-Record-ID", newId()],
        ["WARC-Date", dateOf(timeMs)],
        ["WARC-Filename", filename],
        ["Content-Type", "application/warc-fields"],
      ],
      toUtf8(lines.join("")),
    );
  }

  /** A request and its response, or a reference to an equal response before. */
  add(hop: Hop): void {
    const { url, address, answer, startedMs } = hop;
    const id = newId();
    const date = dateOf(startedMs);
    const payload = `sha256:${toBase32(sha256(answer.body))}`;
    const before =
      answer.body.length >= revisitBytesMin ? (this.#added.get(payload) ?? this.#seen.find(payload)) : undefined;
    const head = headOf(hop);
    const block = before === undefined ? concatBytes(head, answer.body) : head;
    const offset = this.#length;
    this.#record(
      [
        ["WARC-Type", before === undefined ? "response" : "revisit"],
        ["WARC-Record-ID", id],
        ["WARC-Date", date],
        ["WARC-Target-URI", url.href],
        ["WARC-IP-Address", address],
        ...(before === undefined ? [] : revisitOf(before)),
        ...(answer.isTruncated ? [["WARC-Truncated", "length"] as const] : []),
        ["WARC-Payload-Digest", payload],
        ["Content-Type", "application/http; msgtype=response"],
      ],
      block,
    );
    const length = this.#length - offset;
    this.#addRequest(hop, id, date);
    if (before === undefined) this.#added.set(payload, { url: url.href, date });
    const mime = headerOf(answer.headers, "content-type")?.split(";")[0]?.trim() ?? "unk";
    this.#captures.push(
      cdxjLine({
        url: url.href,
        hostname: url.hostname,
        path: targetOf(url),
        date,
        mime: before === undefined ? mime : "warc/revisit",
        status: answer.status,
        digest: payload,
        offset,
        length,
        filename: this.#filename,
      }),
    );
  }

  /** The file, and the lines of its index in order. */
  whole(): { readonly warc: Uint8Array; readonly index: string } {
    return {
      warc: concatBytes(...this.#pieces),
      index: [...this.#captures]
        .sort()
        .map((line) => `${line}\n`)
        .join(""),
    };
  }

  /** From now on others may refer to what is in this file. */
  publish(): void {
    this.#seen.add(this.#added);
  }

  #addRequest({ url, address, requested }: Hop, response: string, date: string): void {
    const lines = Object.entries({ host: url.host, ...requested }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#record(
      [
        ["WARC-Type", "request"],
        ["WARC-Record-ID", newId()],
        ["WARC-Date", date],
        ["WARC-Target-URI", url.href],
        ["WARC-IP-Address", address],
        ["WARC-Concurrent-To", response],
        ["Content-Type", "application/http; msgtype=request"],
      ],
      toUtf8(`GET ${targetOf(url)} HTTP/1.1\r\n${lines.join("")}\r\n`),
    );
  }

  #record(headers: readonly Header[], block: Uint8Array): void {
    const digest = ["WARC-Block-Digest", `sha256:${toBase32(sha256(block))}`] as const;
    const packed = gzipSync(writeRecord([...headers, digest], block), { level: 1 });
    this.#pieces.push(packed);
    this.#length += packed.length;
  }
}

const revisitOf = ({ url, date }: Seen): readonly Header[] => [
  ["WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"],
  ["WARC-Refers-To-Target-URI", url],
  ["WARC-Refers-To-Date", date],
];

/**
 * Status and headers as HTTP/1.1. The body stands there without its transfer coding, as crawlers write it: what that was
 * is kept under another name.
 */
function headOf({ answer: { status, statusText, headers, body } }: Hop): Uint8Array {
  const lines = headers.map(([name, value]) => {
    const isOfConnection = /^(?:transfer-encoding|content-length)$/i.test(name);
    return `${isOfConnection ? `X-Archive-Orig-${name}` : name}: ${withoutBreaks(value)}\r\n`;
  });
  const first = `HTTP/1.1 ${status} ${withoutBreaks(statusText)}\r\n`;
  // Headers come as Latin-1, a character a byte.
  return Buffer.from(`${first}${lines.join("")}Content-Length: ${body.length}\r\n\r\n`, "latin1");
}

const headerOf = (headers: readonly Header[], name: string): string | undefined =>
  headers.find(([each]) => each.toLowerCase() === name)?.[1];

const newId = (): string => `<urn:uuid:${randomUUID()}>`;
const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const dateOf = (timeMs: number): string => new Date(timeMs).toISOString();

/** Over the bodies of all pages in order: what a session's content goes by. */
export const contentOf = (bodies: readonly string[]): string => hashOf(toUtf8(bodies.join("\n")));
