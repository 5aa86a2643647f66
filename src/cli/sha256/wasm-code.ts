/**
 * A few words of WebAssembly's binary format (its specification 2.0, section 5), as far as hashing takes them. Code is a
 * list of bytes; what it computes stands on the stack, operands first.
 */
export type Code = readonly number[];

export const join = (...parts: readonly Code[]): Code => parts.flat();

export const repeat = (times: number, part: (i: number) => Code): Code =>
  join(...Array.from({ length: times }, (_, i) => part(i)));

/** LEB128 of a number from 0 to 2^31 − 1. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a number whose sign may be looked at: one more byte where its last one would look negative. */
function signed(value: number): Code {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}

const vector = (items: readonly Code[]): Code => join(unsigned(items.length), ...items);
const sized = (code: Code): Code => join(unsigned(code.length), code);

/** Of type i32 but where its name says v128. */
export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number): Code => [0x21, ...unsigned(index)],
  tee: (index: number): Code => [0x22, ...unsigned(index)],
} as const;

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a],
  subtract: [0x6b],
  shiftLeft: [0x74],
  isLess: [0x48],
} as const;

const simd = (number: number, ...rest: Code): Code => [0xfd, ...unsigned(number), ...rest];
/** Anywhere in memory: 2^0 is all that an address is promised to be a multiple of. */
const place = (offset: number): Code => [0, ...unsigned(offset)];

/** Four 32-bit words side by side: what is done is done to each of them. */
export const words = {
  load: (offset: number): Code => simd(0x00, ...place(offset)),
  store: (offset: number): Code => simd(0x0b, ...place(offset)),
  /** One word from memory, four times. */
  loadOne: (offset: number): Code => simd(0x09, ...place(offset)),
  add: simd(0xae),
  xor: simd(0x51),
  or: simd(0x50),
  /** Bits of the first operand where the third has ones, of the second elsewhere. */
  select: simd(0x52),
  shiftLeft: (bits: number): Code => join(i32.constant(bits), simd(0xab)),
  shiftRight: (bits: number): Code => join(i32.constant(bits), simd(0xad)),
  /** Sixteen bytes of two operands, the first one's numbered from 0, the second one's from 16. */
  shuffle: (bytes: readonly number[]): Code => simd(0x0d, ...bytes),
} as const;

/** Again from the beginning as long as what the body leaves on the stack is not 0. */
export const loop = (body: Code): Code => join([0x03, 0x40], body, [0x0d, 0x00, 0x0b]);

export interface Program {
  readonly name: string;
  readonly parameters: number;
  /** Further locals: their numbers follow on those of the parameters, those of 128 bits last. */
  readonly locals: { readonly i32: number; readonly v128: number };
  readonly body: Code;
  /** What memory, a page of 64 KiB, begins with. */
  readonly data: Uint8Array;
}

/** A module of one function without a result, and of its memory, which it exports as `memory`. */
export function moduleOf({ name, parameters, locals, body, data }: Program): Uint8Array<ArrayBuffer> {
  const [type32, type128] = [0x7f, 0x7b];
  const section = (number: number, ...items: readonly Code[]): Code => [number, ...sized(vector(items))];
  const text = (value: string): Code => sized([...Buffer.from(value)]);
  const declared = vector([
    [...unsigned(locals.i32), type32],
    [...unsigned(locals.v128), type128],
  ]);
  return Uint8Array.from(
    join(
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      section(1, join([0x60], vector(Array.from({ length: parameters }, () => [type32])), [0x00])),
      section(3, [0x00]),
      section(5, [0x00, 0x01]),
      section(7, join(text("memory"), [0x02, 0x00]), join(text(name), [0x00, 0x00])),
      section(10, sized(join(declared, body, [0x0b]))),
      section(11, join([0x00], i32.constant(0), [0x0b], sized([...data]))),
    ),
  );
}
