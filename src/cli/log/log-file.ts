import { type Network, network as networkSchema } from "../../contract/network.ts";
import { type SignedHead, signedHead } from "../../contract/receipts.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { decodeText } from "../files.ts";
import { type Extent, readLineBatches, wholeFile } from "../lines.ts";

/**
 * An exported log: JSON lines. A header begins each lane, then come its records in order, then the signed head. What
 * a task's content has that was executed stands before the first record that says so:
 *
 *     {"format":"earnest-log/1","market":"…","lane":0,"network":{…}}
 *     {"sequence":1,"encoded":"…","attachment":null}
 *     {"task":0,"inputs":["…"]}
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

/** Inputs of executions that lie in the content of a task. The log has their hashes. */
export interface LogInputs {
  readonly type: "inputs";
  readonly task: number;
  readonly inputs: readonly string[];
}

export type LogLine = LogHeader | FileRecord | LogInputs | LogEnd;

/** What one reading of the file brought: so many lines, so that a line does not cost a promise. */
export interface LogBatch {
  readonly lines: readonly LogLine[];
  readonly bytesRead: number;
}

export const headerLine = (market: string, lane: number, network: Network | null): string =>
  `${JSON.stringify({ format: logFormat, market, lane, network })}\n`;

/** @throws MALFORMED_FILE naming the first line that is no line of a log */
export async function* readLogFile(path: string, extent: Extent = wholeFile): AsyncGenerator<LogBatch> {
  let isFirst = true;
  for await (const { lines, bytesRead } of readLineBatches(path, extent)) {
    const parsed: LogLine[] = [];
    for (const { number, bytes } of lines) {
      const line = parseLine(path, number, bytes);
      if (line === null || (isFirst && line.type !== "header")) {
        const problem = number === 1 ? "it is not a log exported by `earnest log`" : `line ${number} is damaged`;
        throw earnestError("MALFORMED_FILE", { path, problem });
      }
      isFirst = false;
      parsed.push(line);
    }
    yield { lines: parsed, bytesRead };
  }
  if (isFirst) throw earnestError("MALFORMED_FILE", { path, problem: "it is empty" });
}

/** @returns null for what is no line of a log */
export function parseLine(path: string, line: number, bytes: Uint8Array): LogLine | null {
  const record = parseUsualRecord(bytes);
  if (record !== null) return record;
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
  if (Object.hasOwn(fields, "inputs")) return parseInputs(fields);
  return parseRecord(fields);
}

const before = { sequence: '{"sequence":', encoded: ',"encoded":"', attachment: '","attachment":' } as const;

/**
 * A record as `earnest log` writes it, cut where its fields must be: a long log is mostly these, and JSON takes several
 * times as long. Null for whatever is written in another way.
 */
function parseUsualRecord(bytes: Uint8Array): FileRecord | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  if (!text.startsWith(before.sequence)) return null;
  const comma = text.indexOf(before.encoded, before.sequence.length);
  const start = comma + before.encoded.length;
  const quote = text.indexOf(before.attachment, start);
  if (comma < 0 || quote < 0) return null;
  const digits = text.slice(before.sequence.length, comma);
  const sequence = Number(digits);
  const encoded = bytesOf(text.slice(start, quote));
  const rest = quote + before.attachment.length;
  const attachment = text.startsWith("null}", rest) ? null : bytesOf(text.slice(rest + 1, -2));
  const end = attachment === null ? rest + 5 : text.length;
  const isQuoted = attachment === null || (text[rest] === '"' && text.endsWith('"}'));
  if (`${sequence}` !== digits || encoded === null || end !== text.length || !isQuoted) return null;
  return Number.isSafeInteger(sequence) ? { type: "record", sequence, encoded, attachment } : null;
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

function parseInputs({ task, inputs }: { readonly [name: string]: Json }): LogInputs | null {
  const isList = Array.isArray(inputs) && inputs.every((each: Json) => bytesOf(each) !== null);
  return isTask(task) && isList ? { type: "inputs", task, inputs: inputs as string[] } : null;
}

const isTask = (task: Json | undefined): task is number => typeof task === "number" && Number.isSafeInteger(task);

function parseRecord({ sequence, encoded, attachment = null }: { readonly [name: string]: Json }): FileRecord | null {
  const bytes = bytesOf(encoded);
  const attached = attachment === null ? null : bytesOf(attachment);
  const isWhole = typeof sequence === "number" && Number.isSafeInteger(sequence);
  return isWhole && bytes !== null && !(attachment !== null && attached === null)
    ? { type: "record", sequence, encoded: bytes, attachment: attached }
    : null;
}

/** Node's own decoder is the fast one, but reads anything; what it read must be what stood there. */
function bytesOf(text: Json | undefined): Uint8Array | null {
  if (typeof text !== "string") return null;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : null;
}

/** One lane's part of a file: from its header to the next one. */
export interface LanePart extends Extent {
  readonly market: string;
  readonly lane: number;
}

/** Where each lane begins. Reads every line, but parses only those that are no records. */
export async function findLanes(path: string): Promise<readonly LanePart[]> {
  const starts: { readonly at: number; readonly line: number; readonly header: LogHeader }[] = [];
  let end = 0;
  for await (const { lines, bytesRead } of readLineBatches(path, wholeFile)) {
    for (const { number, bytes, at } of lines) {
      if (isRecordLine(bytes)) continue;
      const line = parseLine(path, number, bytes);
      if (line?.type === "header") starts.push({ at, line: number, header: line });
    }
    end = bytesRead;
  }
  // What stands before the first header is for whoever reads the first part to refuse.
  return starts.map(({ at, line, header: { market, lane } }, i) => {
    const from = i === 0 ? wholeFile : { from: at, firstLine: line };
    return { ...from, to: starts[i + 1]?.at ?? Math.max(end, at), market, lane };
  });
}

const recordStart = Buffer.from(before.sequence);
const isRecordLine = (bytes: Uint8Array): boolean => recordStart.every((byte, i) => bytes[i] === byte);
