import { type Network, network as networkSchema } from "../../contract/network.ts";
import { type SignedHead, signedHead } from "../../contract/receipts.ts";
import { base64Size, decodeBase64Into } from "../../core/base64.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { decodeText } from "../files.ts";
import { beginsWith, type Extent, type Line, readLineBatches, wholeFile } from "../lines.ts";

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

/** What stands where a line of the log should, for a reader to say of which entry. */
export interface DamagedLine {
  readonly type: "damaged";
  readonly problem: string;
}

export type LogLine = LogHeader | FileRecord | LogInputs | LogEnd | DamagedLine;

/** What one reading of the file brought: so many lines, so that a line does not cost a promise. */
export interface LogBatch {
  readonly lines: readonly LogLine[];
  readonly bytesRead: number;
}

export const headerLine = (market: string, lane: number, network: Network | null): string =>
  `${JSON.stringify({ format: logFormat, market, lane, network })}\n`;

/** So many damaged lines in a row: what follows is no log either, however long it is. */
export const damagedLinesMax = 1_000;

/**
 * Where a log begins, all that stands in the file comes: what is no line of a log as damaged. Ends early where nothing
 * but damage comes.
 *
 * @throws MALFORMED_FILE where it begins with something else
 */
export async function* readLogFile(path: string, extent: Extent = wholeFile): AsyncGenerator<LogBatch> {
  let isFirst = true;
  let last = extent.from;
  let damaged = 0;
  try {
    for await (const { lines, bytesRead } of readLineBatches(path, extent)) {
      const parsed: LogLine[] = [];
      for (const line of lines) {
        if (damaged === damagedLinesMax) break;
        const read = parseLine(path, line.bytes);
        if (isFirst && read?.type !== "header") throw noLog(path, line);
        isFirst = false;
        damaged = read === null ? damaged + 1 : 0;
        parsed.push(read ?? { type: "damaged", problem: damageOf(line) });
      }
      yield { lines: parsed, bytesRead };
      if (damaged === damagedLinesMax) return;
      last = bytesRead;
    }
  } catch (error) {
    // A line that is too long to be read: nobody knows where the next one begins.
    if (isFirst || !isEarnestError(error, "MALFORMED_FILE")) throw error;
    yield { lines: [{ type: "damaged", problem: error.context.problem }], bytesRead: last };
  }
  if (isFirst) throw earnestError("MALFORMED_FILE", { path, problem: "it is empty" });
}

const damageOf = ({ number, bytes, at, bytesRead }: Line): string =>
  bytesRead === at + bytes.length ? `the file is cut off in line ${number}` : `line ${number} is damaged`;

function noLog(path: string, { bytes }: Line): Error {
  const isPacked = beginsWith(bytes, 0, gzipMark);
  const problem = isPacked ? "it is packed by gzip: unpack it first" : "it is not a log exported by `earnest log`";
  return earnestError("MALFORMED_FILE", { path, problem });
}

const gzipMark = Uint8Array.of(0x1f, 0x8b);

/** @returns null for what is no line of a log */
export function parseLine(path: string, bytes: Uint8Array): LogLine | null {
  const record = parseUsualRecord(bytes);
  if (record !== null) return record;
  let json: Json;
  try {
    json = JSON.parse(decodeText(path, bytes)) as Json;
  } catch {
    return null;
  }
  if (json === null || typeof json !== "object" || Array.isArray(json)) return null;
  const fields = json as { readonly [name: string]: Json };
  if (Object.hasOwn(fields, "format")) return parseHeader(fields);
  if (Object.hasOwn(fields, "head")) return parseEnd(fields);
  if (Object.hasOwn(fields, "inputs")) return parseInputs(fields);
  return parseRecord(fields);
}

const marks = {
  sequence: Buffer.from('{"sequence":'),
  encoded: Buffer.from(',"encoded":"'),
  attachment: Buffer.from('","attachment":'),
  none: Buffer.from("null}"),
  end: Buffer.from('"}'),
} as const;

