import { type Added, memoryEvent, meterExports } from "./added.ts";
import { Reader, Writer } from "./bytes.ts";
import { Code } from "./code.ts";
import { code, valueType } from "./instructions.ts";
import { meterBody } from "./meter-body.ts";
import { type Module, ModuleRefused, type SectionId, section, sectionOrder } from "./module.ts";
import { Types, vector } from "./types.ts";

/** No execution is allowed more memory than this: 512 MiB. */
export const pagesMaxEver = 8_192;
export const pageBytes = 65_536;
/** A page has to be cleared by the host: about what a loop over it would cost. */
const fuelPerPage = 4_096;

/**
 * Rewrites a valid module so that it counts what it spends, in globals that only the host and the added code see: fuel is
 * taken at the beginning of each straight stretch of instructions, and looked at where a function begins or a loop comes
 * round; each call takes the size of its frame from the stack; memory grows up to a limit; every NaN is the same NaN. The
 * start function is left to the host to call, so that it is metered like all others. Nothing depends on the machine, on
 * the limits, or on how the host compiles.
 *
 * @throws ModuleRefused for what is outside of the subset in `instructions.ts`
 */
export function meter(module: Module): Uint8Array {
  for (const name of module.exports.keys()) {
    if (name.startsWith("earnest:")) throw new ModuleRefused(`it exports ${name}, a name that is ours`);
  }
  if (module.memory.pages > pagesMaxEver)
    throw new ModuleRefused(`it needs ${module.memory.pages} pages of memory to start`);
  const types = new Types(module.types);
  const added: Added = {
    fuel: module.globals,
    stack: module.globals + 1,
    pagesMax: module.globals + 2,
    memoryEvents: module.globals + 3,
    grow: module.functionTypes.length,
  };
  const bodies = module.bodies.map((body, i) => meterBody(body, module.importedFunctions + i, module, types, added));
  const growType = types.indexOf({ parameters: [valueType.i32], results: [valueType.i32] });
  const rewritten = new Map<SectionId, Uint8Array>(module.sections);
  rewritten.delete(section.start);
  rewritten.set(
    section.function,
    extended(module.sections.get(section.function), [new Writer().u32(growType).finish()]),
  );
  rewritten.set(section.memory, memorySection(module));
  rewritten.set(section.global, extended(module.sections.get(section.global), globals));
  rewritten.set(section.export, extended(module.sections.get(section.export), exportsOf(module, added)));
  rewritten.set(section.code, vector([...bodies, growBody(added)].map((body) => new Writer().sized(body).finish())));
  rewritten.set(section.type, types.section());
  const writer = new Writer().raw(header);
  for (const id of sectionOrder) {
    const content = rewritten.get(id);
    if (content !== undefined) writer.byte(id).sized(content);
  }
  return writer.finish();
}

/** The magic number, and version 1. */
const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** A vector's bytes with more items behind. */
function extended(content: Uint8Array | undefined, items: readonly Uint8Array[]): Uint8Array {
  const reader = new Reader(content ?? Uint8Array.of(0));
  const writer = new Writer().u32(reader.u32() + items.length).raw(reader.rest());
  for (const item of items) writer.raw(item);
  return writer.finish();
}

function memorySection({ memory }: Module): Uint8Array {
  return new Writer()
    .u32(1)
    .byte(1)
    .u32(memory.pages)
    .u32(Math.min(memory.pagesMax ?? pagesMaxEver, pagesMaxEver))
    .finish();
}

const mutable = 1;
const globals = [
  Uint8Array.of(valueType.i64, mutable, code.i64Const, 0, code.end),
  ...Array.from({ length: 3 }, () => Uint8Array.of(valueType.i32, mutable, code.i32Const, 0, code.end)),
];

function exportsOf(module: Module, added: Added): Uint8Array[] {
  const functionKind = 0;
  const globalKind = 3;
  const one = (name: string, kind: number, index: number): Uint8Array =>
    new Writer().name(name).byte(kind).u32(index).finish();
  const counters = (["fuel", "stack", "pagesMax", "memoryEvents"] as const).map((each) =>
    one(meterExports[each], globalKind, added[each]),
  );
  return module.start === null ? counters : [...counters, one(meterExports.start, functionKind, module.start)];
}

/** `memory.grow` within the limit and for fuel; where the host has none although it is allowed, nothing goes on. */
function growBody({ fuel, pagesMax, memoryEvents }: Added): Uint8Array {
  const pages = 0;
  const noLocals = 0;
  const raise = (event: number): Uint8Array =>
    new Code().globalGet(memoryEvents).i32(event).op(code.i32Or).globalSet(memoryEvents).finish();
  return (
    new Code()
      .u32(noLocals)
      // More than the limit leaves: -1, as the specification has it.
      .localGet(pages)
      .globalGet(pagesMax)
      .op(code.memorySize, 0, code.i32Sub, code.i32GtU)
      .ifTrue()
      .raw(raise(memoryEvent.denied))
      .i32(-1)
      .op(code.return, code.end)
      .globalGet(fuel)
      .localGet(pages)
      .op(code.i64ExtendI32U)
      .i64(fuelPerPage)
      .op(code.i64Mul, code.i64Sub)
      .globalSet(fuel)
      .globalGet(fuel)
      .i64(0)
      .op(code.i64LtS)
      .ifTrue()
      .op(code.unreachable, code.end)
      .localGet(pages)
      .op(code.memoryGrow, 0)
      .localTee(pages)
      .i32(-1)
      .op(code.i32Eq)
      .ifTrue()
      .raw(raise(memoryEvent.hostFailed))
      .op(code.unreachable, code.end)
      .localGet(pages)
      .op(code.end)
      .finish()
  );
}
