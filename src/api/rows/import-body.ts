import { createHash } from "node:crypto";
import { earnestError } from "../../core/errors.ts";
import type { Continued } from "../../engine/types.ts";

interface Mark {
  readonly bytes: number;
  readonly digest: string;
}

/**
 * The bytes of an import, hashed as they go by. One that goes on is sent from its beginning again; as far as it came before
 * it has to be the same, and its rows are passed over.
 */
export class ImportBody implements Continued {
  readonly key: string;
  readonly #hash;
  #bytes = 0;
  #before: Mark | null = null;
  /** Rows at the beginning that were taken before. */
  rowsDone = 0;

  /** @param way what else makes it this request and no other */
  constructor(way: string, key: string) {
    this.key = key;
    this.#hash = createHash("sha256").update(way);
  }

  goOn(mark: string, count: number): void {
    this.#before = JSON.parse(mark) as Mark;
    this.rowsDone = count;
  }

  mark(): string {
    return JSON.stringify({ bytes: this.#bytes, digest: this.digest().toString("hex") } satisfies Mark);
  }

  /** Of all that went by so far. */
  digest(): Buffer {
    return this.#hash.copy().digest();
  }

  /** @throws IDEMPOTENCY_MISMATCH where it is not what broke off */
  async *read(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      const toMark = (this.#before?.bytes ?? Infinity) - this.#bytes;
      if (toMark <= chunk.length) this.#check(chunk.subarray(0, toMark));
      this.#take(toMark <= chunk.length ? chunk.subarray(toMark) : chunk);
      yield chunk;
    }
    if (this.#before !== null) this.#refuse();
  }

  #take(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  #check(rest: Uint8Array): void {
    this.#take(rest);
    if (this.digest().toString("hex") !== this.#before?.digest) this.#refuse();
    this.#before = null;
  }

  #refuse(): never {
    throw earnestError("IDEMPOTENCY_MISMATCH", { key: this.key });
  }
}
