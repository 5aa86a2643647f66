/** In UTF-16 units; a piece is at least as long, but for the last. */
const lengthMin = 131_072;

/**
 * Texts of an answer, joined into long pieces: each is a write, and a chunk of HTTP. A client of Node whose reader pauses after
 * each chunk (undici 6 does) takes up to 64 KiB more from its socket each time, and copies all that lies there: of chunks
 * shorter than that a slow reader would come to hold the whole answer, and take time by its square.
 */
export async function* joined(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = "";
  for await (const text of texts) {
    piece += text;
    if (piece.length < lengthMin) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
