/**
 * A relocatable ELF object (System V ABI, chapters 4 and 5) for machine 247, BPF: what `clang -c` writes. All numbers
 * are 64-bit little-endian.
 */
export interface Section {
  readonly name: string;
  readonly type: number;
  readonly isLoaded: boolean;
  readonly isWritable: boolean;
  readonly isCode: boolean;
  readonly alignment: number;
  readonly size: number;
  /** Empty for a section that has a size but no bytes in the file (.bss). */
  readonly bytes: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  /** Undefined where the symbol is defined elsewhere: a system call. */
  readonly section: Section | undefined;
  readonly value: number;
}

export interface Relocation {
  /** The section whose bytes are to be changed, and where in it. */
  readonly target: Section;
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbol;
}

export interface ElfObject {
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly Relocation[];
}

export const machineBpf = 247;
export const sectionType = { symbols: 2, relocationsWithAddend: 4, withoutBytes: 8, relocations: 9 } as const;
const flag = { writable: 1, loaded: 2, code: 4 } as const;
const relocatable = 1;

interface RawSection extends Section {
  readonly link: number;
  readonly info: number;
}

export function readObject(bytes: Uint8Array): ElfObject {
  const view = viewOf(bytes);
  if (bytes.length < 64 || view.getUint32(0) !== 0x7f454c46) throw new Error("this is no ELF file");
  if (bytes[4] !== 2 || bytes[5] !== 1) throw new Error("the object is not 64-bit little-endian");
  const [type, machine] = [view.getUint16(16, true), view.getUint16(18, true)];
  if (type !== relocatable || machine !== machineBpf) {
    throw new Error(`this is no relocatable BPF object (type ${type}, machine ${machine})`);
  }
  const sections = readSections(bytes);
  const table = sections.find((section) => section.type === sectionType.symbols);
  if (table === undefined) throw new Error("the object has no symbols");
  const symbols = readSymbols(table, sections);
  const relocations = sections.flatMap((section) => readRelocations(section, sections, symbols));
  return { sections, symbols, relocations };
}

function readSections(bytes: Uint8Array): RawSection[] {
  const view = viewOf(bytes);
  const [start, count, namesAt] = [u64(view, 40), view.getUint16(60, true), view.getUint16(62, true)];
  const headers = Array.from({ length: count }, (_, i) => start + i * 64);
  const contents = (at: number): Uint8Array =>
    bytes.subarray(u64(view, at + 24), u64(view, at + 24) + u64(view, at + 32));
  const names = contents(headers[namesAt] ?? 0);
  return headers.map((at) => {
    const [type, flags] = [view.getUint32(at + 4, true), u64(view, at + 8)];
    return {
      name: textAt(names, view.getUint32(at, true)),
      type,
      isLoaded: (flags & flag.loaded) !== 0,
      isWritable: (flags & flag.writable) !== 0,
      isCode: (flags & flag.code) !== 0,
      alignment: Math.max(1, u64(view, at + 48)),
      size: u64(view, at + 32),
      bytes: type === sectionType.withoutBytes ? new Uint8Array(0) : contents(at),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
    };
  });
}

function readSymbols(table: RawSection, sections: readonly RawSection[]): ElfSymbol[] {
  const view = viewOf(table.bytes);
  const names = sections[table.link]?.bytes ?? new Uint8Array(0);
  return Array.from({ length: table.bytes.length / 24 }, (_, i) => {
    const [nameAt, index] = [view.getUint32(i * 24, true), view.getUint16(i * 24 + 6, true)];
    const name = textAt(names, nameAt);
    return { name, section: index === 0 ? undefined : sections[index], value: u64(view, i * 24 + 8) };
  });
}

/** Only those that change what is loaded; the others are of debugging information. */
function readRelocations(
  section: RawSection,
  sections: readonly RawSection[],
  symbols: readonly ElfSymbol[],
): Relocation[] {
  const target = sections[section.info];
  if (target === undefined || !target.isLoaded) return [];
  if (section.type === sectionType.relocationsWithAddend) throw new Error(`${section.name} has addends: not BPF's way`);
  if (section.type !== sectionType.relocations) return [];
  const view = viewOf(section.bytes);
  return Array.from({ length: section.bytes.length / 16 }, (_, i) => {
    const symbol = symbols[view.getUint32(i * 16 + 12, true)];
    if (symbol === undefined) throw new Error(`${section.name} names a symbol that is not there`);
    return { target, offset: u64(view, i * 16), type: view.getUint32(i * 16 + 8, true), symbol };
  });
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const u64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

function textAt(names: Uint8Array, at: number): string {
  const end = names.indexOf(0, at);
  return Buffer.from(names.subarray(at, end < 0 ? names.length : end)).toString("latin1");
}
