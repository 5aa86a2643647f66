import { earnestError } from "../../core/errors.ts";
import { Numbers } from "./numbers.ts";

const chunkBits = 24;
const chunkBytes = 2 ** chunkBits;
/** Three bytes, which say how long the text is. */
const headBytes = 3;
/** Texts begin at multiples of 2^2 bytes, so that 32 bits name places in 16 GiB. */
const unitBits = 2;
const chunksMax = 2 ** (32 + unitBits - chunkBits);

/** Texts as bytes of UTF-8, by number: tens of millions of them, which would burst the heap as strings. */
export class TextStore {
  readonly #chunks: Buffer[] = [];
  /** Where each text begins. */
  readonly #places = new Numbers();
  /** Bytes of the last chunk. */
  #used = chunkBytes;

  get length(): number {
    return this.#places.length;
  }

  /**
   * @param to less than 16 MiB after `from`
   * @throws LIMIT_EXCEEDED
   */
  push(bytes: Uint8Array, from: number, to: number): number {
    const size = headBytes + to - from;
    if (this.#used + size > chunkBytes) {
      if (this.#chunks.length === chunksMax)
        throw earnestError("LIMIT_EXCEEDED", { what: "MiB of names", max: 2 ** 14 });
      this.#chunks.push(Buffer.alloc(chunkBytes));
      this.#used = 0;
    }
    const last = this.#chunks.length - 1;
    const chunk = this.#chunks[last] as Buffer;
    chunk.writeUIntLE(to - from, this.#used, headBytes);
    chunk.set(bytes.subarray(from, to), this.#used + headBytes);
    this.#places.push((last << (chunkBits - unitBits)) | (this.#used >>> unitBits));
    this.#used += ((size + 2 ** unitBits - 1) >>> unitBits) << unitBits;
    return this.length - 1;
  }

  at(index: number): string {
    const place = this.#places.at(index);
    const chunk = this.#chunks[place >>> (chunkBits - unitBits)] as Buffer;
    const at = (place << unitBits) & (chunkBytes - 1);
    return chunk.toString("utf8", at + headBytes, at + headBytes + lengthAt(chunk, at));
  }

  isEqual(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const place = this.#places.at(index);
    const chunk = this.#chunks[place >>> (chunkBits - unitBits)] as Buffer;
    let at = (place << unitBits) & (chunkBytes - 1);
    if (lengthAt(chunk, at) !== to - from) return false;
    at += headBytes;
    for (let i = from; i < to; i++, at++) if (chunk[at] !== bytes[i]) return false;
    return true;
  }

  /** The byte at that depth, and 1: 0 where the text has ended. */
  keyAt(index: number, depth: number): number {
    const place = this.#places.at(index);
    const chunk = this.#chunks[place >>> (chunkBits - unitBits)] as Buffer;
    const at = (place << unitBits) & (chunkBytes - 1);
    return depth < lengthAt(chunk, at) ? (chunk[at + headBytes + depth] as number) + 1 : 0;
  }
}

const lengthAt = (chunk: Buffer, at: number): number =>
  (chunk[at] as number) | ((chunk[at + 1] as number) << 8) | ((chunk[at + 2] as number) << 16);
