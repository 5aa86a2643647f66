const signature = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");
const headerBytes = signature.length + 8;
const fullBytes = 128 * 1024;
/** No character takes more bytes for each of its units. */
const bytesPerUnit = 3;

/**
 * Rows in PostgreSQL's binary COPY format (its manual, "COPY", "Binary Format"), written into one buffer after another: no
 * escapes on this side and no parsing on the other.
 */
export class CopyRows {
  readonly #columns: number;
  #buffer = Buffer.allocUnsafe(fullBytes);
  #length: number;

  constructor(columns: number) {
    this.#columns = columns;
    signature.copy(this.#buffer);
    // No flags, no header extension.
    this.#buffer.fill(0, signature.length, headerBytes);
    this.#length = headerBytes;
  }

  get isFull(): boolean {
    return this.#length >= fullBytes / 2;
  }

  /** A row: as many values have to follow as there are columns. */
  begin(): void {
    this.#need(2);
    this.#length = this.#buffer.writeInt16BE(this.#columns, this.#length);
  }

  integer(value: number): void {
    this.#need(8);
    this.#length = this.#buffer.writeInt32BE(4, this.#length);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
  }

  bigint(value: number | bigint): void {
    this.#need(12);
    this.#length = this.#buffer.writeInt32BE(8, this.#length);
    this.#length = this.#buffer.writeBigInt64BE(BigInt(value), this.#length);
  }

  smallint(value: number): void {
    this.#need(6);
    this.#length = this.#buffer.writeInt32BE(2, this.#length);
    this.#length = this.#buffer.writeInt16BE(value, this.#length);
  }

  text(value: string): void {
    this.#need(4 + value.length * bytesPerUnit);
    const written = this.#buffer.write(value, this.#length + 4);
    this.#buffer.writeInt32BE(written, this.#length);
    this.#length += 4 + written;
  }

  bytes(value: Uint8Array): void {
    this.#need(4 + value.length);
    this.#length = this.#buffer.writeInt32BE(value.length, this.#length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  nothing(): void {
    this.#need(4);
    this.#length = this.#buffer.writeInt32BE(-1, this.#length);
  }

  /** What was written since the last time; the buffer goes with it. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(fullBytes);
    this.#length = 0;
    return taken;
  }

  /** The rest, and the mark of the end. */
  end(): Buffer {
    this.#need(2);
    this.#length = this.#buffer.writeInt16BE(-1, this.#length);
    return this.take();
  }

  #need(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
