import { Reader } from "./bytes.ts";
import { valueType } from "./instructions.ts";

export const section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

export type SectionId = (typeof section)[keyof typeof section];

/** The order in which sections stand in a module. */
export const sectionOrder: readonly SectionId[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface Memory {
  readonly pages: number;
  readonly pagesMax: number | null;
}

/** A module, as far as metering has to understand it; sections that stay as they are are kept as bytes. */
export interface Module {
  readonly types: readonly FunctionType[];
  /** Of all functions, imported ones first. */
  readonly functionTypes: readonly number[];
  readonly importedFunctions: number;
  readonly memory: Memory;
  readonly globals: number;
  readonly exports: ReadonlyMap<string, { readonly kind: number; readonly index: number }>;
  readonly start: number | null;
  readonly bodies: readonly Uint8Array[];
  readonly sections: ReadonlyMap<SectionId, Uint8Array>;
}

/** Why a module is not run; the same for everybody who is given it. */
export class ModuleRefused extends Error {}

const pagesOf64KiB = 65_536;
const tableElementsMax = 100_000;

/**
 * Reads a valid module. What does not belong to the subset we run (`instructions.ts`) is refused.
 *
 * @throws ModuleRefused
 */
export function readModule(bytes: Uint8Array): Module {
  const sections = readSections(bytes);
  const read = <Item>(id: SectionId, readItem: (reader: Reader) => Item): Item[] => {
    const content = sections.get(id);
    return content === undefined ? [] : new Reader(content).vector(readItem);
  };
  const types = read(section.type, readType);
  const imported = read(section.import, readImport);
  const defined = read(section.function, (reader) => reader.u32());
  read(section.table, readTable);
  const [memory] = read(section.memory, readMemory);
  if (memory === undefined) throw new ModuleRefused("it has no memory of its own");
  const globals = sections.get(section.global);
  const start = sections.get(section.start);
  return {
    types,
    functionTypes: [...imported, ...defined],
    importedFunctions: imported.length,
    memory,
    globals: globals === undefined ? 0 : new Reader(globals).u32(),
    exports: new Map(read(section.export, readExport)),
    start: start === undefined ? null : new Reader(start).u32(),
    bodies: read(section.code, (reader) => reader.take(reader.u32())),
    sections,
  };
}

function readSections(bytes: Uint8Array): Map<SectionId, Uint8Array> {
  const reader = new Reader(bytes, 8);
  const sections = new Map<SectionId, Uint8Array>();
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const content = reader.take(reader.u32());
    if (id === section.custom) continue;
    if (!isSection(id))
      throw new ModuleRefused(`it has a section of kind ${id}, which belongs to exceptions or beyond`);
    sections.set(id, content);
  }
  return sections;
}

const isSection = (id: number): id is SectionId => id <= section.dataCount;

function readType(reader: Reader): FunctionType {
  const form = reader.byte();
  if (form !== 0x60)
    throw new ModuleRefused("it has a type that is no function's, which belongs to garbage collection");
  return { parameters: reader.vector(readValueType), results: reader.vector(readValueType) };
}

function readValueType(reader: Reader): number {
  const type = reader.byte();
  if (type < valueType.f64 || type > valueType.i32) throw new ModuleRefused("it has vectors or references for values");
  return type;
}

/** Of functions only: @returns its type */
function readImport(reader: Reader): number {
  const name = `${reader.name()}.${reader.name()}`;
  if (reader.byte() !== 0) throw new ModuleRefused(`it imports ${name}, which is no function`);
  return reader.u32();
}

function readTable(reader: Reader): void {
  if (reader.byte() !== 0x70) throw new ModuleRefused("it has a table of something else than functions");
  const flags = reader.byte();
  const elements = reader.u32();
  if (flags > 1) throw new ModuleRefused("it has a shared or a 64-bit table");
  if (flags === 1) reader.u32();
  if (elements > tableElementsMax) throw new ModuleRefused(`it has a table of more than ${tableElementsMax} functions`);
}

function readMemory(reader: Reader): Memory {
  const flags = reader.byte();
  if (flags > 1) throw new ModuleRefused("it has a shared or a 64-bit memory");
  const pages = reader.u32();
  const pagesMax = flags === 1 ? reader.u32() : null;
  if (pages > pagesOf64KiB) throw new ModuleRefused("it has more memory than there is");
  return { pages, pagesMax };
}

function readExport(reader: Reader): [string, { kind: number; index: number }] {
  return [reader.name(), { kind: reader.byte(), index: reader.u32() }];
}
