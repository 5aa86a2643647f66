import type { Earnest } from "../../client/earnest.ts";
import { pause } from "../../client/pause.ts";
import type { NewTask } from "../../contract/tasks.ts";
import { fromBase64, toBase64, toHex } from "../../core/bytes.ts";
import { readContents } from "../../market/contents.ts";
import { decodeEntry, type Entry } from "../../market/entries.ts";
import { own } from "../../verification/primitives/evidence.ts";
import { sha256 } from "../crypto.ts";

export interface Program {
  readonly language: "javascript" | "webassembly";
  readonly bytes: Uint8Array;
}

/** Told each result as soon as one was paid for, and how many are there. */
export type Tell = (piece: number, result: Uint8Array, done: number) => Promise<void>;

/** What the log has of a task so far. */
interface Asked {
  readonly piece: number;
  /** By ordinals. */
  readonly submittedAt: Map<number, number>;
  /** Submissions with a verdict. */
  ended: number;
  isSettled: boolean;
}

const name = "result";
const pauseMs = 500;
const entriesPerPage = 1_000;
/** Of the pieces of one request, which the server takes up to 8 MiB, in base64 and with what stands around them. */
const requestBytesMax = 2 * 1_048_576;
const requestPiecesMax = 1_000;

/** Has a market compute, and reads the results as its log shows them: of what was paid, the bodies. */
export class Computing {
  readonly #client: Earnest;
  readonly #market: string;
  readonly #stopped: AbortSignal;

  constructor(client: Earnest, market: string, stopped: AbortSignal) {
    this.#client = client;
    this.#market = market;
    this.#stopped = stopped;
  }

  /** The results of a program over each piece, in the order of the pieces. */
  async run({ language, bytes }: Program, pieces: readonly Uint8Array[], tell: Tell): Promise<readonly Uint8Array[]> {
    const { markets } = this.#client;
    const { hash } = await markets.addProgram(this.#market, language, bytes);
    let from = (await markets.get(this.#market)).lanes[0]?.sequence ?? 1;
    const asked = await this.#add(hash, [...pieces.entries()]);
    const results = new Map<number, Uint8Array>();
    while (results.size < pieces.length) {
      this.#stopped.throwIfAborted();
      const { records } = await this.#log(from, entriesPerPage);
      for (const { sequence, encoded } of records) {
        from = sequence + 1;
        const found = noted(asked, sequence, decodeEntry(fromBase64(encoded)));
        if (found === null || results.has(found.piece)) continue;
        const result = await this.#resultAt(found.submittedAt);
        results.set(found.piece, result);
        await tell(found.piece, result, results.size);
      }
      if (records.length > 0) continue;
      const again = failed(asked).filter((piece) => !results.has(piece));
      const added = await this.#add(
        hash,
        again.map((piece) => [piece, pieces[piece] as Uint8Array]),
      );
      for (const [task, each] of added) asked.set(task, each);
      if (again.length === 0) await pause(pauseMs, this.#stopped);
    }
    return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
  }

  /** A task for each of these pieces. */
  async #add(program: string, pieces: readonly (readonly [number, Uint8Array])[]): Promise<Map<number, Asked>> {
    const batch = toHex(crypto.getRandomValues(new Uint8Array(8)));
    const asked = new Map<number, Asked>();
    let next = 0;
    while (next < pieces.length) {
      const tasks: NewTask[] = [];
      const start = next;
      for (let bytes = 0; next < pieces.length && tasks.length < requestPiecesMax; next++) {
        const [number, piece] = pieces[next] as readonly [number, Uint8Array];
        bytes += piece.length;
        if (tasks.length > 0 && bytes > requestBytesMax) break;
        tasks.push(taskOf(`${batch}-${number}`, program, piece));
      }
      const { first } = await this.#client.markets.addTasks(this.#market, tasks);
      for (const [i, [piece]] of pieces.slice(start, next).entries())
        asked.set(first + i, { piece, submittedAt: new Map(), ended: 0, isSettled: false });
    }
    return asked;
  }

  #log(from: number, limit: number) {
    return this.#client.markets.log(this.#market, { lane: 0, from, limit });
  }

  async #resultAt(sequence: number): Promise<Uint8Array> {
    const { records } = await this.#log(sequence, 1);
    const body = fromBase64(records[0]?.attachment ?? "");
    return own(readContents(body), name) ?? new Uint8Array(0);
  }
}

/** Takes an entry in; what it says is a result, if it does. */
function noted(
  asked: ReadonlyMap<number, Asked>,
  sequence: number,
  entry: Entry,
): { readonly piece: number; readonly submittedAt: number } | null {
  if (!("task" in entry)) return null;
  const task = asked.get(entry.task);
  if (task === undefined) return null;
  if (entry.kind === "submitted") task.submittedAt.set(entry.ordinal, sequence);
  else if (entry.kind === "settled") task.isSettled = true;
  else if (entry.kind === "verified" || entry.kind === "faulted") task.ended++;
  if (entry.kind !== "verified" || entry.verdict !== "accepted") return null;
  return { piece: task.piece, submittedAt: task.submittedAt.get(entry.ordinal) as number };
}

/** Pieces of which nobody brought what the network came to: they are asked for again, once for each time. */
function failed(asked: Map<number, Asked>): number[] {
  const over = [...asked].filter(([, { isSettled, ended, submittedAt }]) => isSettled && ended >= submittedAt.size);
  for (const [task] of over) asked.delete(task);
  return over.map(([, { piece }]) => piece);
}

function taskOf(id: string, hash: string, piece: Uint8Array): NewTask {
  const run = { program: { hash }, input: { hash: toHex(sha256(piece)) }, output: { content: name } };
  return {
    id,
    content: { inputs: { piece: toBase64(piece) } },
    terms: { known: { runs: { [name]: run } } },
  };
}
