import type { Ending, Execution, Limits } from "../execution.ts";
import { meterExports } from "../wasm/added.ts";
import { valueType } from "../wasm/instructions.ts";
import { meter, pageBytes } from "../wasm/meter.ts";
import { type FunctionType, type Module, ModuleRefused, readModule } from "../wasm/module.ts";
import { isSameType } from "../wasm/types.ts";
import { Metered } from "./metered.ts";
import { trapOf } from "./trap.ts";

const stackBytesMax = 1_048_576;
const moduleBytesMax = 8 * 1_048_576;

/** @throws ModuleRefused */
export function prepareModule(bytes: Uint8Array): WebAssembly.Module {
  if (bytes.length > moduleBytesMax) throw new ModuleRefused(`it is larger than ${moduleBytesMax} bytes`);
  if (!WebAssembly.validate(bytes)) throw new ModuleRefused("it is no valid WebAssembly");
  const module = readModule(bytes);
  if (module.importedFunctions > 0) throw new ModuleRefused("it imports functions; nothing can be imported");
  expectInterface(module);
  return new WebAssembly.Module(meter(module));
}

const { i32, i64 } = valueType;
const functionKind = 0;
const memoryKind = 2;
const expected: readonly (readonly [name: string, FunctionType])[] = [
  ["alloc", { parameters: [i32], results: [i32] }],
  ["run", { parameters: [i32, i32], results: [i64] }],
];

function expectInterface({ exports, types, functionTypes }: Module): void {
  if (exports.get("memory")?.kind !== memoryKind) throw new ModuleRefused("it does not export its memory as memory");
  const has = (name: string, type: FunctionType): boolean => {
    const found = exports.get(name);
    if (found?.kind !== functionKind) return false;
    return isSameType(types[functionTypes[found.index] as number] as FunctionType, type);
  };
  const missing = expected.find(([name, type]) => !has(name, type))?.[0];
  if (missing !== undefined) throw new ModuleRefused(`it does not export ${missing}, or with other types`);
  if (exports.has("_initialize") && !has("_initialize", { parameters: [], results: [] })) {
    throw new ModuleRefused("it exports _initialize with other types");
  }
}

type Call<Result> = (...values: number[]) => Result;

/**
 * One execution: `alloc(length)` says where the input goes, `run(pointer, length)` gives an i64 with the output's address
 * in its upper and its length in its lower half. What has to come first, by `_initialize` or a start function, comes first.
 */
export function runModule(module: WebAssembly.Module, input: Uint8Array, limits: Limits): Execution {
  let instance: WebAssembly.Instance;
  try {
    instance = new WebAssembly.Instance(module);
  } catch (error) {
    // Segments that do not fit where they are to go.
    if (error instanceof WebAssembly.RuntimeError) return { outcome: "trapped", trap: trapOf(error), fuel: 0 };
    return { outcome: "fault", problem: String(error), fuel: 0 };
  }
  const metered = new Metered(instance.exports, limits, stackBytesMax);
  if (metered.memory.buffer.byteLength > Math.max(limits.memoryBytesMax, pageBytes))
    return { outcome: "memoryUsedUp", fuel: 0 };
  return metered.execute(() => runIn(metered, input, limits));
}

function runIn(metered: Metered, input: Uint8Array, limits: Limits): Ending {
  const { exports } = metered;
  for (const name of [meterExports.start, "_initialize"]) (exports[name] as Call<void> | undefined)?.();
  const pointer = (exports["alloc"] as Call<number>)(input.length) >>> 0;
  if (!metered.write(pointer, input)) return misplaced("alloc returned an address outside of its memory");
  const region = BigInt.asUintN(64, (exports["run"] as Call<bigint>)(pointer, input.length));
  const length = Number(region & 0xffff_ffffn);
  if (length > limits.outputBytesMax) return { outcome: "outputTooLarge", outputBytes: length };
  const output = metered.read(Number(region >> 32n), length);
  return output === undefined
    ? misplaced("run returned a region outside of its memory")
    : { outcome: "finished", output };
}

const misplaced = (message: string): Ending => ({
  outcome: "trapped",
  trap: { kind: "badInterface", message, frames: [] },
});
