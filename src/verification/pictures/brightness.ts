import { endOfImage, refuse, type Segment, segmentsOf, startOfScan } from "./jpeg.ts";

/** How bright a picture is, in squares of eight by eight pixels: the mean of each, in units of 1/8. */
export interface Brightness {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** Row by row. */
  readonly means: Int32Array;
}

/** A picture has at most so many pixels in a row, and so many rows. */
const sideMax = 4_096;

interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  readonly quantiser: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
}

/** A Huffman code as annex F reads it: the least code of each length, and where its values begin. */
interface Code {
  readonly values: Uint8Array;
  readonly least: readonly number[];
  readonly most: readonly number[];
  readonly first: readonly number[];
}

/**
 * The means of a baseline JPEG's squares, from its own numbers: the mean of a square is its first coefficient, so that
 * nothing has to be transformed and nothing is rounded. Other JPEGs (progressive, arithmetic, of 12 bits) are refused.
 */
export function brightnessOf(bytes: Uint8Array): Brightness {
  const segments = segmentsOf(bytes);
  const frame = frameOf(segments);
  const scan = scanOf(segments, frame);
  const data = bytes.subarray((segments.at(-1) as Segment).end);
  return decode(new Bits(data), frame, scan, quantisersOf(segments));
}

function frameOf(segments: readonly Segment[]): Frame {
  const frames = segments.filter(({ marker }) => isFrame(marker));
  const [frame] = frames;
  if (frame === undefined || frames.length > 1 || frame.marker !== 0xc0) return refuse("it is no baseline JPEG");
  const { content } = frame;
  const [precision, , , , , count] = content;
  const [height, width] = [wordAt(content, 1), wordAt(content, 3)];
  if (precision !== 8 || (count !== 1 && count !== 3) || content.length !== 6 + 3 * count)
    return refuse("it has other colours than grey or three of 8 bits");
  if (!(width >= 1 && width <= sideMax && height >= 1 && height <= sideMax))
    return refuse(`it has ${width} times ${height} pixels`);
  const components = Array.from({ length: count }, (_, i): Component => {
    const [id, sampling, quantiser] = content.subarray(6 + 3 * i) as unknown as [number, number, number];
    return { id, across: sampling >> 4, down: sampling & 15, quantiser };
  });
  return { width, height, components: components.map((each) => checkSampling(each, components)) };
}

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** The first component is brightness, and in full: that is how cameras and browsers write. */
function checkSampling(each: Component, components: readonly Component[]): Component {
  const [first] = components as [Component, ...Component[]];
  const { across, down } = each;
  if (across < 1 || across > 2 || down < 1 || down > 2 || across > first.across || down > first.down)
    return refuse("its brightness is not in full");
  return components.length === 1 ? { ...each, across: 1, down: 1 } : each;
}

const wordAt = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

/** The first number of each table: what the first coefficient of a square is to be multiplied with. */
function quantisersOf(segments: readonly Segment[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { marker, content } of segments) {
    if (marker !== 0xdb) continue;
    for (let at = 0; at < content.length; at += 65) {
      if ((content[at] as number) > 3 || at + 65 > content.length) refuse("its tables are none");
      found.set(content[at] as number, content[at + 1] as number);
    }
  }
  return found;
}

interface Scan {
  readonly codes: readonly { readonly first: Code; readonly others: Code }[];
  /** So many units lie between two restart markers; 0 where there are none. */
  readonly interval: number;
}

function scanOf(segments: readonly Segment[], { components }: Frame): Scan {
  const codes = new Map<number, Code>();
  let interval = 0;
  for (const { marker, content } of segments) {
    if (marker === 0xc4) readCodes(content, codes);
    if (marker === 0xdd) interval = content.length === 2 ? wordAt(content, 0) : refuse("its restart interval is none");
  }
  const { content } = segments.find(({ marker }) => marker === startOfScan) as Segment;
  const count = components.length;
  if (content[0] !== count || content.length !== 4 + 2 * count) return refuse("it is not in one scan");
  const codesOf = components.map(({ id }, i) => {
    const [given, tables] = [content[1 + 2 * i], content[2 + 2 * i] as number];
    const [first, others] = [codes.get(tables >> 4), codes.get(0x10 | (tables & 15))];
    if (given !== id || first === undefined || others === undefined) return refuse("its codes are missing");
    return { first, others };
  });
  return { codes: codesOf, interval };
}

