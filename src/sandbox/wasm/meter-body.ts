import type { Added } from "./added.ts";
import { Reader, Writer } from "./bytes.ts";
import { Code } from "./code.ts";
import { code, type Immediate, type Instruction, instructions, noResult, valueType } from "./instructions.ts";
import { type Module, ModuleRefused } from "./module.ts";
import type { Types } from "./types.ts";

const localsMax = 4_096;
const bodyBytesMax = 1_048_576;
/** What a call costs in fuel beside its instruction, and in bytes of stack beside what its frame holds. */
const callFuel = 4;
const frameBytes = 64;
/** A function that calls none is the last one on the stack: up to this size it fits into what the host keeps free. */
const leafBytesMax = 4_096;
/** Bytes that the bulk instructions move for one unit of fuel. */
const bulkBytesShift = 4;

/** A block that is open. */
interface Frame {
  /** Operands below the block. */
  readonly base: number;
  readonly parameters: number;
  readonly results: number;
  isUnreachable: boolean;
}

/** Rewrites one function; see `meter`. @param index among all functions */
export function meterBody(body: Uint8Array, index: number, module: Module, types: Types, added: Added): Uint8Array {
  if (body.length > bodyBytesMax) throw new ModuleRefused(`it has a function of more than ${bodyBytesMax} bytes`);
  return new BodyMeter(body, index, module, types, added).rewrite();
}

/** Locals that each function gets: the length of a bulk instruction, numbers that may be a NaN, and the fuel that is left. */
const scratchTypes = { length: valueType.i32, f32: valueType.f32, f64: valueType.f64, fuel: valueType.i64 } as const;

/**
 * Inside of a function the fuel is in a local, which the compiler keeps in a register; around calls and at the end it is in
 * the global. What was taken since the last call is therefore not seen where a function traps: the same everywhere too.
 */
class BodyMeter {
  readonly #reader: Reader;
  readonly #module: Module;
  readonly #types: Types;
  readonly #added: Added;
  readonly #results: readonly number[];
  readonly #locals: number;
  readonly #declared: Uint8Array;
  readonly #scratch: Readonly<Record<keyof typeof scratchTypes, number>>;
  readonly #out = new Code();
  readonly #frames: Frame[] = [];
  #height = 0;
  #heightMax = 0;
  #hasCalls = false;
  /** Where the fuel of the open stretch is written, and what it is so far. */
  #charge: number | null = null;
  #fuel = 0;

