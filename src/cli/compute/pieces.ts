import { fromUtf8, joinBytes, toUtf8 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";

/** What fits into the content of a task, with room for what stands around it there. */
export const pieceBytesMax = 131_072;

/** How an input is cut into pieces, and how results are put together again. */
export interface Pieces {
  readonly split: (input: Uint8Array) => readonly Uint8Array[];
  /** Several results as one input of the program that reduces them. */
  readonly join: (results: readonly Uint8Array[]) => Uint8Array;
  /** All results as one file. */
  readonly whole: (results: readonly Uint8Array[]) => Uint8Array;
}

const newline = 0x0a;

/** A piece a line, a result a line. */
export const lines: Pieces = {
  split: (input) => {
    const texts = fromUtf8(input)
      .split("\n")
      .map((line) => line.replace(/\r$/, ""));
    if (texts.at(-1) === "") texts.pop();
    return texts.map(toUtf8).map(checked);
  },
  join: (results) =>
    joinBytes(results.flatMap((each, i) => [...(i === 0 ? [] : [Uint8Array.of(newline)]), oneLine(each)])),
  whole: (results) => joinBytes(results.flatMap((each) => [each, Uint8Array.of(newline)])),
};

function oneLine(result: Uint8Array): Uint8Array {
  if (!result.includes(newline)) return result;
  throw earnestError("MALFORMED_COMMAND", {
    problem: "a result has several lines, so that nobody could tell results apart: use --piece-bytes with --reduce",
  });
}

/** Pieces of so many bytes; results to be reduced have their lengths before them, in four bytes, the lowest first. */
export const chunks = (bytes: number): Pieces => ({
  split: (input) =>
    Array.from({ length: Math.ceil(input.length / bytes) }, (_, i) => input.slice(i * bytes, (i + 1) * bytes)),
  join: (results) => joinBytes(results.flatMap((each) => [lengthOf(each), each])),
  whole: joinBytes,
});

function lengthOf({ length }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}

function checked(piece: Uint8Array, i: number): Uint8Array {
  if (piece.length <= pieceBytesMax) return piece;
  throw earnestError("MALFORMED_COMMAND", { problem: `line ${i + 1} has more than ${pieceBytesMax} bytes` });
}

const groupMax = 256;

/**
 * Results in their order, as the inputs of one round of reductions: as many in each as fit.
 *
 * @throws MALFORMED_COMMAND where nothing gets less
 */
export function grouped({ join }: Pieces, results: readonly Uint8Array[], bytesMax = pieceBytesMax): Uint8Array[] {
  const groups: Uint8Array[][] = [];
  let bytes = 0;
  for (const each of results) {
    const group = groups.at(-1);
    bytes += each.length + 4;
    if (group === undefined || group.length >= groupMax || bytes > bytesMax) {
      groups.push([each]);
      bytes = each.length + 4;
    } else group.push(each);
  }
  if (groups.length === results.length && results.length > 1) {
    throw earnestError("MALFORMED_COMMAND", {
      problem: `no two results fit into ${bytesMax} bytes: they cannot be reduced`,
    });
  }
  return groups.map(join);
}
