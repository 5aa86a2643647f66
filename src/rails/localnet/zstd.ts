/** Magic number, and a header that says: one segment, its size in four bytes, no checksum, no dictionary. */
const frameHead = [0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
const blockBytesMax = 128 << 10;
const blockHeadBytes = 3;

/**
 * A Zstandard frame (RFC 8878) of blocks that are kept as they are: for clients that insist on it, as the official
 * command line does. Nothing is gained by compressing on the way to this same machine.
 */
export function zstdFrame(data: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(data.length / blockBytesMax));
  const frame = new Uint8Array(frameHead.length + 4 + blocks * blockHeadBytes + data.length);
  const view = new DataView(frame.buffer);
  frame.set(frameHead);
  view.setUint32(frameHead.length, data.length, true);
  let at = frameHead.length + 4;
  for (let block = 0; block < blocks; block++) {
    const content = data.subarray(block * blockBytesMax, (block + 1) * blockBytesMax);
    const isLast = block === blocks - 1 ? 1 : 0;
    // Kind 0 is raw.
    const head = content.length * 8 + isLast;
    frame.set([head & 255, (head >> 8) & 255, head >> 16], at);
    frame.set(content, at + blockHeadBytes);
    at += blockHeadBytes + content.length;
  }
  return frame;
}
