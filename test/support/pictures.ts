import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Pictures drawn by a program, small enough for a submission. */
export const pictureOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, `../data/pictures/${name}.jpg`)));

export interface CameraFacts {
  /** `2026:11:21 18:30:05`. */
  readonly taken?: string;
  readonly offset?: string;
  /** `2026:11:21`, and hours, minutes and seconds. */
  readonly satellites?: readonly [string, number, number, number];
  readonly place?: { readonly latitudeE7: number; readonly longitudeE7: number };
}

type Value = readonly [tag: number, type: 2 | 4 | 5, value: string | readonly number[]];

/** A picture with EXIF in it, as cameras write it: big-endian TIFF right behind the start of the image. */
export function taggedPicture(jpeg: Uint8Array, facts: CameraFacts): Uint8Array {
  const exif = exifOf(facts);
  const length = exif.length + 2;
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255, ...exif, ...jpeg.subarray(2)]);
}

export function exifOf({ taken, offset, satellites, place }: CameraFacts): number[] {
  const camera: Value[] = [];
  if (taken !== undefined) camera.push([0x9003, 2, `${taken}\0`]);
  if (offset !== undefined) camera.push([0x9011, 2, `${offset}\0`]);
  const gps: Value[] = [];
  if (place !== undefined) {
    gps.push([1, 2, place.latitudeE7 < 0 ? "S\0" : "N\0"], [2, 5, degrees(place.latitudeE7)]);
    gps.push([3, 2, place.longitudeE7 < 0 ? "W\0" : "E\0"], [4, 5, degrees(place.longitudeE7)]);
  }
  if (satellites !== undefined) {
    const [day, hours, minutes, seconds] = satellites;
    gps.push([7, 5, [hours, 1, minutes, 1, seconds, 1]], [0x1d, 2, `${day}\0`]);
  }
  const cameraAt = 8 + 2 + 2 * 12 + 4;
  const cameraBytes = directory(camera, cameraAt);
  const gpsAt = cameraAt + cameraBytes.length;
  const main = directory(
    [
      [0x8769, 4, [cameraAt]],
      [0x8825, 4, [gpsAt]],
    ],
    8,
  );
  const tiff = [...ascii("MM"), 0, 42, ...long(8), ...main, ...cameraBytes, ...directory(gps, gpsAt)];
  return [...ascii("Exif"), 0, 0, ...tiff];
}

const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
const short = (value: number): number[] => [value >> 8, value & 255];
const long = (value: number): number[] => [...short(Math.floor(value / 65_536)), ...short(value % 65_536)];
const degrees = (e7: number): number[] => [Math.abs(e7), 10_000_000, 0, 1, 0, 1];

function directory(values: readonly Value[], at: number): number[] {
  const entries: number[] = [];
  const beyond: number[] = [];
  const start = at + 2 + 12 * values.length + 4;
  for (const [tag, type, value] of values) {
    const bytes = typeof value === "string" ? ascii(value) : value.flatMap(long);
    const count = typeof value === "string" ? bytes.length : value.length / (type === 5 ? 2 : 1);
    entries.push(...short(tag), ...short(type), ...long(count));
    if (bytes.length <= 4) entries.push(...bytes, ...Array.from({ length: 4 - bytes.length }, () => 0));
    else {
      entries.push(...long(start + beyond.length));
      beyond.push(...bytes);
    }
  }
  return [...short(values.length), ...entries, ...long(0), ...beyond];
}
