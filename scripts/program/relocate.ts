import { type ElfSymbol, type Relocation, viewOf } from "./elf-object.ts";
import { murmur3 } from "./murmur3.ts";
import type { Placed, Placement } from "./place.ts";
import { syscalls } from "./syscalls.ts";

/** R_BPF_64_64, R_BPF_64_ABS64 and R_BPF_64_32 (LLVM, docs "BPF relocations"). */
export const relocationType = { load64: 1, absolute64: 2, call: 10 } as const;

const registers = { syscall: 0, internalCall: 1 } as const;

/** Writes final addresses, call distances and system call numbers into code and data. */
export function relocate(placement: Placement, relocations: readonly Relocation[]): void {
  for (const relocation of relocations) {
    const target = placedOf(placement, relocation.target.name, (placed) => placed.section === relocation.target);
    const at = target.offset + relocation.offset;
    const view = viewOf(target.isCode ? placement.code : placement.data);
    const { type, symbol } = relocation;
    if (target.isCode && type === relocationType.call) relocateCall(placement, view, at, symbol);
    else if (target.isCode && type === relocationType.load64) relocateLoad(placement, view, at, symbol);
    else if (!target.isCode && type === relocationType.absolute64) relocatePointer(placement, view, at, symbol);
    else throw new Error(`${target.section.name} has a relocation of type ${type}, which this step does not know`);
  }
}

/** A call's source register says which kind it is; its immediate holds the number, or the distance in instructions. */
function relocateCall(placement: Placement, view: DataView, at: number, symbol: ElfSymbol): void {
  const setSource = (register: number): void => view.setUint8(at + 1, (view.getUint8(at + 1) & 0x0f) | (register << 4));
  if (symbol.section === undefined) {
    if (!syscalls.has(symbol.name)) throw new Error(`${symbol.name} is neither defined nor a system call`);
    setSource(registers.syscall);
    view.setUint32(at + 4, murmur3(symbol.name), true);
    return;
  }
  const callee = placedOf(placement, symbol.name, (placed) => placed.section === symbol.section);
  // Against a section's symbol the immediate counts instructions from its start, less one.
  const destination = callee.offset + symbol.value + (view.getInt32(at + 4, true) + 1) * 8;
  setSource(registers.internalCall);
  view.setInt32(at + 4, (destination - at) / 8 - 1, true);
}

/** A 64-bit load is two instructions, each with half of the address as its immediate. */
function relocateLoad(placement: Placement, view: DataView, at: number, symbol: ElfSymbol): void {
  const addend = BigInt(view.getUint32(at + 4, true)) | (BigInt(view.getUint32(at + 12, true)) << 32n);
  const address = addressOfSymbol(placement, symbol) + addend;
  view.setUint32(at + 4, Number(address & 0xffffffffn), true);
  view.setUint32(at + 12, Number(address >> 32n), true);
}

function relocatePointer(placement: Placement, view: DataView, at: number, symbol: ElfSymbol): void {
  view.setBigUint64(at, addressOfSymbol(placement, symbol) + view.getBigUint64(at, true), true);
}

function addressOfSymbol(placement: Placement, symbol: ElfSymbol): bigint {
  if (symbol.section === undefined) throw new Error(`${symbol.name} is not defined, so it has no address`);
  const placed = placedOf(placement, symbol.name, (each) => each.section === symbol.section);
  return BigInt(placed.address + symbol.value);
}

export function placedOf(placement: Placement, name: string, matches: (placed: Placed) => boolean): Placed {
  const placed = placement.placed.find(matches);
  if (placed === undefined) throw new Error(`${name} stands in a section that is not loaded`);
  return placed;
}
