import { Duplex } from "node:stream";
import { payloadBytesMax, windowBytes } from "../../core/tunnel.ts";

/** What a channel asks of its tunnel. */
export interface ChannelLine {
  readonly data: (payload: Uint8Array) => void;
  readonly window: (credit: number) => void;
  readonly close: (reason: string) => void;
}

/** One connection to a site, through a node: opaque bytes in both directions, as a socket gives and takes them. */
export class Channel extends Duplex {
  readonly #line: ChannelLine;
  #credit = windowBytes;
  #taken = 0;
  #waiting: { readonly piece: Uint8Array; readonly done: (error?: Error | null) => void } | null = null;
  #isOver = false;

  constructor(line: ChannelLine) {
    super({ readableHighWaterMark: windowBytes, writableHighWaterMark: payloadBytesMax });
    this.#line = line;
  }

  /** From the node. @returns false where it sent more than it may */
  arrived(payload: Uint8Array): boolean {
    this.#taken += payload.length;
    if (this.#taken > 2 * windowBytes) return false;
    // A copy: the piece is a view of what the connection brought.
    if (this.push(Buffer.from(payload))) this.#giveBack();
    return true;
  }

  /** The node took so much. */
  credited(credit: number): void {
    this.#credit += credit;
    this.#flush();
  }

  /** The site or the node ended it. */
  ended(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (reason === "") this.push(null);
    else this.destroy(new Error(reason));
  }

  override _read(): void {
    this.#giveBack();
  }

  override _write(piece: Uint8Array, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#waiting = { piece, done };
    this.#flush();
  }

  override _final(done: (error?: Error | null) => void): void {
    // A site is told that we are done by closing: there is no half of a channel.
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isOver) this.#line.close("");
    this.#isOver = true;
    this.#waiting?.done(error);
    this.#waiting = null;
    done(error);
  }

  #flush(): void {
    while (this.#waiting !== null && this.#credit > 0 && !this.#isOver) {
      const { piece, done } = this.#waiting;
      const size = Math.min(piece.length, this.#credit, payloadBytesMax);
      this.#line.data(piece.subarray(0, size));
      this.#credit -= size;
      if (size < piece.length) {
        this.#waiting = { piece: piece.subarray(size), done };
        continue;
      }
      this.#waiting = null;
      done();
    }
  }

  #giveBack(): void {
    if (this.#taken < windowBytes / 4 || this.#isOver) return;
    this.#line.window(this.#taken);
    this.#taken = 0;
  }
}
