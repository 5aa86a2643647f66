import { fromBase64 } from "../../../src/core/bytes.ts";

/**
 * A stranger's photograph, as bytes that come with the task: nothing is ever loaded from elsewhere. Only what browsers
 * show as pixels gets through, by its first bytes and not by its name, and only of a size that does not eat the memory.
 */
export interface SafeImage {
  readonly type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

const charactersMax = 400_000;
/** Decoded, a pixel takes four bytes; a phone has to bear several pictures. */
const pixelsMax = 16_000_000;

export const isImageAddress = (text: string): boolean => /^data:image\/(?:png|jpeg|gif|webp);base64,/.test(text);

/** Null where it is no image that can be shown. */
export function safeImage(address: string): SafeImage | null {
  if (!isImageAddress(address) || address.length > charactersMax) return null;
  const bytes = decoded(address.slice(address.indexOf(",") + 1));
  const found = bytes === null ? null : (png(bytes) ?? jpeg(bytes) ?? gif(bytes) ?? webp(bytes));
  if (found === null || found.width < 1 || found.height < 1) return null;
  return found.width * found.height > pixelsMax ? null : found;
}

function decoded(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(fromBase64(text));
  } catch {
    return null;
  }
}

type Bytes = Uint8Array<ArrayBuffer>;
const hasText = (bytes: Bytes, at: number, text: string): boolean =>
  Array.from(text).every((character, i) => bytes[at + i] === character.charCodeAt(0));
const viewOf = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function png(bytes: Bytes): SafeImage | null {
  if (bytes.length < 24 || bytes[0] !== 0x89 || !hasText(bytes, 1, "PNG") || !hasText(bytes, 12, "IHDR")) return null;
  return { type: "image/png", bytes, width: viewOf(bytes).getUint32(16), height: viewOf(bytes).getUint32(20) };
}

function gif(bytes: Bytes): SafeImage | null {
  if (bytes.length < 10 || !hasText(bytes, 0, "GIF8")) return null;
  const view = viewOf(bytes);
  return { type: "image/gif", bytes, width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** The size stands in the first segment of a frame. */
function jpeg(bytes: Bytes): SafeImage | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const view = viewOf(bytes);
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: "image/jpeg", bytes, width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function webp(bytes: Bytes): SafeImage | null {
  if (bytes.length < 30 || !hasText(bytes, 0, "RIFF") || !hasText(bytes, 8, "WEBP")) return null;
  const view = viewOf(bytes);
  const image = (width: number, height: number): SafeImage => ({ type: "image/webp", bytes, width, height });
  if (hasText(bytes, 12, "VP8 ")) return image(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  if (hasText(bytes, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return image((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  const three = (at: number): number => view.getUint16(at, true) + ((bytes[at + 2] as number) << 16) + 1;
  return hasText(bytes, 12, "VP8X") ? image(three(24), three(27)) : null;
}