const quote = '"'.charCodeAt(0);
const zero = "0".charCodeAt(0);
/** Of a sequence: more cannot be told apart as numbers. */
const digitsMax = 15;

/**
 * A record as `earnest log` writes it, cut where its fields must be: a long log is mostly these, and JSON takes several
 * times as long. Null for whatever is written in another way.
 */
function parseUsualRecord(line: Uint8Array): FileRecord | null {
  if (!beginsWith(line, 0, marks.sequence)) return null;
  const first = marks.sequence.length;
  let at = first;
  let sequence = 0;
  for (let digit = digitAt(line, at); digit >= 0 && digit <= 9; digit = digitAt(line, ++at))
    sequence = 10 * sequence + digit;
  const isNumber = at > first && at <= first + digitsMax && (line[first] !== zero || at === first + 1);
  if (!isNumber || !beginsWith(line, at, marks.encoded)) return null;
  const from = at + marks.encoded.length;
  const to = line.indexOf(quote, from);
  if (to < 0 || !beginsWith(line, to, marks.attachment)) return null;
  const rest = to + marks.attachment.length;
  const isNone = line.length === rest + marks.none.length && beginsWith(line, rest, marks.none);
  const end = line.length - marks.end.length;
  if (!isNone && !(line[rest] === quote && end > rest && beginsWith(line, end, marks.end))) return null;
  const encoded = base64At(line, from, to);
  const attachment = isNone ? null : base64At(line, rest + 1, end);
  if (encoded === null || (!isNone && attachment === null)) return null;
  return { type: "record", sequence, encoded, attachment };
}

const digitAt = (line: Uint8Array, at: number): number => (line[at] ?? 0) - zero;

function base64At(line: Uint8Array, from: number, to: number): Uint8Array | null {
  const size = base64Size(line, from, to);
  if (size === null) return null;
  const bytes = room(size);
  return decodeBase64Into(bytes, line, from, to) ? bytes : null;
}

const slabBytes = 1 << 16;
let slab = new Uint8Array(slabBytes);
let slabUsed = 0;

/** A place in a buffer that records share: one for each costs as much as to read it. */
function room(size: number): Uint8Array {
  if (size > slabBytes / 16) return new Uint8Array(size);
  if (slabUsed + size > slabBytes) {
    slab = new Uint8Array(slabBytes);
    slabUsed = 0;
  }
  slabUsed += size;
  return slab.subarray(slabUsed - size, slabUsed);
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

/** Where each lane begins; nowhere where the file begins otherwise. Parses only those lines that are no records. */
export async function findLanes(path: string): Promise<readonly LanePart[]> {
  const starts: { readonly at: number; readonly line: number; readonly header: LogHeader }[] = [];
  let end = 0;
  let damage = { from: 0, to: 0 };
  try {
    for await (const { lines, bytesRead } of readLineBatches(path, wholeFile, { without: marks.sequence })) {
      for (const { number, bytes, at } of lines) {
        const line = parseLine(path, bytes);
        if (line?.type === "header") starts.push({ at, line: number, header: line });
        else if (starts.length === 0) return [];
        if (line === null) damage = { from: damage.to === number - 1 ? damage.from : number, to: number };
      }
      end = bytesRead;
      if (damage.to - damage.from >= damagedLinesMax) break;
    }
  } catch (error) {
    // Whoever reads the last lane says what is wrong there.
    if (starts.length === 0 || !isEarnestError(error, "MALFORMED_FILE")) throw error;
    end = Infinity;
  }
  // What stands before the first header is for whoever reads the first part to refuse.
  return starts.map(({ at, line, header: { market, lane } }, i) => {
    const from = i === 0 ? wholeFile : { from: at, firstLine: line };
    return { ...from, to: starts[i + 1]?.at ?? Math.max(end, at), market, lane };
  });
}
