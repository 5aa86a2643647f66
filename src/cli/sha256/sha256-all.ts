import { type HashAll, hashAllBy } from "../../core/hash.ts";
import { sha256 } from "../crypto.ts";
import { blockBytes, fourAtOnce, freeFrom } from "./four-at-once.ts";

/** Of more blocks than these, a hash at a time is about as quick. */
const blocksMax = 16;
const hashBytes = 32;
const atOnce = 4;
/** What SHA-256 appends to a message: a byte that begins the padding, and eight that say its length. */
const paddingBytesMin = 9;

/** SHA-256 of many messages, four at a time where they are short and this processor can. */
export const sha256All: HashAll = (prefix, messages) => {
  found ??= quickest();
  return found(prefix, messages);
};

/** Made when it is first needed. */
let found: HashAll | null = null;

function quickest(): HashAll {
  const code = fourAtOnce();
  if (!WebAssembly.validate(code)) return oneAtATime;
  const batches = new Batches(code);
  return (prefix, messages) => batches.hashAll(prefix, messages);
}

const oneAtATime = hashAllBy(sha256);

type HashFour = (at: number, blocks: number, out: number) => void;

/** Messages of as many blocks that wait until they are four. */
interface Batch {
  readonly blocks: number;
  readonly at: number;
  /** Whose they are; so many are there. */
  readonly indices: Int32Array;
  size: number;
}

/** Memory has a place for four messages of each number of blocks; behind them stand the four hashes made last. */
class Batches {
  readonly #memory: Uint8Array;
  readonly #hash: HashFour;
  readonly #batches: readonly Batch[];
  readonly #hashes: readonly Uint8Array[];
  readonly #out: number;

  constructor(code: Uint8Array) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
    this.#memory = new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
    this.#hash = exports["hash"] as HashFour;
    let at = freeFrom;
    this.#batches = Array.from({ length: blocksMax }, (_, i) => {
      const batch = { blocks: i + 1, at, indices: new Int32Array(atOnce), size: 0 };
      at += atOnce * blockBytes * batch.blocks;
      return batch;
    });
    this.#out = at;
    this.#hashes = Array.from({ length: atOnce }, (_, i) =>
      this.#memory.subarray(at + hashBytes * i, at + hashBytes * (i + 1)),
    );
  }

  hashAll(prefix: Uint8Array, messages: readonly Uint8Array[]): Uint8Array {
    const hashes = new Uint8Array(hashBytes * messages.length);
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i] as Uint8Array;
      const blocks = Math.ceil((prefix.length + message.length + paddingBytesMin) / blockBytes);
      const batch = this.#batches[blocks - 1];
      if (batch === undefined) {
        hashes.set(oneAtATime(prefix, [message]), hashBytes * i);
        continue;
      }
      this.#put(batch, prefix, message);
      batch.indices[batch.size++] = i;
      if (batch.size === atOnce) this.#run(batch, hashes);
    }
    for (const batch of this.#batches) if (batch.size > 0) this.#run(batch, hashes);
    return hashes;
  }

  #put({ at, blocks, size }: Batch, prefix: Uint8Array, message: Uint8Array): void {
    const memory = this.#memory;
    const from = at + size * blocks * blockBytes;
    const to = from + blocks * blockBytes;
    const end = from + prefix.length + message.length;
    memory.set(prefix, from);
    memory.set(message, from + prefix.length);
    memory[end] = 0x80;
    // A length of 64 bits, of which the last two suffice here.
    memory.fill(0, end + 1, to - 2);
    const bits = 8 * (prefix.length + message.length);
    memory[to - 2] = bits >> 8;
    memory[to - 1] = bits & 0xff;
  }

  /** Where fewer than four are there, the others are hashed for nobody. */
  #run(batch: Batch, hashes: Uint8Array): void {
    this.#hash(batch.at, batch.blocks, this.#out);
    for (let i = 0; i < batch.size; i++)
      hashes.set(this.#hashes[i] as Uint8Array, hashBytes * (batch.indices[i] as number));
    batch.size = 0;
  }
}
