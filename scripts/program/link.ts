import { readObject } from "./elf-object.ts";
import { imageOf } from "./image.ts";
import { place } from "./place.ts";
import { refuseUnsafeCode } from "./refuse.ts";
import { placedOf, relocate } from "./relocate.ts";

const entryName = "entrypoint";

/** The link step: one relocatable BPF object becomes a program that the loader takes. Throws where it would not run. */
export function link(objectBytes: Uint8Array): Uint8Array {
  const object = readObject(objectBytes);
  const placement = place(object);
  relocate(placement, object.relocations);
  refuseUnsafeCode(placement.code);
  const entry = object.symbols.find((symbol) => symbol.name === entryName && symbol.section !== undefined);
  if (entry === undefined) throw new Error(`the object does not define ${entryName}`);
  const home = placedOf(placement, entryName, (placed) => placed.section === entry.section);
  return imageOf(placement.code, placement.data, home.offset + entry.value);
}
