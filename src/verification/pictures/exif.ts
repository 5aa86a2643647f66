import { parseUtcMs } from "../../core/utc.ts";
import { isPlace } from "../places/distance.ts";
import type { Place } from "../primitives/evidence.ts";
import { refuse } from "./jpeg.ts";

/** What a camera wrote into a picture. Anybody can write it: it may speak against a submission, never for it. */
export interface Exif {
  /** By the camera's own clock, taken as if it were UTC. */
  readonly localMs: number | null;
  /** What its clock is ahead of UTC, where it says so. */
  readonly offsetMinutes: number | null;
  /** By the satellites. */
  readonly satelliteMs: number | null;
  readonly place: Place | null;
}

const noExif: Exif = { localMs: null, offsetMinutes: null, satelliteMs: null, place: null };
const signature = "Exif\0\0";
const entriesMax = 256;

/** Of the fields of TIFF: 2 a text, 3 and 4 whole numbers, 5 fractions of them. Others are not read. */
const sizes: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [7, 1],
]);

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where its values stand. */
  readonly at: number;
}

/**
 * EXIF as CIPA DC-008 has it: the time, its offset, the satellites' time and the place. Strict: what points outside of
 * the segment, or says more than there can be, is refused whole. No pointer is followed more than once.
 */
export function readExif(content: Uint8Array): Exif {
  if (textAt(content, 0, 6) !== signature) return noExif;
  const tiff = new Tiff(content.subarray(signature.length));
  const main = tiff.directory(tiff.long(4));
  const camera = tiff.pointed(main, 0x8769);
  const satellites = tiff.pointed(main, 0x8825);
  return {
    localMs: dateTimeMs(tiff.text(camera, 0x9003) ?? tiff.text(main, 0x0132)),
    offsetMinutes: offsetOf(tiff.text(camera, 0x9011) ?? tiff.text(camera, 0x9010)),
    satelliteMs: satelliteMsOf(tiff.text(satellites, 0x1d), tiff.fractions(satellites, 0x07)),
    place: placeOf(tiff, satellites),
  };
}

type Directory = ReadonlyMap<number, Entry>;
const nothing: Directory = new Map();

class Tiff {
  readonly #bytes: Uint8Array;
  readonly #isLittle: boolean;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const order = textAt(bytes, 0, 2);
    this.#isLittle = order === "II";
    if ((order !== "II" && order !== "MM") || this.short(2) !== 42) refuse("its EXIF is none");
  }

  #number(at: number, bytes: number): number {
    if (at < 0 || at + bytes > this.#bytes.length) refuse("its EXIF points outside of itself");
    let value = 0;
    for (let i = 0; i < bytes; i++)
      value = value * 256 + (this.#bytes[this.#isLittle ? at + bytes - 1 - i : at + i] as number);
    return value;
  }

  short = (at: number): number => this.#number(at, 2);
  long = (at: number): number => this.#number(at, 4);

  directory(at: number): Directory {
    const count = this.short(at);
    if (count > entriesMax) refuse("its EXIF has too many entries");
    const entries = new Map<number, Entry>();
    for (let i = 0; i < count; i++) {
      const start = at + 2 + 12 * i;
      const [tag, type, values] = [this.short(start), this.short(start + 2), this.long(start + 4)];
      const bytes = (sizes.get(type) ?? 0) * values;
      entries.set(tag, { type, count: values, at: bytes > 4 ? this.long(start + 8) : start + 8 });
    }
    return entries;
  }

  pointed(from: Directory, tag: number): Directory {
    const entry = from.get(tag);
    if (entry === undefined) return nothing;
    if (entry.type !== 4 || entry.count !== 1) return refuse("its EXIF points nowhere");
    return this.directory(this.long(entry.at));
  }

  text(from: Directory, tag: number): string | null {
    const entry = from.get(tag);
    if (entry?.type !== 2 || entry.count > 64) return null;
    this.#number(entry.at + entry.count - 1, 1);
    return textAt(this.#bytes, entry.at, entry.count).replace(/\0.*$/s, "");
  }

  /** Numerators and denominators. */
  fractions(from: Directory, tag: number): readonly (readonly [number, number])[] | null {
    const entry = from.get(tag);
    if (entry?.type !== 5 || entry.count !== 3) return null;
    const { at } = entry;
    return [0, 8, 16].map((step) => [this.long(at + step), this.long(at + step + 4)] as const);
  }
}

const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** `2026:11:21 18:30:05`, as milliseconds; null for cameras without a clock, which write zeros or spaces. */
function dateTimeMs(text: string | null): number | null {
  const match = text === null ? null : /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text);
  return match === null ? null : parseUtcMs(`${match[1]}-${match[2]}-${match[3]}T${match[4]}.000Z`);
}

function offsetOf(text: string | null): number | null {
  const match = text === null ? null : /^([+-])(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return minutes > 14 * 60 ? null : (match[1] === "-" ? -1 : 1) * minutes;
}

type Fractions = readonly (readonly [number, number])[];

function satelliteMsOf(date: string | null, time: Fractions | null): number | null {
  const day = date === null ? null : dateTimeMs(`${date} 00:00:00`);
  const sinceMidnight = time === null ? null : sixtiethsOf(time, 3_600_000);
  if (day === null || sinceMidnight === null || sinceMidnight >= 86_400_000) return null;
  return day + sinceMidnight;
}

/** Three fractions, each a sixtieth of the one before, in units of which the first has so many; rounded down. */
function sixtiethsOf(fractions: Fractions, unitsOfFirst: number): number | null {
  let sum = 0;
  let units = unitsOfFirst;
  for (const [above, below] of fractions) {
    if (below === 0) return null;
    sum += (above / below) * units;
    units /= 60;
  }
  return sum <= 360 * unitsOfFirst ? Math.floor(sum) : null;
}

const degreeE7 = 10_000_000;

function placeOf(tiff: Tiff, satellites: Directory): Place | null {
  const angle = (sign: number, value: number, negative: string): number | null => {
    const fractions = tiff.fractions(satellites, value);
    const size = fractions === null ? null : sixtiethsOf(fractions, degreeE7);
    return size === null || size === 0 ? size : tiff.text(satellites, sign) === negative ? -size : size;
  };
  const latitudeE7 = angle(1, 2, "S");
  const longitudeE7 = angle(3, 4, "W");
  if (latitudeE7 === null || longitudeE7 === null) return null;
  const place = { latitudeE7, longitudeE7 };
  return isPlace(place) ? place : refuse("its EXIF has a place that is none");
}
