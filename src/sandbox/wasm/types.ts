import { Writer } from "./bytes.ts";
import { type FunctionType, ModuleRefused } from "./module.ts";

/** The types of a module, and those that metering needs beside them. */
export class Types {
  readonly #types: FunctionType[];

  constructor(types: readonly FunctionType[]) {
    this.#types = [...types];
  }

  at(index: number): FunctionType {
    const type = this.#types[index];
    if (type === undefined) throw new ModuleRefused(`it has no type ${index}`);
    return type;
  }

  /** @returns the index of a type, which is added where it is missing */
  indexOf(wanted: FunctionType): number {
    const found = this.#types.findIndex((type) => isSameType(type, wanted));
    return found >= 0 ? found : this.#types.push(wanted) - 1;
  }

  section(): Uint8Array {
    return vector(
      this.#types.map(({ parameters, results }) =>
        new Writer().byte(0x60).sized(Uint8Array.from(parameters)).sized(Uint8Array.from(results)).finish(),
      ),
    );
  }
}

export const isSameType = (a: FunctionType, b: FunctionType): boolean =>
  isSameList(a.parameters, b.parameters) && isSameList(a.results, b.results);

const isSameList = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

export function vector(items: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer().u32(items.length);
  for (const item of items) writer.raw(item);
  return writer.finish();
}