  constructor(body: Uint8Array, index: number, module: Module, types: Types, added: Added) {
    this.#module = module;
    this.#types = types;
    this.#added = added;
    this.#reader = new Reader(body);
    const { parameters, results } = types.at(module.functionTypes[index] as number);
    this.#results = results;
    let locals = parameters.length;
    const declared = new Writer();
    const groups = this.#reader.vector((reader) => {
      const count = reader.u32();
      locals += count;
      declared.u32(count).byte(reader.byte());
    }).length;
    if (locals > localsMax) throw new ModuleRefused(`it has a function with more than ${localsMax} locals`);
    this.#locals = locals;
    for (const type of Object.values(scratchTypes)) declared.byte(1, type);
    const [length, f32, f64, fuel] = [locals, locals + 1, locals + 2, locals + 3];
    this.#scratch = { length, f32, f64, fuel };
    this.#declared = new Writer()
      .u32(groups + Object.keys(scratchTypes).length)
      .raw(declared.finish())
      .finish();
  }

  rewrite(): Uint8Array {
    this.#frames.push({ base: 0, parameters: 0, results: this.#results.length, isUnreachable: false });
    this.#openStretch();
    while (!this.#reader.isAtEnd) this.#instruction();
    const stackBytes = frameBytes + 8 * (this.#locals + this.#heightMax);
    const takesStack = this.#hasCalls || stackBytes > leafBytesMax;
    const { fuel } = this.#scratch;
    return (
      new Code()
        .raw(this.#declared)
        .raw(takesStack ? this.#takeStack(stackBytes) : nothing)
        .globalGet(this.#added.fuel)
        .localSet(fuel)
        .raw(takesStack ? this.#endWithoutFuel() : nothing)
        // A block around all, so that every way out passes the end.
        .op(code.block)
        .raw(this.#blockType())
        .raw(this.#out.finish())
        .op(code.end)
        .localGet(fuel)
        .globalSet(this.#added.fuel)
        .raw(takesStack ? this.#giveStackBack(stackBytes) : nothing)
        .op(code.end)
        .finish()
    );
  }

  #takeStack(bytes: number): Uint8Array {
    const { stack } = this.#added;
    return new Code()
      .globalGet(stack)
      .i32(bytes)
      .op(code.i32Sub)
      .globalSet(stack)
      .globalGet(stack)
      .i32(0)
      .op(code.i32LtS)
      .ifTrue()
      .op(code.unreachable, code.end)
      .finish();
  }

  #giveStackBack(bytes: number): Uint8Array {
    const { stack } = this.#added;
    return new Code().globalGet(stack).i32(bytes).op(code.i32Add).globalSet(stack).finish();
  }

  /** Traps where more fuel was taken than there was. */
  #endWithoutFuel(): Uint8Array {
    const { fuel } = this.#scratch;
    return new Code()
      .localGet(fuel)
      .i64(0)
      .op(code.i64LtS)
      .ifTrue()
      .localGet(fuel)
      .globalSet(this.#added.fuel)
      .op(code.unreachable, code.end)
      .finish();
  }

  #blockType(): Uint8Array {
    const [only] = this.#results;
    if (this.#results.length === 0) return Uint8Array.of(noResult);
    if (this.#results.length === 1) return Uint8Array.of(only as number);
    return new Writer().s32(this.#types.indexOf({ parameters: [], results: this.#results })).finish();
  }

  #openStretch(): void {
    const { fuel } = this.#scratch;
    this.#out.localGet(fuel).op(code.i64Const);
    this.#charge = this.#out.placeholder();
    this.#out.op(code.i64Sub).localSet(fuel);
    this.#fuel = 0;
  }

  #closeStretch(): void {
    if (this.#charge !== null) this.#out.patch(this.#charge, this.#fuel);
    this.#charge = null;
  }

  #instruction(): void {
    const start = this.#reader.offset;
    const first = this.#reader.byte();
    const operation = first === code.extended ? 0xfc00 + this.#reader.u32() : first;
    const known = instructions.get(operation);
    if (known === undefined) {
      throw new ModuleRefused(`it uses instruction 0x${operation.toString(16)}, which is outside of what is run here`);
    }
    switch (operation) {
      case code.block:
      case code.loop:
      case code.if:
        this.#block(operation, start);
        break;
      case code.else:
        this.#else();
        break;
      case code.end:
        this.#end();
        break;
      case code.br:
      case code.brIf:
      case code.brTable:
      case code.return:
      case code.unreachable:
        this.#branch(operation, known.immediate, start);
        break;
      case code.call:
      case code.callIndirect:
        this.#call(operation, start);
        break;
      default:
        this.#plain(operation, known, start);
    }
  }

  #plain(operation: number, { immediate, nan, pops, pushes }: Instruction, start: number): void {
    passImmediate(this.#reader, immediate);
    this.#spend(1);
    if (isBulk(operation)) this.#chargeBytes();
    if (operation === code.memoryGrow) this.#calling(() => this.#out.call(this.#added.grow));
    else this.#copy(start);
    if (nan !== null) this.#makeCanonical(nan);
    this.#moveHeight(pops, pushes);
  }

  #spend(fuel: number): void {
    if (this.#charge === null) this.#openStretch();
    this.#fuel += fuel;
  }

  #copy(start: number): void {
    this.#out.raw(this.#reader.bytes.subarray(start, this.#reader.offset));
  }

  /** Has the fuel where the callee finds and leaves it. */
  #calling(write: () => void): void {
    const { fuel } = this.#scratch;
    this.#out.localGet(fuel).globalSet(this.#added.fuel);
    write();
    this.#out.globalGet(this.#added.fuel).localSet(fuel);
  }

  /** Takes the fuel of a bulk instruction by the length on top of the operands, and leaves it there. */
  #chargeBytes(): void {
    const { length, fuel } = this.#scratch;
    this.#out
      .localSet(length)
      .localGet(fuel)
      .localGet(length)
      .op(code.i64ExtendI32U)
      .i64(bulkBytesShift)
      .op(code.i64ShrU, code.i64Sub)
      .localSet(fuel)
      .raw(this.#endWithoutFuel())
      .localGet(length);
  }

  /** Whatever NaN the processor made becomes the canonical one: x is chosen where x = x. */
  #makeCanonical(nan: "f32" | "f64"): void {
    const local = this.#scratch[nan];
    this.#out.localTee(local);
    if (nan === "f32") this.#out.op(code.f32Const, 0, 0, 0xc0, 0x7f);
    else this.#out.op(code.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f);
    this.#out
      .localGet(local)
      .localGet(local)
      .op(nan === "f32" ? code.f32Eq : code.f64Eq, code.select);
  }

  #block(operation: number, start: number): void {
    const type = this.#reader.s33();
    const { parameters, results } =
      type >= 0 ? this.#types.at(type) : { parameters: [], results: type === -64 ? [] : [type] };
    if (operation === code.if) {
      this.#spend(1);
      this.#moveHeight(1, 0);
    }
    if (operation !== code.block) this.#closeStretch();
    this.#copy(start);
    this.#frames.push({
      base: this.#height - parameters.length,
      parameters: parameters.length,
      results: results.length,
      isUnreachable: false,
    });
    if (operation !== code.loop) return;
    this.#openStretch();
    this.#out.raw(this.#endWithoutFuel());
  }

  #else(): void {
    this.#closeStretch();
    this.#out.byte(code.else);
    const frame = this.#frames.at(-1) as Frame;
    frame.isUnreachable = false;
    this.#height = frame.base + frame.parameters;
  }

  #end(): void {
    this.#closeStretch();
    const frame = this.#frames.pop() as Frame;
    this.#height = frame.base + frame.results;
    this.#heightMax = Math.max(this.#heightMax, this.#height);
    // The function's own end is written last of all.
    if (this.#frames.length > 0) this.#out.byte(code.end);
  }

  #branch(operation: number, immediate: Immediate, start: number): void {
    this.#spend(1);
    passImmediate(this.#reader, immediate);
    if (operation === code.return) this.#out.byte(code.br).u32(this.#frames.length - 1);
    else this.#copy(start);
    this.#closeStretch();
    if (operation === code.brIf) {
      this.#moveHeight(1, 0);
      return;
    }
    const frame = this.#frames.at(-1) as Frame;
    frame.isUnreachable = true;
    this.#height = frame.base;
  }

  #call(operation: number, start: number): void {
    const index = this.#reader.u32();
    if (operation === code.callIndirect) this.#reader.u32();
    this.#spend(1 + callFuel);
    this.#hasCalls = true;
    this.#calling(() => this.#copy(start));
    const type = operation === code.call ? (this.#module.functionTypes[index] as number) : index;
    const { parameters, results } = this.#types.at(type);
    this.#moveHeight(parameters.length + (operation === code.call ? 0 : 1), results.length);
  }

  #moveHeight(pops: number, pushes: number): void {
    const { base, isUnreachable } = this.#frames.at(-1) as Frame;
    const below = this.#height - pops;
    this.#height = (isUnreachable ? Math.max(below, base) : below) + pushes;
    this.#heightMax = Math.max(this.#heightMax, this.#height);
  }
}

const nothing = new Uint8Array(0);

const isBulk = (operation: number): boolean =>
  operation === code.memoryCopy || operation === code.memoryFill || operation === code.memoryInit;

const passers: Readonly<Record<Immediate, (reader: Reader) => void>> = {
  none: () => undefined,
  block: (reader) => reader.skipNumber(),
  label: (reader) => reader.skipNumber(),
  labels: (reader) => {
    for (let left = reader.u32() + 1; left > 0; left--) reader.skipNumber();
  },
  function: (reader) => reader.skipNumber(),
  indirect: (reader) => {
    reader.skipNumber();
    reader.skipNumber();
  },
  index: (reader) => reader.skipNumber(),
  memory: (reader) => {
    reader.skipNumber();
    reader.skipNumber();
  },
  number: (reader) => reader.skipNumber(),
  f32: (reader) => void reader.take(4),
  f64: (reader) => void reader.take(8),
  types: (reader) => void reader.take(reader.u32()),
  twoIndexes: (reader) => {
    reader.skipNumber();
    reader.skipNumber();
  },
};

const passImmediate = (reader: Reader, immediate: Immediate): void => passers[immediate](reader);
