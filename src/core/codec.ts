import { fromUtf8, toUtf8 } from "./bytes.ts";
import { type EarnestError, earnestError } from "./errors.ts";

/**
 * The canonical binary encoding of whatever is stored, hashed or signed: little-endian, fixed field order, no padding,
 * lengths before contents. A value has exactly one encoding, and `decode(encode(v))` equals `v`.
 */
export interface Codec<T> {
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

export type Decoded<C> = C extends Codec<infer T> ? T : never;

export class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Makes room for `size` bytes and returns where they start. */
  reserve(size: number): number {
    const start = this.#length;
    const needed = start + size;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return start;
  }

  u8(value: number): void {
    if ((value & 0xff) !== value) throw doesNotFit(value, 8);
    const at = this.reserve(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    if ((value & 0xffff) !== value) throw doesNotFit(value, 16);
    const at = this.reserve(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    if (value >>> 0 !== value) throw doesNotFit(value, 32);
    const at = this.reserve(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw doesNotFit(value, 64);
    const at = this.reserve(8);
    this.#view.setBigUint64(at, value, true);
  }

  /** LEB128, for counts and lengths below 2^53. */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw doesNotFit(value, 53);
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A short text of ASCII with its length before it; false, and nothing written, where it is another. */
  shortAscii(value: string): boolean {
    const { length } = value;
    if (length > shortLength) return false;
    for (let i = 0; i < length; i++) if (value.charCodeAt(i) >= 0x80) return false;
    const at = this.reserve(length + 1);
    this.#bytes[at] = length;
    for (let i = 0; i < length; i++) this.#bytes[at + 1 + i] = value.charCodeAt(i);
    return true;
  }

  /** A copy of what was written; the writer begins anew. */
  finish(): Uint8Array {
    const written = keep(this.#bytes, this.#length);
    this.#length = 0;
    return written;
  }
}

/** Up to this length of a text, asking for its UTF-8 takes longer than writing it. */
const shortLength = 32;

/** Up to this length an array lives on the heap of V8; a longer one costs a buffer of its own, which a slab spares. */
const heapBytesMax = 64;
const slabBytes = 1 << 14;
let slab = new Uint8Array(slabBytes);
let slabUsed = 0;

/** A copy of the first bytes. Nobody changes what was encoded, so that many may share a buffer. */
function keep(bytes: Uint8Array, length: number): Uint8Array {
  if (length <= heapBytesMax || length > slabBytes / 16) return bytes.slice(0, length);
  if (slabUsed + length > slabBytes) {
    slab = new Uint8Array(slabBytes);
    slabUsed = 0;
  }
  const kept = slab.subarray(slabUsed, slabUsed + length);
  kept.set(bytes.subarray(0, length));
  slabUsed += length;
  return kept;
}

/** A number that would wrap is refused: its bytes would mean another one. */
const doesNotFit = (value: number | bigint, bits: number): EarnestError =>
  earnestError("MALFORMED_REQUEST", { where: "a number", problem: `${value} is not an integer of ${bits} bits` });

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #offset = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  malformed(): EarnestError {
    return earnestError("MALFORMED_ENCODING", { what: this.#what, offset: this.#offset });
  }

  #take(size: number): number {
    const at = this.#offset;
    if (size > this.#bytes.length - at) throw this.malformed();
    this.#offset = at + size;
    return at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  u16(): number {
    const at = this.#take(2);
    return (this.#bytes[at] as number) + (this.#bytes[at + 1] as number) * 0x100;
  }

  u32(): number {
    const at = this.#take(4);
    const bytes = this.#bytes;
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    return low + (bytes[at + 3] as number) * 0x100_0000;
  }

  u64(): bigint {
    const low = this.u32();
    const high = this.u32();
    // As a number where it is one: most are, and each step between bigints makes another.
    return high < 0x20_0000 ? BigInt(high * 0x1_0000_0000 + low) : BigInt(low) + (BigInt(high) << 32n);
  }

  /** Refuses longer forms of the same number, so that an encoding stays unique. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if ((byte === 0 && i > 0) || !Number.isSafeInteger(value)) throw this.malformed();
        return value;
      }
      factor *= 0x80;
    }
    throw this.malformed();
  }

  raw(size: number): Uint8Array {
    const at = this.#take(size);
    return this.#bytes.slice(at, at + size);
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) throw this.malformed();
  }
}

/** A writer that is not in use: a buffer for each small entry would be most of the garbage there is. */
let spare: Writer | null = null;
const spareBytesMax = 1 << 16;

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = spare ?? new Writer();
  spare = null;
  codec.write(writer, value);
  const written = writer.finish();
  if (written.length <= spareBytesMax) spare = writer;
  return written;
}

/** @throws MALFORMED_ENCODING where bytes are missing, left over, or not the one encoding of a value. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, what: string): T {
  const reader = new Reader(bytes, what);
  const value = codec.read(reader);
  reader.end();
  return value;
}

export const u8: Codec<number> = { write: (w, v) => w.u8(v), read: (r) => r.u8() };
export const u16: Codec<number> = { write: (w, v) => w.u16(v), read: (r) => r.u16() };
export const u32: Codec<number> = { write: (w, v) => w.u32(v), read: (r) => r.u32() };
export const varint: Codec<number> = { write: (w, v) => w.varint(v), read: (r) => r.varint() };

/** A bigint of 0 to 2^64 − 1, with its brand kept. */
export const u64 = <T extends bigint>(): Codec<T> => ({
  write: (w, v) => w.u64(v),
  read: (r) => r.u64() as T,
});

export const bool: Codec<boolean> = {
  write: (w, v) => w.u8(v ? 1 : 0),
  read: (r) => {
    const byte = r.u8();
    if (byte > 1) throw r.malformed();
    return byte === 1;
  },
};

/** Exactly `size` bytes, without a length. */
export const fixed = <T extends Uint8Array = Uint8Array>(size: number): Codec<T> => ({
  write: (w, v) => {
    if (v.length !== size) throw earnestError("MALFORMED_BYTES", { what: "field", length: v.length, expected: size });
    w.raw(v);
  },
  read: (r) => r.raw(size) as T,
});

export const bytes: Codec<Uint8Array> = {
  write: (w, v) => {
    w.varint(v.length);
    w.raw(v);
  },
  read: (r) => r.raw(r.varint()),
};

/** A string as UTF-8. Lone surrogates are refused: they have no encoding. */
export const text = <T extends string = string>(): Codec<T> => ({
  write: (w, v) => {
    if (w.shortAscii(v)) return;
    if (/\p{Surrogate}/u.test(v)) throw earnestError("MALFORMED_TEXT_ENCODING", { what: "Unicode text", text: "" });
    bytes.write(w, toUtf8(v));
  },
  read: (r) => {
    const raw = bytes.read(r);
    try {
      return fromUtf8(raw) as T;
    } catch {
      throw r.malformed();
    }
  },
});

/** One of a fixed list, as its place in the list: append only, never reorder. */
export const oneOf = <const T extends string>(values: readonly T[]): Codec<T> => ({
  // A value that is not in the list has index −1, which u8 refuses.
  write: (w, v) => w.u8(values.indexOf(v)),
  read: (r) => {
    const value = values[r.u8()];
    if (value === undefined) throw r.malformed();
    return value;
  },
});

export const optional = <T>(codec: Codec<T>): Codec<T | null> => ({
  write: (w, v) => {
    w.u8(v === null ? 0 : 1);
    if (v !== null) codec.write(w, v);
  },
  read: (r) => (bool.read(r) ? codec.read(r) : null),
});

export const list = <T>(codec: Codec<T>): Codec<T[]> => ({
  write: (w, v) => {
    w.varint(v.length);
    for (const item of v) codec.write(w, item);
  },
  read: (r) => {
    const length = r.varint();
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(codec.read(r));
    return items;
  },
});

export interface StructCodec<T> extends Codec<T> {
  /** A value with nothing in its fields, to be copied: to fill fields is faster than to add them. */
  readonly blank: Readonly<Record<string, unknown>>;
  readonly readInto: (reader: Reader, value: Record<string, unknown>) => void;
}

/** Fields in the order written here. */
export function struct<const Fields extends Readonly<Record<string, object>>>(
  fields: Fields,
): StructCodec<{ -readonly [Name in keyof Fields]: Decoded<Fields[Name]> }> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields) as readonly Codec<unknown>[];
  const blank: Readonly<Record<string, unknown>> = Object.fromEntries(names.map((name) => [name, null]));
  const readInto = (r: Reader, value: Record<string, unknown>): void => {
    for (let i = 0; i < names.length; i++) value[names[i] as string] = (codecs[i] as Codec<unknown>).read(r);
  };
  return {
    write: (w, v) => {
      for (let i = 0; i < names.length; i++)
        (codecs[i] as Codec<unknown>).write(w, (v as Record<string, unknown>)[names[i] as string]);
    },
    read: (r) => {
      const value = { ...blank };
      readInto(r, value);
      return value as never;
    },
    blank,
    readInto,
  };
}

/** A map with numeric keys, written in ascending key order whatever the order of insertion. */
export const numberMap = <T>(codec: Codec<T>): Codec<Map<number, T>> => ({
  write: (w, v) => {
    w.varint(v.size);
    for (const key of [...v.keys()].sort((a, b) => a - b)) {
      w.varint(key);
      codec.write(w, v.get(key) as T);
    }
  },
  read: (r) => {
    const size = r.varint();
    const map = new Map<number, T>();
    let last = -1;
    for (let i = 0; i < size; i++) {
      const key = r.varint();
      if (key <= last) throw r.malformed();
      map.set(key, codec.read(r));
      last = key;
    }
    return map;
  },
});
