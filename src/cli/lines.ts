import { createReadStream } from "node:fs";
import { earnestError } from "../core/errors.ts";
import { fileError, openFile } from "./files.ts";

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** Where in the file it begins. */
  readonly at: number;
  /** How much of the file has been read with this line. */
  readonly bytesRead: number;
}

export const lineBytesMax = 16 * 1024 * 1024;

/** A part of a file: from a line's first byte to another's, or to its end. */
export interface Extent {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** The number of its first line. */
  readonly firstLine: number;
}

export const wholeFile: Extent = { from: 0, to: Infinity, firstLine: 1 };

export const pieceBytes = 1 << 18;

/** A file's bytes in pieces; its errors name the file. */
export async function* readPieces(path: string, { from, to }: Extent = wholeFile): AsyncGenerator<Buffer> {
  if (to <= from) return;
  const { file } = await openFile(path);
  try {
    // A pipe has no places to read from, so that a whole file is read without naming one.
    const part = { highWaterMark: pieceBytes, ...(from > 0 || to < Infinity ? { start: from, end: to - 1 } : {}) };
    for await (const piece of createReadStream(path, { fd: file, autoClose: false, ...part })) yield piece as Buffer;
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await file.close();
  }
}

/** The lines of a file that are not blank, one at a time: a file may be larger than memory, a line may not. */
export async function* readLines(path: string, bytesMax: number = lineBytesMax): AsyncGenerator<Line> {
  for await (const { lines } of readLineBatches(path, wholeFile, { bytesMax })) yield* lines;
}

export interface LineBatch {
  readonly lines: readonly Line[];
  /** How much of the file has been read. */
  readonly bytesRead: number;
}

export interface LineOptions {
  readonly bytesMax?: number;
  /** Lines that begin so are left out, but for some that a reading of the file cuts in two. */
  readonly without?: Uint8Array;
}

/** The same, as many at a time as a reading of the file brings: for files of millions of lines. */
export async function* readLineBatches(
  path: string,
  extent: Extent,
  { bytesMax = lineBytesMax, without }: LineOptions = {},
): AsyncGenerator<LineBatch> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let number = extent.firstLine - 1;
  let at = extent.from;
  for await (const piece of readPieces(path, extent)) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      if (without !== undefined && kept.length === 0 && beginsWith(piece, start, without)) {
        number++;
        at += end + 1 - start;
        start = end + 1;
        continue;
      }
      const rest = piece.subarray(start, end);
      const bytes = kept.length === 0 ? rest : Buffer.concat([...kept, rest]);
      number++;
      if (!isBlank(bytes)) lines.push({ number, bytes, at, bytesRead: at + bytes.length + 1 });
      at += bytes.length + 1;
      kept = [];
      keptBytes = 0;
      start = end + 1;
    }
    if (start < piece.length) kept.push(piece.subarray(start));
    keptBytes += piece.length - start;
    yield { lines, bytesRead: at };
    if (keptBytes > bytesMax) {
      throw earnestError("MALFORMED_FILE", { path, problem: `line ${number + 1} is longer than ${bytesMax} bytes` });
    }
  }
  const bytes = Buffer.concat(kept);
  if (!isBlank(bytes)) {
    const bytesRead = at + bytes.length;
    yield { lines: [{ number: number + 1, bytes, at, bytesRead }], bytesRead };
  }
}

const isBlank = (bytes: Uint8Array): boolean =>
  (bytes[0] ?? 0) <= 32 && bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);

/** Whether these bytes stand at that place. */
export function beginsWith(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
