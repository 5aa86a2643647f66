import { existsSync } from "node:fs";
import { appendFile, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../core/json.ts";

const usualLogBytesMax = 5_000_000;

/** What a node keeps: its usage, the slot in its hands, whether it is paused, and a log of two files that never grow further. */
export class NodeFolder {
  readonly path: string;
  readonly #logBytesMax: number;

  private constructor(path: string, logBytesMax: number) {
    this.path = path;
    this.#logBytesMax = logBytesMax;
  }

  static async open(path: string, logBytesMax: number = usualLogBytesMax): Promise<NodeFolder> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return new NodeFolder(path, logBytesMax);
  }

  get isPaused(): boolean {
    return existsSync(this.#file("paused"));
  }

  async pause(isPaused: boolean): Promise<void> {
    if (isPaused) await writeFile(this.#file("paused"), "");
    else await rm(this.#file("paused"), { force: true });
  }

  /** Null where there is none, or it is damaged: nothing of it is worth more than a new start. */
  async read<T>(name: string, read: (json: Json) => T | null): Promise<T | null> {
    try {
      return read(JSON.parse(await readFile(this.#file(name), "utf8")) as Json);
    } catch {
      return null;
    }
  }

  async write(name: string, json: unknown): Promise<void> {
    const temporary = this.#file(`${name}.tmp`);
    await writeFile(temporary, `${JSON.stringify(json)}\n`, { mode: 0o600 });
    await rename(temporary, this.#file(name));
  }

  /** A line of what was done for whom. */
  async log(line: object): Promise<void> {
    const path = this.#file("log.jsonl");
    const size = (await stat(path).catch(() => null))?.size ?? 0;
    if (size > this.#logBytesMax) await rename(path, this.#file("log.1.jsonl"));
    await appendFile(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  /** The newest lines, the last one first. */
  async newest(count: number): Promise<readonly Json[]> {
    const text = await tailOf(this.#file("log.jsonl"), 500 * count);
    return text
      .split("\n")
      .slice(-count - 1, -1)
      .reverse()
      .flatMap((line): Json[] => {
        try {
          return [JSON.parse(line) as Json];
        } catch {
          return [];
        }
      });
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

async function tailOf(path: string, bytesMax: number): Promise<string> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytesMax);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8");
  } finally {
    await file.close();
  }
}
