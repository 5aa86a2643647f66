import { isUtf8 } from "node:buffer";
import { earnestError } from "../../core/errors.ts";

/**
 * Passes bytes through and refuses the first that are not UTF-8, so that no parser behind quietly replaces them. A
 * character that a chunk cuts is held back until the rest of it comes.
 */
export async function* checkedUtf8(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of source) {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = held.length === 0 ? view : Buffer.concat([held, view]);
    const whole = bytes.length - cutLength(bytes);
    const passed = bytes.subarray(0, whole);
    if (!isUtf8(passed)) throw notUtf8(offset, passed);
    held = Buffer.from(bytes.subarray(whole));
    offset += whole;
    if (passed.length > 0) yield passed;
  }
  if (held.length > 0) throw notUtf8(offset, held);
}

function notUtf8(offset: number, bytes: Buffer): Error {
  const at = offset + firstBad(bytes);
  return earnestError("MALFORMED_REQUEST", { where: "body", problem: `is not valid UTF-8 near byte ${at}` });
}

/** By bisection: a prefix that ends between two characters is valid exactly where everything in it is. */
function firstBad(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, middle - cutLength(prefix)))) good = middle;
    else bad = middle;
  }
  return good;
}

/** How many bytes at the end belong to a character that is not complete. */
function cutLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthFrom(byte) > back ? back : 0;
  }
  return 0;
}

/** RFC 3629: 0xc0, 0xc1 and everything from 0xf5 on begin no character. */
function lengthFrom(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}
