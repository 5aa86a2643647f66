import { concatBytes, toHex } from "../../core/bytes.ts";
import type { Hash } from "../../core/hash.ts";
import type { Picture } from "../primitives/evidence.ts";
import { brightnessOf } from "./brightness.ts";
import { readExif } from "./exif.ts";
import { isAside, isExif, MalformedPicture, type Segment, segmentsOf } from "./jpeg.ts";
import { likenessOf } from "./likeness.ts";

/** A picture as it stands in a submission: small enough for the log, with what the camera wrote into the original. */
export const pictureBytesMax = 32_768;

/** What a verdict looks at of a picture, or what is wrong with it. */
export function readPicture(hash: Hash, bytes: Uint8Array): Picture | { readonly problem: string } {
  if (bytes.length > pictureBytesMax) return { problem: `it has more than ${pictureBytesMax} bytes` };
  try {
    const brightness = brightnessOf(bytes);
    const { width, height } = brightness;
    const exif = readExif(segmentsOf(bytes).find(isExif)?.content ?? new Uint8Array());
    return { digest: toHex(hash(bytes)), width, height, likeness: likenessOf(brightness), ...exif };
  } catch (error) {
    if (error instanceof MalformedPicture) return { problem: error.message };
    throw error;
  }
}

/**
 * The same picture without anything that the camera or a program wrote beside it: place, times, thumbnails, comments.
 * Null where it is no JPEG.
 */
export function withoutAside(bytes: Uint8Array): Uint8Array | null {
  try {
    const segments = segmentsOf(bytes);
    const kept = segments.filter((each) => !isAside(each)).map(({ start, end }) => bytes.subarray(start, end));
    return concatBytes(bytes.subarray(0, 2), ...kept, bytes.subarray((segments.at(-1) as Segment).end));
  } catch (error) {
    if (error instanceof MalformedPicture) return null;
    throw error;
  }
}
