import { type Codec, list, struct, u32, varint } from "../core/codec.ts";
import type { Table } from "./table.ts";

/** Of a number below 2^32, which is what tasks have. */
const wordsMax = 2 ** 27;
const full = 0xffff_ffff;

/**
 * Bits by their number, 32 to a word: four bytes for 32 of them, however many there are. A word without a bit is not there.
 * Keys come in ascending order.
 */
export class WordTable implements Table<number> {
  #words = new Uint32Array(0);
  #size = 0;

  get(key: number): number | undefined {
    const word = this.#words[key];
    return word === 0 ? undefined : word;
  }

  edit(key: number): number | undefined {
    return this.get(key);
  }

  set(key: number, value: number): void {
    if (key >= this.#words.length) {
      const grown = new Uint32Array(Math.max(key + 1, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#size += Number(value !== 0) - Number(this.#words[key] !== 0);
    this.#words[key] = value;
  }

  delete(key: number): void {
    if (this.get(key) !== undefined) this.set(key, 0);
  }

  *keys(): Iterable<number> {
    for (let key = 0; key < this.#words.length; key++) if (this.#words[key] !== 0) yield key;
  }

  get size(): number {
    return this.#size;
  }

  /** The words from the first to behind the last that is there. */
  all(): Uint32Array {
    let end = this.#words.length;
    while (end > 0 && this.#words[end - 1] === 0) end--;
    return this.#words.subarray(0, end);
  }
}

/** Words that are empty, then some that are full, then such as are neither. */
const runCodec = struct({ empty: varint, full: varint, words: list(u32) });
const runsCodec = list(runCodec);
type Run = { empty: number; full: number; words: number[] };

/** Most tasks end about in their order, so that nearly all of the words lie in one run that costs a few bytes. */
export const wordsCodec: Codec<WordTable> = {
  write: (writer, table) => runsCodec.write(writer, runsOf(table.all())),
  read: (reader) => {
    const table = new WordTable();
    let key = 0;
    let before: Run | null = null;
    for (const run of runsCodec.read(reader)) {
      key += run.empty;
      if (!follows(run, before) || key + run.full + run.words.length > wordsMax) throw reader.malformed();
      for (let i = 0; i < run.full; i++) table.set(key++, full);
      for (const word of run.words) table.set(key++, word);
      before = run;
    }
    return table;
  },
};

function runsOf(words: Uint32Array): Run[] {
  const runs: Run[] = [];
  let at = 0;
  const pass = (isLike: (word: number) => boolean): number => {
    const from = at;
    while (at < words.length && isLike(words[at] as number)) at++;
    return at - from;
  };
  while (at < words.length) {
    const empty = pass((word) => word === 0);
    const fullOnes = pass((word) => word === full);
    const from = at;
    pass((word) => word !== 0 && word !== full);
    runs.push({ empty, full: fullOnes, words: [...words.subarray(from, at)] });
  }
  return runs;
}

/** Whether `runsOf` would have begun this run there: any other way to say the same is none. */
function follows(run: Run, before: Run | null): boolean {
  if (run.full + run.words.length === 0) return false;
  if (run.words.some((word) => word === 0 || word === full)) return false;
  if (before === null || run.empty > 0) return true;
  return before.words.length > 0 && run.full > 0;
}
