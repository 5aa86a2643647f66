/** The values of a row in the columns that are wanted: bytes of UTF-8 without spaces around them. */
export interface Row {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  /** Exclusive. */
  readonly ends: Int32Array;
}

export const textOf = ({ bytes, starts, ends }: Row, column: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8", starts[column], ends[column]);

export function rowOfTexts(texts: readonly string[]): Row {
  const pieces = texts.map((text) => Buffer.from(text, "utf8"));
  const ends = new Int32Array(texts.length);
  for (let k = 0, end = 0; k < pieces.length; k++) ends[k] = end += (pieces[k] as Buffer).length;
  return { bytes: Buffer.concat(pieces), starts: ends.map((end, k) => end - (pieces[k] as Buffer).length), ends };
}
