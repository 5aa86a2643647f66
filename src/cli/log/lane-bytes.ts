import type { ReexecutionOptions } from "../../attestor/reexecution.ts";
import { type Extent, readLineBatches } from "../lines.ts";
import { type LogLine, parseLine } from "./log-file.ts";

/** A piece of the file, as it was read. */
interface Piece {
  readonly extent: Extent;
  /** The sequence of its first record, where it has any. */
  readonly first: number;
}

/** So many pieces stay in memory: what is executed mostly came in a short time before. */
const piecesKept = 8;

/**
 * The bytes in a lane's log that executions are of, as far as it was read. The last pieces of the file are kept, others
 * are read again: of each only its place is remembered.
 */
export class LaneBytes {
  readonly #path: string;
  readonly #pieces: Piece[] = [];
  readonly #kept = new Map<number, readonly LogLine[]>();
  /** By task, the pieces with its inputs. */
  readonly #inputs = new Map<number, number[]>();
  #inputsMax = 1_024;
  #end: number;
  #records = 0;

  constructor(path: string, { from }: Extent) {
    this.#path = path;
    this.#end = from;
  }

  /** Takes the lines that were read, up to this place in the file. */
  take(lines: readonly LogLine[], end: number): void {
    const place = this.#pieces.length;
    this.#pieces.push({ extent: { from: this.#end, to: end, firstLine: 1 }, first: this.#records + 1 });
    for (const line of lines) {
      if (line.type === "record") this.#records++;
      if (line.type === "inputs") this.#inputs.set(line.task, [...(this.#inputs.get(line.task) ?? []), place]);
    }
    this.#keep(place, lines);
    this.#end = end;
  }

  /** Nothing more is executed of these tasks. They are looked through when they have become twice as many. */
  forget(isOver: (task: number) => boolean): void {
    if (this.#inputs.size <= this.#inputsMax) return;
    for (const task of this.#inputs.keys()) if (isOver(task)) this.#inputs.delete(task);
    this.#inputsMax = Math.max(1_024, 2 * this.#inputs.size);
  }

  records: ReexecutionOptions["source"]["records"] = async ({ from }) => {
    const place = this.#pieces.findLastIndex(({ first }) => first <= from);
    if (place < 0) return [];
    const found = (await this.#lines(place)).find((line) => line.type === "record" && line.sequence === from);
    return found?.type === "record" ? [found] : [];
  };

  content: ReexecutionOptions["source"]["content"] = async (_, task) => {
    const places = new Set(this.#inputs.get(task) ?? []);
    const lines = (await Promise.all([...places].map((place) => this.#lines(place)))).flat();
    return { inputs: lines.flatMap((line) => (line.type === "inputs" && line.task === task ? line.inputs : [])) };
  };

  async #lines(place: number): Promise<readonly LogLine[]> {
    const kept = this.#kept.get(place);
    if (kept !== undefined) return kept;
    const read: LogLine[] = [];
    for await (const { lines } of readLineBatches(this.#path, (this.#pieces[place] as Piece).extent)) {
      for (const { bytes } of lines) {
        const line = parseLine(this.#path, bytes);
        if (line !== null) read.push(line);
      }
    }
    this.#keep(place, read);
    return read;
  }

  /** The newest: what was just read again as well. */
  #keep(place: number, lines: readonly LogLine[]): void {
    this.#kept.set(place, lines);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > piecesKept) this.#kept.delete(oldest as number);
  }
}
