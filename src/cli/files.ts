import { randomBytes } from "node:crypto";
import { createWriteStream, type WriteStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fromUtf8 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";

const problems: Readonly<Record<string, string>> = {
  EACCES: "it may not be read or written by you",
  EPERM: "it may not be read or written by you",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file",
  ENOSPC: "the disk is full",
  EROFS: "the disk is read-only",
  ENAMETOOLONG: "its name is too long",
};

/** Says of a file what the operating system says in codes. */
export function fileError(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return earnestError("FILE_NOT_FOUND", { path }, { cause: error });
  const problem = problems[code ?? ""];
  if (problem !== undefined) return earnestError("MALFORMED_FILE", { path, problem }, { cause: error });
  return error as Error;
}

/** Whether a file can be written there, before the work that it is for. */
export async function checkPlace(path: string): Promise<void> {
  const file = await WholeFile.create(path);
  await file.discard();
}

/** Opens a file for reading; a folder is refused here and not at the first read. */
export async function openFile(path: string): Promise<{ file: FileHandle; bytes: number }> {
  try {
    const file = await open(path, "r");
    const stats = await file.stat();
    if (!stats.isDirectory()) return { file, bytes: stats.size };
    await file.close();
  } catch (error) {
    throw fileError(path, error);
  }
  throw earnestError("MALFORMED_FILE", { path, problem: "it is a folder, not a file" });
}

/** A text file as a whole: UTF-8, no larger than `bytesMax`. */
export async function readTextFile(path: string, bytesMax: number): Promise<string> {
  return decodeText(path, await readBinaryFile(path, bytesMax));
}

/** A file as a whole, no larger than `bytesMax`. */
export async function readBinaryFile(path: string, bytesMax: number): Promise<Uint8Array> {
  const { file, bytes } = await openFile(path);
  try {
    if (bytes > bytesMax) throw earnestError("FILE_SIZE_EXCEEDED", { path, bytesMax });
    // One byte more than allowed, as files such as /dev/stdin do not say their size.
    const content = new Uint8Array(bytesMax + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(content, length, content.length - length);
      length += bytesRead;
      if (bytesRead === 0) return content.subarray(0, length);
      if (length > bytesMax) throw earnestError("FILE_SIZE_EXCEEDED", { path, bytesMax });
    }
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await file.close();
  }
}

export function decodeText(path: string, bytes: Uint8Array): string {
  if (bytes.includes(0)) throw earnestError("MALFORMED_FILE", { path, problem: "it is binary, not text" });
  try {
    return fromUtf8(bytes).replace(/^\uFEFF/, "");
  } catch (cause) {
    throw earnestError("MALFORMED_FILE", { path, problem: "it is not text in UTF-8" }, { cause });
  }
}

/** Writes a small file as a whole or not at all. */
export async function writeFileWhole(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const beside = besideOf(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(beside, content, { flag: "wx", ...(mode !== undefined && { mode }) });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw fileError(path, error);
  }
}

/** A file that is there once everything is written: until then its content has another name. */
export class WholeFile {
  readonly path: string;
  readonly #beside: string;
  readonly #stream: WriteStream;
  #failure: Error | null = null;

  private constructor(path: string, beside: string, stream: WriteStream) {
    this.path = path;
    this.#beside = beside;
    this.#stream = stream;
    stream.on("error", (error) => {
      this.#failure = fileError(path, error);
    });
  }

  static async create(path: string): Promise<WholeFile> {
    const beside = besideOf(path);
    try {
      const file = await open(beside, "wx");
      return new WholeFile(path, beside, createWriteStream(beside, { fd: file }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        throw earnestError("MALFORMED_FILE", { path, problem: "its folder is not there" }, { cause: error });
      }
      throw fileError(path, error);
    }
  }

  async write(text: string | Uint8Array): Promise<void> {
    this.#check();
    if (this.#stream.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ["drain", "error", "close"]) this.#stream.removeListener(event, done);
        resolve();
      };
      for (const event of ["drain", "error", "close"]) this.#stream.once(event, done);
    });
    this.#check();
  }

  async finish(): Promise<void> {
    await this.#close();
    this.#check();
    try {
      await rename(this.#beside, this.path);
    } catch (error) {
      throw fileError(this.path, error);
    }
  }

  /** Leaves nothing behind; what stood under the name before stays. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(this.#beside, { force: true });
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stream.closed || this.#failure !== null) resolve();
      else this.#stream.end(() => this.#stream.once("close", resolve));
    });
  }
}

const besideOf = (path: string): string => `${dirname(path)}/.${basename(path)}.${randomBytes(4).toString("hex")}.part`;
