/** What follows an instruction's code. */
export type Immediate =
  | "none"
  | "block"
  | "label"
  | "labels"
  | "function"
  | "indirect"
  | "index"
  | "memory"
  | "number"
  | "f32"
  | "f64"
  | "types"
  | "twoIndexes";

export interface Instruction {
  readonly immediate: Immediate;
  /** Operands taken and given; those of blocks, calls and branches are found where they are metered. */
  readonly pops: number;
  readonly pushes: number;
  /** The type of a result that may be a NaN, whose bits the specification leaves open. */
  readonly nan: "f32" | "f64" | null;
}

export const code = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32GtU: 0x4b,
  i64LtS: 0x53,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Or: 0x72,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  extended: 0xfc,
  memoryInit: 0xfc08,
  dataDrop: 0xfc09,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
} as const;

export const valueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;
export const noResult = 0x40;

type Row = readonly [first: number, last: number, Immediate, pops: number, pushes: number, nan?: "f32" | "f64"];

/**
 * WebAssembly 1.0 with sign extension, saturating conversions, bulk memory and several results. Not here, and therefore
 * refused: references, tail calls, SIMD (relaxed or not), threads, exceptions, garbage collection: none of them is needed
 * to compute, and each is a way to differ between machines, to spend without being seen, or to lean on the host.
 */
const rows: readonly Row[] = [
  [0x00, 0x01, "none", 0, 0],
  [0x02, 0x04, "block", 0, 0],
  [0x05, 0x05, "none", 0, 0],
  [0x0b, 0x0b, "none", 0, 0],
  [0x0c, 0x0d, "label", 0, 0],
  [0x0e, 0x0e, "labels", 0, 0],
  [0x0f, 0x0f, "none", 0, 0],
  [0x10, 0x10, "function", 0, 0],
  [0x11, 0x11, "indirect", 0, 0],
  [0x1a, 0x1a, "none", 1, 0],
  [0x1b, 0x1b, "none", 3, 1],
  [0x1c, 0x1c, "types", 3, 1],
  [0x20, 0x20, "index", 0, 1],
  [0x21, 0x21, "index", 1, 0],
  [0x22, 0x22, "index", 1, 1],
  [0x23, 0x23, "index", 0, 1],
  [0x24, 0x24, "index", 1, 0],
  [0x28, 0x35, "memory", 1, 1],
  [0x36, 0x3e, "memory", 2, 0],
  [0x3f, 0x3f, "index", 0, 1],
  [0x40, 0x40, "index", 1, 1],
  [0x41, 0x42, "number", 0, 1],
  [0x43, 0x43, "f32", 0, 1],
  [0x44, 0x44, "f64", 0, 1],
  [0x45, 0x45, "none", 1, 1],
  [0x46, 0x4f, "none", 2, 1],
  [0x50, 0x50, "none", 1, 1],
  [0x51, 0x66, "none", 2, 1],
  [0x67, 0x69, "none", 1, 1],
  [0x6a, 0x78, "none", 2, 1],
  [0x79, 0x7b, "none", 1, 1],
  [0x7c, 0x8a, "none", 2, 1],
  [0x8b, 0x8c, "none", 1, 1],
  [0x8d, 0x91, "none", 1, 1, "f32"],
  [0x92, 0x97, "none", 2, 1, "f32"],
  [0x98, 0x98, "none", 2, 1],
  [0x99, 0x9a, "none", 1, 1],
  [0x9b, 0x9f, "none", 1, 1, "f64"],
  [0xa0, 0xa5, "none", 2, 1, "f64"],
  [0xa6, 0xa6, "none", 2, 1],
  [0xa7, 0xb5, "none", 1, 1],
  [0xb6, 0xb6, "none", 1, 1, "f32"],
  [0xb7, 0xba, "none", 1, 1],
  [0xbb, 0xbb, "none", 1, 1, "f64"],
  [0xbc, 0xc4, "none", 1, 1],
  [0xfc00, 0xfc07, "none", 1, 1],
  [0xfc08, 0xfc08, "twoIndexes", 3, 0],
  [0xfc09, 0xfc09, "index", 0, 0],
  [0xfc0a, 0xfc0a, "twoIndexes", 3, 0],
  [0xfc0b, 0xfc0b, "index", 3, 0],
];

/** By code; those after the prefix 0xfc stand at 0xfc00. */
export const instructions: ReadonlyMap<number, Instruction> = new Map(
  rows.flatMap(([first, last, immediate, pops, pushes, nan]) =>
    Array.from(
      { length: last - first + 1 },
      (_, i) => [first + i, { immediate, pops, pushes, nan: nan ?? null }] as const,
    ),
  ),
);
