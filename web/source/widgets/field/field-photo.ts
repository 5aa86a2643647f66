import { sha256 } from "../../../../src/client/sha256.ts";
import { toHex } from "../../../../src/core/bytes.ts";
import { addressOf, type Photo, smallJpeg } from "../report/photo.ts";
import { carriedExif, exifOfFile, withExif } from "./exif-segment.ts";

/**
 * A photo for markets that look at time and place: small enough to be sent, as new pixels, with time and place as the
 * camera wrote them and nothing else of it. Its digest is the original file's. Null where it cannot be read.
 */
export async function prepareFieldPhoto(file: File, clockOffsetMs: number): Promise<Photo | null> {
  const jpeg = await smallJpeg(file);
  if (jpeg === null) return null;
  const original = new Uint8Array(await file.arrayBuffer());
  const exif = carriedExif(exifOfFile(original), file.lastModified, clockOffsetMs);
  return { address: addressOf(withExif(jpeg, exif)), digest: toHex(sha256(original)) };
}
