import { viewOf } from "./elf-object.ts";

/** Writes a small relocatable BPF object, for tests: sections, symbols and relocations as clang lays them out. */
export interface TestSection {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isCode?: boolean;
  readonly isWritable?: boolean;
  /** A section without bytes in the file, of this size. */
  readonly emptySize?: number;
}

export interface TestSymbol {
  readonly name: string;
  /** Where it is defined; left out for a system call. */
  readonly section?: string;
  readonly value?: number;
}

export interface TestRelocation {
  readonly section: string;
  readonly offset: number;
  readonly type: number;
  readonly symbol: string;
}

export interface TestObject {
  readonly sections: readonly TestSection[];
  readonly symbols: readonly TestSymbol[];
  readonly relocations?: readonly TestRelocation[];
}

interface Written {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly size?: number;
  readonly link?: number;
  readonly info?: number;
}

export function objectOf({ sections, symbols, relocations = [] }: TestObject): Uint8Array {
  const numberOf = (name: string | undefined): number =>
    name === undefined ? 0 : sections.findIndex((section) => section.name === name) + 1;
  const loaded: Written[] = sections.map(({ name, bytes, isCode = false, isWritable = false, emptySize }) => ({
    name,
    type: emptySize === undefined ? 1 : 8,
    flags: 2 + (isWritable ? 1 : 0) + (isCode ? 4 : 0),
    bytes,
    ...(emptySize === undefined ? {} : { size: emptySize }),
  }));
  const symbolNumber = loaded.length + 1;
  const symbolNames = namesOf(symbols.map(({ name }) => name));
  const written: Written[] = [
    { name: "", type: 0, flags: 0, bytes: new Uint8Array(0) },
    ...loaded,
    { name: ".symtab", type: 2, flags: 0, bytes: symbolBytes(symbols, symbolNames, numberOf), link: symbolNumber + 1 },
    { name: ".strtab", type: 3, flags: 0, bytes: symbolNames.bytes },
    ...sections.map(({ name }, i) => ({
      name: `.rel${name}`,
      type: 9,
      flags: 0,
      bytes: relocationBytes(
        relocations.filter((each) => each.section === name),
        symbols,
      ),
      link: symbolNumber,
      info: i + 1,
    })),
  ];
  return file(written);
}

function namesOf(names: readonly string[]): { bytes: Uint8Array; at: (name: string) => number } {
  const text = `\0${names.map((name) => `${name}\0`).join("")}`;
  return { bytes: Buffer.from(text), at: (name) => (name === "" ? 0 : text.indexOf(`\0${name}\0`) + 1) };
}

function symbolBytes(
  symbols: readonly TestSymbol[],
  names: { at: (name: string) => number },
  numberOf: (section: string | undefined) => number,
): Uint8Array {
  const bytes = new Uint8Array(24 * (symbols.length + 1));
  const view = viewOf(bytes);
  for (const [i, { name, section, value = 0 }] of symbols.entries()) {
    const at = 24 * (i + 1);
    view.setUint32(at, names.at(name), true);
    view.setUint16(at + 6, numberOf(section), true);
    view.setBigUint64(at + 8, BigInt(value), true);
  }
  return bytes;
}

function relocationBytes(relocations: readonly TestRelocation[], symbols: readonly TestSymbol[]): Uint8Array {
  const bytes = new Uint8Array(16 * relocations.length);
  const view = viewOf(bytes);
  for (const [i, { offset, type, symbol }] of relocations.entries()) {
    view.setBigUint64(16 * i, BigInt(offset), true);
    view.setUint32(16 * i + 8, type, true);
    view.setUint32(16 * i + 12, symbols.findIndex(({ name }) => name === symbol) + 1, true);
  }
  return bytes;
}

function file(sections: readonly Written[]): Uint8Array {
  const names = namesOf([...sections.map(({ name }) => name), ".shstrtab"]);
  const all: readonly Written[] = [...sections, { name: ".shstrtab", type: 3, flags: 0, bytes: names.bytes }];
  const bodies = Buffer.concat(all.map(({ bytes }) => bytes));
  const bytes = new Uint8Array(64 + bodies.length + 64 * all.length);
  const view = viewOf(bytes);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, 247, true);
  view.setBigUint64(40, BigInt(64 + bodies.length), true);
  view.setUint16(60, all.length, true);
  view.setUint16(62, all.length - 1, true);
  bytes.set(bodies, 64);
  let offset = 64;
  for (const [i, section] of all.entries()) {
    const at = 64 + bodies.length + 64 * i;
    const { name, type, flags, size = section.bytes.length, link = 0, info = 0 } = section;
    view.setUint32(at, names.at(name), true);
    view.setUint32(at + 4, type, true);
    view.setBigUint64(at + 8, BigInt(flags), true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
    view.setUint32(at + 40, link, true);
    view.setUint32(at + 44, info, true);
    view.setBigUint64(at + 48, 8n, true);
    offset += section.bytes.length;
  }
  return bytes;
}

/** One eight-byte instruction. */
export function instructionBytes(opcode: number, registers = 0, offset = 0, immediate = 0): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = viewOf(bytes);
  view.setUint8(0, opcode);
  view.setUint8(1, registers);
  view.setInt16(2, offset, true);
  view.setInt32(4, immediate, true);
  return bytes;
}

export const exit = instructionBytes(0x95);
export const codeOf = (...instructions: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(Buffer.concat([...instructions, exit]));
