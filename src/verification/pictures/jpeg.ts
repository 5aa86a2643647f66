/** What of a JPEG file is wrong; thrown here, and made a value by `readPicture`. */
export class MalformedPicture extends Error {}

export const refuse = (problem: string): never => {
  throw new MalformedPicture(problem);
};

/** A stretch of a file between its first marker and its picture data. */
export interface Segment {
  /** The second byte of its marker. */
  readonly marker: number;
  readonly start: number;
  /** What it holds, without marker and length. */
  readonly content: Uint8Array;
  readonly end: number;
}

const startOfImage = 0xd8;
export const endOfImage = 0xd9;
export const startOfScan = 0xda;
const segmentsMax = 64;

/** The segments of a JPEG file (ITU-T T.81, annex B) up to the scan, which is the last of them. */
export function segmentsOf(bytes: Uint8Array): readonly Segment[] {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) refuse("it is no JPEG");
  const segments: Segment[] = [];
  let at = 2;
  while (segments.length < segmentsMax) {
    const marker = bytes[at + 1] ?? 0;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const end = at + 2 + length;
    if (bytes[at] !== 0xff || marker < 0xc0 || marker === startOfImage || marker === endOfImage)
      refuse("its segments do not follow each other");
    if (length < 2 || end > bytes.length) refuse("it ends too soon");
    segments.push({ marker, start: at, content: bytes.subarray(at + 4, end), end });
    if (marker === startOfScan) return segments;
    at = end;
  }
  return refuse(`it has more than ${segmentsMax} segments`);
}

/** Where application data stands: EXIF, thumbnails, profiles, comments. */
export const isAside = ({ marker }: Segment): boolean => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;

export const isExif = ({ marker, content }: Segment): boolean =>
  marker === 0xe1 && String.fromCharCode(...content.subarray(0, 4)) === "Exif";
