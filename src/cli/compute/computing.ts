import type { Earnest } from "../../client/earnest.ts";
import { pause } from "../../client/pause.ts";
import type { NewTask } from "../../contract/tasks.ts";
import { fromBase64, toBase64, toHex } from "../../core/bytes.ts";
import { slotKey } from "../../core/slot.ts";
import { readContents } from "../../market/contents.ts";
import { decodeEntry } from "../../market/entries.ts";
import { own } from "../../verification/primitives/evidence.ts";
import { sha256 } from "../crypto.ts";

export interface Program {
  readonly language: "javascript" | "webassembly";
  readonly bytes: Uint8Array;
}

/** Told each result as soon as one was paid for, and how many are there. */
export type Tell = (piece: number, result: Uint8Array, done: number) => Promise<void>;

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
    const from = (await markets.get(this.#market)).lanes[0]?.sequence ?? 1;
    return await this.#follow(from, await this.#add(hash, pieces), tell);
  }

  /** A task for each piece; which piece a task has. */
  async #add(program: string, pieces: readonly Uint8Array[]): Promise<ReadonlyMap<number, number>> {
    const batch = toHex(crypto.getRandomValues(new Uint8Array(8)));
    const pieceOf = new Map<number, number>();
    let next = 0;
    while (next < pieces.length) {
      const tasks: NewTask[] = [];
      const start = next;
      for (let bytes = 0; next < pieces.length && tasks.length < requestPiecesMax; next++) {
        const piece = pieces[next] as Uint8Array;
        bytes += piece.length;
        if (tasks.length > 0 && bytes > requestBytesMax) break;
        tasks.push(taskOf(`${batch}-${next}`, program, piece));
      }
      const { first, count } = await this.#client.markets.addTasks(this.#market, tasks);
      for (let i = 0; i < count; i++) pieceOf.set(first + i, start + i);
    }
    return pieceOf;
  }

  async #follow(after: number, pieceOf: ReadonlyMap<number, number>, tell: Tell): Promise<readonly Uint8Array[]> {
    let from = after;
    const submittedAt = new Map<number, number>();
    const results = new Map<number, Uint8Array>();
    while (results.size < pieceOf.size) {
      this.#stopped.throwIfAborted();
      const { records } = await this.#log(from, entriesPerPage);
      for (const { sequence, encoded } of records) {
        from = sequence + 1;
        const entry = decodeEntry(fromBase64(encoded));
        if (entry.kind !== "submitted" && entry.kind !== "verified") continue;
        const piece = pieceOf.get(entry.task);
        if (piece === undefined || results.has(piece)) continue;
        if (entry.kind === "submitted") submittedAt.set(slotKey(entry), sequence);
        else if (entry.verdict === "accepted") {
          const result = await this.#resultAt(submittedAt.get(slotKey(entry)) as number);
          results.set(piece, result);
          await tell(piece, result, results.size);
        }
      }
      if (records.length === 0) await pause(pauseMs, this.#stopped);
    }
    return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
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

function taskOf(id: string, hash: string, piece: Uint8Array): NewTask {
  const run = { program: { hash }, input: { hash: toHex(sha256(piece)) }, output: { content: name } };
  return {
    id,
    content: { inputs: { piece: toBase64(piece) } },
    terms: { known: { runs: { [name]: run } } },
  };
}
