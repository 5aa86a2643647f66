import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { earnestError } from "../../core/errors.ts";
import { fileError, openFile } from "../files.ts";

export interface Source {
  /** What people call it. */
  readonly name: string;
  /** Null: standard input. */
  readonly path: string | null;
  readonly stdin: NodeJS.ReadableStream;
  /** How many bytes of how many have been read, 0 where nobody knows. */
  readonly onBytes: (read: number, total: number) => void;
}

/** The bytes of a source in pieces, unzipped where they are gzipped. */
export async function* readSource(source: Source): AsyncGenerator<Buffer> {
  try {
    yield* unzipped(readBytes(source));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith("Z_") !== true) throw error;
    throw earnestError(
      "MALFORMED_FILE",
      { path: source.name, problem: "its gzip compression is damaged" },
      { cause: error },
    );
  }
}

async function* readBytes({ path, stdin, onBytes }: Source): AsyncGenerator<Buffer> {
  let read = 0;
  if (path === null) {
    for await (const piece of stdin) {
      const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
      read += bytes.length;
      onBytes(read, 0);
      yield bytes;
    }
    return;
  }
  const { file, bytes: total } = await openFile(path);
  try {
    for await (const piece of createReadStream(path, { fd: file, autoClose: false, highWaterMark: 262_144 })) {
      read += (piece as Buffer).length;
      onBytes(read, total);
      yield piece as Buffer;
    }
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await file.close();
  }
}

/** Knows gzip by its first two bytes, whatever the file is called. Ends the pieces however it ends itself. */
async function* unzipped(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    let first = Buffer.alloc(0);
    for (let next = await pieces.next(); next.done !== true && first.length < 2; next = await pieces.next()) {
      first = Buffer.concat([first, next.value]);
      if (first.length >= 2) break;
    }
    const all = startingWith(first, pieces);
    if (first[0] !== 0x1f || first[1] !== 0x8b) yield* all;
    else {
      const gunzip = createGunzip();
      const feeding = feed(all, gunzip);
      for await (const piece of gunzip) yield piece as Buffer;
      await feeding;
    }
  } finally {
    await pieces.return(undefined);
  }
}

async function* startingWith(first: Buffer, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* pieces;
}

async function feed(pieces: AsyncGenerator<Buffer>, sink: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (sink.destroyed) return;
      if (!sink.write(piece)) await new Promise<void>((resolve) => sink.once("drain", resolve).once("close", resolve));
    }
    sink.end();
  } catch (error) {
    sink.destroy(error as Error);
  }
}
