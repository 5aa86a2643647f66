import type { Earnest } from "../../client/earnest.ts";
import { pause } from "../../client/pause.ts";
import { fromBase64, fromUtf8, toBase64, toHex, toUtf8 } from "../../core/bytes.ts";
import type { Slot } from "../../core/slot.ts";
import { slotKey } from "../../core/slot.ts";
import { readContents } from "../../market/contents.ts";
import { decodeEntry } from "../../market/entries.ts";
import { own } from "../../verification/primitives/evidence.ts";
import { sha256 } from "../crypto.ts";

type Language = "javascript" | "webassembly";

export interface Piece {
  readonly number: number;
  readonly result: { readonly output: string } | { readonly outputBase64: string };
}

const name = "result";
const pauseMs = 500;
const entriesPerPage = 1_000;

/** Pieces of an input that a market computes, and their results as its log shows them: of what was paid, the bodies. */
export class Computing {
  readonly #client: Earnest;
  readonly #market: string;
  #from = 1;
  #first = 0;
  #count = 0;

  constructor(client: Earnest, market: string) {
    this.#client = client;
    this.#market = market;
  }

  /** A task for each input. */
  async add(language: Language, program: Uint8Array, inputs: readonly string[]): Promise<void> {
    const { markets } = this.#client;
    const { hash } = await markets.addProgram(this.#market, language, program);
    this.#from = (await markets.get(this.#market)).lanes[0]?.sequence ?? 1;
    const batch = toHex(crypto.getRandomValues(new Uint8Array(8)));
    const tasks = inputs.map((input, i) => {
      const bytes = toUtf8(input);
      const run = {
        program: { hash },
        input: { hash: toHex(sha256(bytes)) },
        output: { content: name },
      };
      return {
        id: `${batch}-${i}`,
        content: { inputs: { piece: toBase64(bytes) } },
        terms: { known: { runs: { [name]: run } } },
      };
    });
    const { first } = await markets.addTasks(this.#market, tasks);
    this.#first = first;
    this.#count = inputs.length;
  }

  /** Tells each result as soon as one was paid for, until all are there. */
  async follow(stopped: AbortSignal, tell: (piece: Piece, done: number) => Promise<void>): Promise<void> {
    const submittedAt = new Map<number, number>();
    const done = new Set<number>();
    const isOurs = ({ task }: Slot): boolean => task >= this.#first && task < this.#first + this.#count;
    while (done.size < this.#count) {
      stopped.throwIfAborted();
      const { records } = await this.#log(this.#from, entriesPerPage);
      for (const { sequence, encoded } of records) {
        this.#from = sequence + 1;
        const entry = decodeEntry(fromBase64(encoded));
        if (entry.kind === "submitted" && isOurs(entry)) submittedAt.set(slotKey(entry), sequence);
        if (entry.kind !== "verified" || entry.verdict !== "accepted" || !isOurs(entry) || done.has(entry.task))
          continue;
        const result = await this.#resultAt(submittedAt.get(slotKey(entry)) as number);
        done.add(entry.task);
        await tell({ number: entry.task - this.#first, result }, done.size);
      }
      if (records.length === 0) await pause(pauseMs, stopped);
    }
  }

  #log(from: number, limit: number) {
    return this.#client.markets.log(this.#market, { lane: 0, from, limit });
  }

  async #resultAt(sequence: number): Promise<Piece["result"]> {
    const { records } = await this.#log(sequence, 1);
    const body = fromBase64(records[0]?.attachment ?? "");
    const bytes = own(readContents(body), name) ?? new Uint8Array(0);
    try {
      return { output: fromUtf8(bytes) };
    } catch {
      return { outputBase64: toBase64(bytes) };
    }
  }
}
