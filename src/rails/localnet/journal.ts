import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { type EarnestError, earnestError } from "../../core/errors.ts";
import { syncFolder } from "./files.ts";
import { type SegmentFile, segmentHeader, segmentHeaderSize, segmentPath } from "./segment.ts";

export interface Place {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * The redo log and the history in one: frames of length, checksum and payload in segment files. Records appended while
 * a write is on its way go to disk together in the next one, so concurrent transactions share an fsync.
 */
export class Journal {
  readonly #folder: string;
  readonly #segmentBytes: number;
  #segment: number;
  #size: number;
  #file: { segment: number; handle: FileHandle } | null = null;
  #pending: { segment: number; frame: Uint8Array }[] = [];
  #appended = 0;
  #durable = 0;
  #writing: Promise<void> | null = null;
  #failure: EarnestError | null = null;
  #closed = false;

  /** Goes on after `last`, the newest segment on disk, already cut to whole records. */
  constructor(folder: string, segmentBytes: number, last: SegmentFile) {
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
    this.#segment = last.number;
    this.#size = last.size;
  }

  get segment(): number {
    return this.#segment;
  }

  append(payload: Uint8Array): Place {
    if (this.#failure !== null) throw this.#failure;
    if (this.#closed) throw storageError(this.#folder, new Error("localnet is stopping"));
    if (this.#size >= this.#segmentBytes) this.rotate();
    const place = { segment: this.#segment, offset: this.#size + frameHeaderSize, length: payload.length };
    const frame = frameOf(payload);
    this.#pending.push({ segment: this.#segment, frame });
    this.#size += frame.length;
    this.#appended++;
    return place;
  }

  /** What is appended from now on goes to a new segment. */
  rotate(): void {
    this.#segment++;
    this.#size = segmentHeaderSize;
  }

  /**
   * Resolves when everything appended so far is on disk.
   * @throws DISK_FULL_EXCEEDED or DATA_FOLDER_UNAVAILABLE, then and for ever: the state in memory is ahead of the disk
   */
  async durable(): Promise<void> {
    const goal = this.#appended;
    while (this.#durable < goal) {
      if (this.#failure !== null) throw this.#failure;
      this.#writing ??= this.#write().finally(() => {
        this.#writing = null;
      });
      await this.#writing;
    }
    if (this.#failure !== null) throw this.#failure;
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    try {
      for (let from = 0; from < batch.length; ) {
        const segment = (batch[from] as { segment: number }).segment;
        let to = from;
        while (batch[to]?.segment === segment) to++;
        await this.#writeTo(
          segment,
          batch.slice(from, to).map((each) => each.frame),
        );
        from = to;
      }
      this.#durable += batch.length;
    } catch (error) {
      this.#failure = storageError(this.#folder, error);
    }
  }

  async #writeTo(segment: number, frames: Uint8Array[]): Promise<void> {
    if (this.#file?.segment !== segment) {
      await this.#file?.handle.close();
      this.#file = null;
      this.#file = { segment, handle: await openSegment(this.#folder, segment) };
    }
    await this.#file.handle.appendFile(Buffer.concat(frames));
    await this.#file.handle.datasync();
  }

  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.durable();
    } finally {
      await this.#file?.handle.close();
      this.#file = null;
    }
  }
}

export const frameHeaderSize = 8;

function frameOf(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameHeaderSize + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32(payload), true);
  frame.set(payload, frameHeaderSize);
  return frame;
}

async function openSegment(folder: string, segment: number): Promise<FileHandle> {
  const handle = await open(segmentPath(folder, segment), "a");
  if ((await handle.stat()).size === 0) {
    await handle.appendFile(segmentHeader(segment));
    await syncFolder(folder);
  }
  return handle;
}

export function storageError(path: string, error: unknown): EarnestError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return earnestError("DISK_FULL_EXCEEDED", { path }, { cause: error });
  return earnestError("DATA_FOLDER_UNAVAILABLE", { path, problem: message }, { cause: error });
}