function readCodes(content: Uint8Array, codes: Map<number, Code>): void {
  let at = 0;
  while (at < content.length) {
    const lengths = content.subarray(at + 1, at + 17);
    const count = lengths.reduce((sum, each) => sum + each, 0);
    const end = at + 17 + count;
    if (((content[at] as number) & 0xee) !== 0 || lengths.length < 16 || count > 256 || end > content.length)
      refuse("its codes are none");
    codes.set(content[at] as number, codeOf(lengths, content.subarray(at + 17, end)));
    at = end;
  }
}

function codeOf(lengths: Uint8Array, values: Uint8Array): Code {
  const least: number[] = [];
  const most: number[] = [];
  const first: number[] = [];
  let [code, index] = [0, 0];
  for (const [i, count] of lengths.entries()) {
    least.push(code);
    first.push(index);
    most.push(code + count - 1);
    code += count;
    index += count;
    if (code > 1 << (i + 1)) refuse("its codes are none");
    code <<= 1;
  }
  return { values, least, most, first };
}

/** The bits of a scan, without the zeros that keep its bytes from being markers. */
class Bits {
  readonly #data: Uint8Array;
  #at = 0;
  #byte = 0;
  #left = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  #bit(): number {
    if (this.#left === 0) {
      const byte = this.#data[this.#at];
      if (byte === undefined) return refuse("it ends too soon");
      if (byte === 0xff && this.#data[this.#at + 1] !== 0) return refuse("its picture ends too soon");
      this.#at += byte === 0xff ? 2 : 1;
      this.#byte = byte;
      this.#left = 8;
    }
    this.#left--;
    return (this.#byte >> this.#left) & 1;
  }

  value({ values, least, most, first }: Code): number {
    let code = 0;
    for (let i = 0; i < 16; i++) {
      code = (code << 1) | this.#bit();
      if (code <= (most[i] as number)) return values[(first[i] as number) + code - (least[i] as number)] as number;
    }
    return refuse("it has a code that is none");
  }

  /** A number of so many bits; below half of what they can say it stands for a negative one. */
  number(bits: number): number {
    if (bits > 11) refuse("it has a number that is too large");
    let value = 0;
    for (let i = 0; i < bits; i++) value = (value << 1) | this.#bit();
    return bits > 0 && value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
  }

  skip(bits: number): void {
    for (let i = 0; i < bits; i++) this.#bit();
  }

  /** Past a marker, which begins with a byte. */
  marker(): number {
    this.#left = 0;
    const [first, second] = [this.#data[this.#at], this.#data[this.#at + 1]];
    if (first !== 0xff || second === undefined) return refuse("it ends too soon");
    this.#at += 2;
    return second;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#data.length;
  }
}

function decode(bits: Bits, frame: Frame, scan: Scan, quantisers: ReadonlyMap<number, number>): Brightness {
  const { width, height, components } = frame;
  const [first] = components as [Component, ...Component[]];
  const quantiser = quantisers.get(first.quantiser) ?? refuse("its tables are missing");
  const [columns, rows] = [Math.ceil(width / 8), Math.ceil(height / 8)];
  const [unitColumns, unitRows] = [Math.ceil(columns / first.across), Math.ceil(rows / first.down)];
  const means = new Int32Array(columns * rows);
  const before = components.map(() => 0);
  for (let unit = 0; unit < unitColumns * unitRows; unit++) {
    if (scan.interval > 0 && unit > 0 && unit % scan.interval === 0) {
      if (bits.marker() !== 0xd0 + ((unit / scan.interval - 1) % 8)) refuse("a restart marker is missing");
      before.fill(0);
    }
    for (const [c, { across, down }] of components.entries()) {
      for (let part = 0; part < across * down; part++) {
        before[c] = (before[c] as number) + square(bits, scan.codes[c] as Scan["codes"][number]);
        if (c > 0) continue;
        const column = (unit % unitColumns) * across + (part % across);
        const row = Math.floor(unit / unitColumns) * down + Math.floor(part / across);
        // 128 is what is taken from each pixel before it is written.
        if (column < columns && row < rows) means[row * columns + column] = (before[0] as number) * quantiser + 1_024;
      }
    }
  }
  if (bits.marker() !== endOfImage || !bits.isAtEnd) refuse("it goes on behind its end");
  return { width, height, columns, rows, means };
}

/** By how much the first coefficient of a square differs from that of the square before; the others are passed over. */
function square(bits: Bits, { first, others }: Scan["codes"][number]): number {
  const difference = bits.number(bits.value(first));
  for (let i = 1; i < 64; i++) {
    const symbol = bits.value(others);
    const [zeros, size] = [symbol >> 4, symbol & 15];
    if (size === 0 && zeros !== 15) break;
    i += zeros;
    if (i > 63) refuse("it has more coefficients than a square has");
    bits.skip(size);
  }
  return difference;
}
