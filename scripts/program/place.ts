import { type ElfObject, type Section, sectionType } from "./elf-object.ts";

/** Where sBPF v3 has them: read-only data from address 0, code above. */
export const addressOf = { data: 0, code: 0x1_0000_0000 } as const;

/** Data begin here, so that nothing stands at address 0 and a null pointer stays invalid. */
const unusedBytes = 16;

/** A section of the object at its final place. */
export interface Placed {
  readonly section: Section;
  readonly isCode: boolean;
  /** Within the code or the data. */
  readonly offset: number;
  readonly address: number;
}

export interface Placement {
  /** The bytes of both, still as the compiler wrote them. */
  readonly code: Uint8Array;
  readonly data: Uint8Array;
  readonly placed: readonly Placed[];
}

/** Puts what is loaded one after the other. A program has no memory of its own to write: that is refused. */
export function place(object: ElfObject): Placement {
  const loaded = object.sections.filter((section) => section.isLoaded && section.size > 0);
  for (const section of loaded) {
    const isRelocatedOnly = section.name.startsWith(".data.rel.ro");
    if (section.type === sectionType.withoutBytes || (section.isWritable && !isRelocatedOnly)) {
      throw new Error(`${section.name}: a program cannot have writable globals`);
    }
  }
  const codeParts = inARow(
    loaded.filter((section) => section.isCode),
    true,
    0,
  );
  const dataParts = inARow(
    loaded.filter((section) => !section.isCode),
    false,
    unusedBytes,
  );
  return {
    code: joined(codeParts, 0),
    data: joined(dataParts, unusedBytes),
    placed: [...codeParts, ...dataParts],
  };
}

function inARow(sections: readonly Section[], isCode: boolean, start: number): Placed[] {
  let end = start;
  return sections.map((section) => {
    const offset = roundedUp(end, Math.max(8, section.alignment));
    end = offset + section.size;
    return { section, isCode, offset, address: (isCode ? addressOf.code : addressOf.data) + offset };
  });
}

function joined(parts: readonly Placed[], sizeMin: number): Uint8Array {
  const end = parts.reduce((most, part) => Math.max(most, part.offset + part.section.size), sizeMin);
  const bytes = new Uint8Array(roundedUp(end, 8));
  for (const part of parts) bytes.set(part.section.bytes, part.offset);
  return bytes;
}

const roundedUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
