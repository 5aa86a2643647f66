/** Reads the binary format of WebAssembly (specification 2.0, chapter 5). Reading beyond the end throws a RangeError. */
export class Reader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    if (this.offset >= this.end) throw new RangeError("the module ends too early");
    return this.bytes[this.offset++] as number;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number is too long");
  }

  /** A signed LEB128 number of at most 33 bits, as block types have them. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (shift + 7);
    }
    throw new RangeError("a number is too long");
  }

  /** Passes over a LEB128 number of any width. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.offset) throw new RangeError("the module ends too early");
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  /** What is left, as it is. */
  rest(): Uint8Array {
    return this.take(this.end - this.offset);
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }

  /** A vector of things that `read` reads. */
  vector<Item>(read: (reader: Reader) => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.u32(); left > 0; left--) items.push(read(this));
    return items;
  }
}

/** Writes the binary format of WebAssembly. */
export class Writer {
  #bytes = new Uint8Array(256);
  length = 0;

  #room(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  byte(...values: number[]): this {
    this.#room(values.length);
    for (const value of values) this.#bytes[this.length++] = value;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  u32(value: number): this {
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 128)) this.byte((left % 128) | 0x80);
    return this.byte(left);
  }

  /** A signed LEB128 number. */
  s32(value: number): this {
    let left = value;
    for (;;) {
      const byte = left & 0x7f;
      left >>= 7;
      if ((left === 0 && (byte & 0x40) === 0) || (left === -1 && (byte & 0x40) !== 0)) return this.byte(byte);
      this.byte(byte | 0x80);
    }
  }

  /** Room for a number below 2^34 that is known later; see `patch`. */
  placeholder(): number {
    this.byte(0x80, 0x80, 0x80, 0x80, 0x00);
    return this.length - 5;
  }

  patch(at: number, value: number): void {
    for (let i = 0; i < 5; i++) this.#bytes[at + i] = (Math.floor(value / 128 ** i) % 128) | (i < 4 ? 0x80 : 0);
  }

  name(text: string): this {
    return this.sized(new TextEncoder().encode(text));
  }

  /** Bytes after their count. */
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }
}
