import { type Network, network as networkSchema } from "../../contract/network.ts";
import { type SignedHead, signedHead } from "../../contract/receipts.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { decodeText } from "../files.ts";
import { readLines } from "../lines.ts";

/**
 * An exported log: JSON lines. A header begins each lane, then come its records in order, then the signed head:
 *
 *     {"format":"earnest-log/1","market":"…","lane":0,"network":{…}}
 *     {"sequence":1,"encoded":"…","attachment":null}
 *     {"head":{"sequence":1,"root":"…","timeMs":…,"signature":"…"}}
 */
export const logFormat = "earnest-log/1";

export interface LogHeader {
  readonly type: "header";
  readonly market: string;
  readonly lane: number;
  readonly network: Network | null;
}

export interface FileRecord {
  readonly type: "record";
  readonly sequence: number;
  readonly encoded: Uint8Array;
  readonly attachment: Uint8Array | null;
}

export interface LogEnd {
  readonly type: "end";
  readonly head: SignedHead;
}

export type LogLine = (LogHeader | FileRecord | LogEnd) & { readonly line: number; readonly bytesRead: number };

export const headerLine = (market: string, lane: number, network: Network | null): string =>
  `${JSON.stringify({ format: logFormat, market, lane, network })}\n`;

export async function* readLogFile(path: string): AsyncGenerator<LogLine> {
  let isFirst = true;
  for await (const { number, bytes, bytesRead } of readLines(path)) {
    const parsed = parseLine(path, number, bytes);
    if (parsed === null || (isFirst && parsed.type !== "header")) {
      const problem = isFirst ? "it is not a log exported by `earnest log`" : `line ${number} is damaged`;
      throw earnestError("MALFORMED_FILE", { path, problem });
    }
    isFirst = false;
    yield { ...parsed, line: number, bytesRead };
  }
  if (isFirst) throw earnestError("MALFORMED_FILE", { path, problem: "it is empty" });
}

function parseLine(path: string, line: number, bytes: Uint8Array): LogHeader | FileRecord | LogEnd | null {
  let json: Json;
  try {
    json = JSON.parse(decodeText(path, bytes)) as Json;
  } catch (cause) {
    if (line > 1) return null;
    throw earnestError("MALFORMED_FILE", { path, problem: "it is not a log exported by `earnest log`" }, { cause });
  }
  if (json === null || typeof json !== "object" || Array.isArray(json)) return null;
  const fields = json as { readonly [name: string]: Json };
  if (Object.hasOwn(fields, "format")) return parseHeader(fields);
  if (Object.hasOwn(fields, "head")) return parseEnd(fields);
  return parseRecord(fields);
}

function parseHeader({ format, market, lane, network }: { readonly [name: string]: Json }): LogHeader | null {
  if (format !== logFormat || typeof market !== "string" || typeof lane !== "number") return null;
  const known = networkSchema.safeParse(network);
  return { type: "header", market, lane, network: known.data ?? null };
}

function parseEnd({ head }: { readonly [name: string]: Json }): LogEnd | null {
  const known = signedHead.safeParse(head);
  return known.success ? { type: "end", head: known.data } : null;
}

function parseRecord({ sequence, encoded, attachment = null }: { readonly [name: string]: Json }): FileRecord | null {
  const bytes = bytesOf(encoded);
  const attached = attachment === null ? null : bytesOf(attachment);
  const isWhole = typeof sequence === "number" && Number.isSafeInteger(sequence);
  return isWhole && bytes !== null && attached !== undefined && !(attachment !== null && attached === null)
    ? { type: "record", sequence, encoded: bytes, attachment: attached }
    : null;
}

/** Node's own decoder is the fast one, but reads anything; what it read must be what stood there. */
function bytesOf(text: Json | undefined): Uint8Array | null {
  if (typeof text !== "string") return null;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : null;
}
