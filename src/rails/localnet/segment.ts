import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { earnestError } from "../../core/errors.ts";
import { plain } from "./files.ts";
import type { Place } from "./journal.ts";

export interface SegmentFile {
  readonly number: number;
  readonly size: number;
}

const frameHeaderSize = 8;
export const segmentHeaderSize = 8;
const magic = "ELNJ";

export const segmentPath = (folder: string, number: number): string =>
  join(folder, `journal-${String(number).padStart(8, "0")}.log`);

/** Format and number, so that a file under a wrong name is not taken for another. */
export function segmentHeader(number: number): Uint8Array {
  const header = Buffer.alloc(segmentHeaderSize);
  header.write(magic, "latin1");
  header.writeUInt32LE(number, 4);
  return header;
}

/** Numbers of the segments on disk, oldest first. */
export function listSegments(folder: string): number[] {
  return readdirSync(folder)
    .map((name) => /^journal-(\d{8,})\.log$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Hands every whole record to `visit` and returns where the last one ends.
 * @throws DATA_FOLDER_UNAVAILABLE where the file is not a segment
 */
export function scanSegment(
  folder: string,
  number: number,
  visit: (payload: Uint8Array, place: Place) => void,
): number {
  const file = readFileSync(segmentPath(folder, number));
  // A crash may leave a file that is too short, or zeros where nothing was written yet.
  if (file.length < segmentHeaderSize || file.every((byte) => byte === 0)) return 0;
  if (!file.subarray(0, segmentHeaderSize).equals(segmentHeader(number))) throw damaged(folder, number, 0);
  let offset = segmentHeaderSize;
  while (offset + frameHeaderSize <= file.length) {
    const length = file.readUInt32LE(offset);
    const start = offset + frameHeaderSize;
    if (length === 0 || start + length > file.length) break;
    const payload = plain(file.subarray(start, start + length));
    if (crc32(payload) !== file.readUInt32LE(offset + 4)) break;
    visit(payload, { segment: number, offset: start, length });
    offset = start + length;
  }
  return offset;
}

/** Cuts what a crash left of a record that was never acknowledged. */
export function cutSegment(folder: string, number: number, size: number): void {
  const file = openSync(segmentPath(folder, number), "r+");
  try {
    ftruncateSync(file, size);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export const damaged = (folder: string, number: number, offset: number) =>
  earnestError("DATA_FOLDER_UNAVAILABLE", {
    path: segmentPath(folder, number),
    problem: `the journal is damaged at byte ${offset}; restore a copy or delete the folder to begin anew`,
  });
