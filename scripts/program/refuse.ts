import { viewOf } from "./elf-object.ts";

/**
 * Refuses code that the runtime would not run, or would run differently from what the compiler meant. Clang compiles
 * for Linux BPF; where sBPF differs (32-bit results are sign-extended, say) it would miscompile without a word, so the
 * build asks for the oldest instruction set (`-mcpu=v2`) and this makes sure that it got it.
 */
const frameBytesMax = 4096;
const framePointer = 10;

/** The low three bits of an opcode. */
const classOf = {
  loadImmediate: 0,
  load: 1,
  storeImmediate: 2,
  store: 3,
  alu32: 4,
  jump: 5,
  jump32: 6,
  alu64: 7,
} as const;
const opcode = { load64: 0x18, bigEndian: 0xdc, callRegister: 0x8d, move: 0xbf, addImmediate: 0x07 } as const;
/** The upper three bits of a load's or store's opcode: plain memory access, neither sign-extending nor atomic. */
const plainMemory = 0x60;

interface CodeInstruction {
  readonly opcode: number;
  readonly destination: number;
  readonly source: number;
  readonly offset: number;
  readonly immediate: number;
}

export function refuseUnsafeCode(code: Uint8Array): void {
  const view = viewOf(code);
  for (let at = 0; at < code.length; at += 8) {
    const instruction = instructionAt(view, at);
    const problem =
      problemOf(instruction) ?? frameProblem(instruction, at >= 8 ? instructionAt(view, at - 8) : undefined);
    if (problem !== undefined) {
      throw new Error(`instruction ${at / 8} (opcode 0x${instruction.opcode.toString(16)}): ${problem}`);
    }
    // The second half of a 64-bit load is no instruction.
    if (instruction.opcode === opcode.load64) at += 8;
  }
}

const instructionAt = (view: DataView, at: number): CodeInstruction => ({
  opcode: view.getUint8(at),
  destination: view.getUint8(at + 1) & 15,
  source: view.getUint8(at + 1) >> 4,
  offset: view.getInt16(at + 2, true),
  immediate: view.getInt32(at + 4, true),
});

function problemOf({ opcode: code, offset }: CodeInstruction): string | undefined {
  const kind = code & 7;
  const mode = code & 0xe0;
  if (kind === classOf.alu32 && code !== opcode.bigEndian) return "32-bit arithmetic: compile with -mcpu=v2";
  if (kind === classOf.jump32) return "a 32-bit comparison: compile with -mcpu=v2";
  if (kind === classOf.alu64 && offset !== 0) return "signed division or a sign-extending move";
  if (kind === classOf.load && mode !== plainMemory) return "a sign-extending load";
  if (kind === classOf.store && mode !== plainMemory) return "an atomic operation";
  if (kind === classOf.loadImmediate && code !== opcode.load64) return "a packet load";
  if (code === opcode.callRegister) return "a call through a pointer";
  return undefined;
}

/** Below the frame pointer, directly or by an address computed from it. */
function frameProblem(now: CodeInstruction, before: CodeInstruction | undefined): string | undefined {
  const kind = now.opcode & 7;
  const base = kind === classOf.load ? now.source : now.destination;
  const isAccess = kind === classOf.load || kind === classOf.store || kind === classOf.storeImmediate;
  const isAddress =
    now.opcode === opcode.addImmediate &&
    before?.opcode === opcode.move &&
    before.source === framePointer &&
    before.destination === now.destination;
  const depth = isAccess && base === framePointer ? now.offset : isAddress ? now.immediate : 0;
  return depth < -frameBytesMax ? `a frame of ${-depth} bytes, of at most ${frameBytesMax}` : undefined;
}
