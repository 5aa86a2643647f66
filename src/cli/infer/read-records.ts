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

export interface TextLine {
  /** Counted from 1, of its first line where quotes hold line ends. */
  readonly line: number;
  readonly text: string;
}

const lineLengthMax = 1_048_576;

/**
 * The lines of a text that are not blank; with `isCsv` a line end within quotes is part of a line. Gives them in arrays,
 * as waiting for each would take longer than reading it.
 */
export async function* readTextLines(source: Source, isCsv: boolean): AsyncGenerator<TextLine[]> {
  let rest = "";
  let line = 1;
  for await (const piece of readTexts(source)) {
    const text = rest + piece;
    const lines: TextLine[] = [];
    let start = 0;
    // Looked for once: where there is none, each line would look through all that follows.
    const hasQuotes = isCsv && text.includes('"');
    for (let end = endOfLine(text, start, hasQuotes); end >= 0; end = endOfLine(text, start, hasQuotes)) {
      const each = text.slice(start, text.charCodeAt(end - 1) === 13 && end > start ? end - 1 : end);
      if (each.trim() !== "") lines.push({ line, text: each });
      line += isCsv && each.includes("\n") ? each.split("\n").length : 1;
      start = end + 1;
    }
    rest = text.slice(start);
    if (rest.length > lineLengthMax) {
      throw earnestError("MALFORMED_ROW", {
        path: source.name,
        line,
        problem: "the line is too long, or a quote is open",
      });
    }
    yield lines;
  }
  if (rest.trim() !== "") yield [{ line, text: rest.replace(/\r$/, "") }];
}

function endOfLine(text: string, start: number, hasQuotes: boolean): number {
  let end = text.indexOf("\n", start);
  if (!hasQuotes) return end;
  let isOpen = false;
  for (let from = start; end >= 0; end = text.indexOf("\n", end + 1)) {
    for (; from < end; from++) if (text.charCodeAt(from) === quote) isOpen = !isOpen;
    if (!isOpen) return end;
  }
  return -1;
}

const quote = '"'.charCodeAt(0);

async function* readTexts(source: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const name = source.name;
  try {
    for await (const bytes of unzipped(readBytes(source))) {
      yield decoder.decode(bytes, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      throw earnestError("MALFORMED_FILE", { path: name, problem: "it is not text in UTF-8" }, { cause: error });
    }
    if (code?.startsWith("Z_") === true) {
      throw earnestError(
        "MALFORMED_FILE",
        { path: name, problem: "its gzip compression is damaged" },
        { cause: error },
      );
    }
    throw error;
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
