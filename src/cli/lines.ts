import { createReadStream } from "node:fs";
import { earnestError } from "../core/errors.ts";
import { fileError, openFile } from "./files.ts";

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** How much of the file has been read with this line. */
  readonly bytesRead: number;
}

export const lineBytesMax = 16 * 1024 * 1024;

/** A file's bytes in pieces; its errors name the file. */
export async function* readPieces(path: string): AsyncGenerator<Buffer> {
  const { file } = await openFile(path);
  try {
    for await (const piece of createReadStream(path, { fd: file, autoClose: false })) yield piece as Buffer;
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await file.close();
  }
}

/** The lines of a file that are not blank, one at a time: a file may be larger than memory, a line may not. */
export async function* readLines(path: string, bytesMax: number = lineBytesMax): AsyncGenerator<Line> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let number = 0;
  let bytesRead = 0;
  const takeLine = (last: Buffer): Line | null => {
    const bytes = kept.length === 0 ? last : Buffer.concat([...kept, last]);
    kept = [];
    keptBytes = 0;
    number++;
    return isBlank(bytes) ? null : { number, bytes, bytesRead };
  };
  for await (const piece of readPieces(path)) {
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      bytesRead += end + 1 - start;
      const line = takeLine(piece.subarray(start, end));
      start = end + 1;
      if (line !== null) yield line;
    }
    bytesRead += piece.length - start;
    keptBytes += piece.length - start;
    if (start < piece.length) kept.push(piece.subarray(start));
    if (keptBytes > bytesMax) {
      throw earnestError("MALFORMED_FILE", { path, problem: `line ${number + 1} is longer than ${bytesMax} bytes` });
    }
  }
  const last = keptBytes === 0 ? null : takeLine(Buffer.alloc(0));
  if (last !== null) yield last;
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);
