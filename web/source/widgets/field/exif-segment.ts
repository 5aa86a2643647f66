import { concatBytes, toUtf8 } from "../../../../src/core/bytes.ts";
import { type Exif, readExif } from "../../../../src/verification/pictures/exif.ts";
import { isExif, MalformedPicture, segmentsOf } from "../../../../src/verification/pictures/jpeg.ts";

const nothing: Exif = { localMs: null, offsetMinutes: null, satelliteMs: null, place: null };

/** Time and place as the camera wrote them into its file; nothing of what cannot be read. */
export function exifOfFile(bytes: Uint8Array): Exif {
  try {
    return readExif(segmentsOf(bytes).find(isExif)?.content ?? new Uint8Array());
  } catch (error) {
    if (error instanceof MalformedPicture) return nothing;
    throw error;
  }
}

/**
 * What goes along with a photo. Browsers and editors take out what cameras write: then the time at which the device wrote
 * the file stands for it, by the network's clock. Whoever changes either gains nothing: it can only speak against them.
 */
export const carriedExif = (written: Exif, fileMs: number, clockOffsetMs: number): Exif =>
  written.localMs !== null || written.satelliteMs !== null
    ? written
    : { ...written, localMs: Math.round(fileMs + clockOffsetMs), offsetMinutes: 0 };

/** A field of TIFF: 2 a text, 4 a whole number, 5 fractions. */
type Value = readonly [tag: number, type: 2 | 4 | 5, value: string | readonly number[]];

/**
 * A JPEG with what its camera wrote of time and place, and nothing else of it: as EXIF (CIPA DC-008), right behind the
 * start of the image.
 */
export function withExif(jpeg: Uint8Array, exif: Exif): Uint8Array {
  const content = concatBytes(toUtf8("Exif\0\0"), tiffOf(exif));
  const length = content.length + 2;
  const head = Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255]);
  return concatBytes(head, content, jpeg.subarray(2));
}

const headerBytes = 8;
const directoryBytes = (entries: number): number => 2 + 12 * entries + 4;

function tiffOf({ localMs, offsetMinutes, satelliteMs, place }: Exif): Uint8Array {
  const camera: Value[] = [];
  if (localMs !== null) camera.push([0x9003, 2, `${dayOf(localMs)} ${clockOf(localMs)}\0`]);
  if (localMs !== null && offsetMinutes !== null) camera.push([0x9011, 2, `${offsetText(offsetMinutes)}\0`]);
  const satellites: Value[] = [];
  if (place !== null) {
    satellites.push([1, 2, place.latitudeE7 < 0 ? "S\0" : "N\0"], [2, 5, angleOf(place.latitudeE7)]);
    satellites.push([3, 2, place.longitudeE7 < 0 ? "W\0" : "E\0"], [4, 5, angleOf(place.longitudeE7)]);
  }
  if (satelliteMs !== null) {
    const time = new Date(satelliteMs);
    const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].flatMap((part) => [part, 1]);
    satellites.push([7, 5, clock], [0x1d, 2, `${dayOf(satelliteMs)}\0`]);
  }
  const cameraAt = headerBytes + directoryBytes(2);
  const cameraPart = directory(camera, cameraAt);
  const satellitesAt = cameraAt + cameraPart.length;
  const main: Value[] = [
    [0x8769, 4, [cameraAt]],
    [0x8825, 4, [satellitesAt]],
  ];
  const header = Uint8Array.from([0x4d, 0x4d, 0, 42, 0, 0, 0, headerBytes]);
  return concatBytes(header, directory(main, headerBytes), cameraPart, directory(satellites, satellitesAt));
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll("-", ":");
const clockOf = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const [hours, rest] = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, "0"));
  return `${minutes < 0 ? "-" : "+"}${hours}:${rest}`;
}

/** Degrees, no minutes and no seconds: exact to what a place is written in. */
const angleOf = (e7: number): readonly number[] => [Math.abs(e7), 10_000_000, 0, 1, 0, 1];

/** Entries of twelve bytes; what does not fit into one stands behind all of them. */
function directory(values: readonly Value[], at: number): Uint8Array {
  const beyondAt = at + directoryBytes(values.length);
  const contents = values.map(([, , value]) => (typeof value === "string" ? toUtf8(value) : longsOf(value)));
  const beyond = concatBytes(...contents.filter(({ length }) => length > 4));
  const bytes = new Uint8Array(directoryBytes(values.length) + beyond.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, values.length);
  let next = beyondAt;
  for (const [i, [tag, type, value]] of values.entries()) {
    const entry = 2 + 12 * i;
    const content = contents[i] as Uint8Array;
    view.setUint16(entry, tag);
    view.setUint16(entry + 2, type);
    view.setUint32(entry + 4, typeof value === "string" ? content.length : value.length / (type === 5 ? 2 : 1));
    if (content.length <= 4) bytes.set(content, entry + 8);
    else {
      view.setUint32(entry + 8, next);
      next += content.length;
    }
  }
  bytes.set(beyond, beyondAt - at);
  return bytes;
}

function longsOf(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  for (const [i, value] of values.entries()) new DataView(bytes.buffer).setUint32(4 * i, value);
  return bytes;
}
