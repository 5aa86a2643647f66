import Table from "cli-table3";
import pc from "picocolors";
import type { Json } from "../core/json.ts";
import type { Io, OutputStream } from "./options.ts";
import { type Progress, progressOn } from "./progress.ts";

type Colours = ReturnType<typeof pc.createColors>;

export interface OutputOptions {
  readonly isJson: boolean;
  readonly isColourWanted: boolean;
}

/**
 * What a command says. People read standard output; programs read its last line, which with --json is the one object
 * given to `result`, while everything else goes to standard error. Rows that were asked for are always on standard
 * output.
 */
export class Output {
  readonly isJson: boolean;
  readonly colours: Colours;
  /** Aborts when whoever read our output has gone (`| head`). */
  readonly gone: AbortSignal;
  readonly #io: Io;
  #result: object | null = null;
  #blank: object = {};
  #isEnded = false;

  constructor(io: Io, options: OutputOptions) {
    this.#io = io;
    this.isJson = options.isJson;
    const isForPeople = !options.isJson && io.stdout.isTTY === true;
    this.colours = pc.createColors(options.isColourWanted && isForPeople);
    this.gone = watchReader(io);
  }

  /** Progress and live lines are for a person who looks on. */
  get isLive(): boolean {
    return !this.isJson && this.#io.stderr.isTTY === true;
  }

  /** A line for people. */
  line(text = ""): void {
    this.#write(this.isJson ? this.#io.stderr : this.#io.stdout, `${text}\n`);
  }

  /** A remark beside the result. */
  note(text: string): void {
    this.#write(this.#io.stderr, `${text}\n`);
  }

  /** Shows a line in place of the last one, where a person looks on. */
  live(text: string): void {
    if (!this.isLive) return;
    const width = this.#io.stderr.columns ?? 80;
    const shown = text.length < width ? text : `${text.slice(0, Math.max(0, width - 2))}…`;
    this.#write(this.#io.stderr, `\r\u001b[2K${shown}`);
  }

  liveEnd(): void {
    if (this.isLive) this.#write(this.#io.stderr, "\r\u001b[2K");
  }

  /** Rows on standard output, no faster than they are read. */
  async rows(text: string | Uint8Array): Promise<void> {
    if (this.gone.aborted || this.#io.stdout.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#io.stdout.removeListener("drain", done);
        this.gone.removeEventListener("abort", done);
        resolve();
      };
      this.#io.stdout.once("drain", done);
      this.gone.addEventListener("abort", done, { once: true });
    });
  }

  /** The object that --json ends with. */
  result(value: object): void {
    this.#result = value;
  }

  /** The same of a command that failed: it has all the same what a program looks for. */
  failure(value: object): void {
    this.#result = { ...this.#blank, ...value };
  }

  /** What a failure's result has, where the command has come no further than to its arguments. */
  promise(blank: object): void {
    this.#blank = blank;
  }

  /** A table for people; with --json it is left out, as the result has its content. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    if (this.isJson) return;
    const table = new Table({
      head: head.every((each) => each === "") ? [] : head.map((each) => this.colours.dim(each)),
      style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
      chars: noBorders,
    });
    table.push(...rows.map((row) => row.map(printable)));
    this.line(table.toString().replace(/ +$/gm, ""));
  }

  progress(label: string, total: number): Progress {
    return progressOn(this.isLive ? this.#io.stderr : null, label, total);
  }

  /**
   * Writes the result, once, and waits until everything is written. A command that has to know before it goes on that its
   * result was written calls this itself, as its last but one step.
   */
  async end(): Promise<void> {
    if (this.isJson && !this.#isEnded)
      this.#write(this.#io.stdout, `${JSON.stringify(this.#result ?? { ok: true })}\n`);
    this.#isEnded = true;
    await Promise.all([this.#io.stdout, this.#io.stderr].map((stream) => this.#written(stream)));
  }

  #write(stream: OutputStream, text: string): void {
    if (!this.gone.aborted || stream !== this.#io.stdout) stream.write(text);
  }

  #written(stream: OutputStream): Promise<void> {
    if (this.gone.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.gone.addEventListener("abort", () => resolve(), { once: true });
      stream.write("", () => resolve());
    });
  }
}

const borders =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle";
const noBorders = Object.fromEntries(borders.split(" ").map((name) => [name, ""]));

/** Texts come from strangers: nothing of them may move the cursor or change colours. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");

export const jsonLine = (value: Json | object): string => `${JSON.stringify(value)}\n`;

const watched = new WeakMap<OutputStream, AbortController>();

/** A reader that has gone is no error of ours, and must not become an unhandled one. */
function watchReader(io: Io): AbortSignal {
  const known = watched.get(io.stdout);
  if (known !== undefined) return known.signal;
  const gone = new AbortController();
  watched.set(io.stdout, gone);
  for (const stream of new Set([io.stdout, io.stderr])) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
      if (stream === io.stdout) gone.abort();
    });
  }
  return gone.signal;
}
