import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Ending, Execution, Limits, Trap } from "../execution.ts";
import { meter, pageBytes } from "../wasm/meter.ts";
import { readModule } from "../wasm/module.ts";
import { Metered } from "./metered.ts";
import { prelude } from "./prelude.ts";
import { type Handle, OutOfMemory, QuickJs, Thrown } from "./quickjs.ts";
import { quickJsHost } from "./quickjs-host.ts";

/** Of the guest's own stack; more than half a mebibyte would overflow the engine's. */
const guestStackBytes = 131_072;
/** By the estimate of the meter: never reached before the guest's own limit, which a program may catch. */
const stackBytesMax = 8 * 1_048_576;
const preludeLimits: Limits = { fuelMax: 1_000_000_000, memoryBytesMax: 16 * 1_048_576, outputBytesMax: 0 };
const sourceBytesMax = 4 * 1_048_576;
const framesMax = 32;
const fileName = "program.js";

/** QuickJS as it is before any program ran: plain data, which other threads can be given. */
export interface StartedQuickJs {
  readonly module: WebAssembly.Module;
  readonly memory: Uint8Array;
  readonly stackPointer: number | bigint;
  /** Of the prelude. */
  readonly output: Handle;
  readonly describe: Handle;
}

/** Meters and starts QuickJS: some 300 ms, after which an execution takes less than one. */
export function startQuickJs(): StartedQuickJs {
  const path = createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm");
  const module = new WebAssembly.Module(meter(readModule(readFileSync(path))));
  const instance = instantiate(module);
  const metered = new Metered(instance.exports, preludeLimits, stackBytesMax);
  const quickJs = new QuickJs(metered);
  quickJs.engine._initialize();
  if (quickJs.engine.qjs_init() !== 0) throw new Error("QuickJS does not start");
  quickJs.engine.qjs_set_max_stack_size(guestStackBytes);
  const functions = quickJs.evaluate(prelude, "prelude.js");
  return {
    module,
    output: quickJs.element(functions, 0),
    describe: quickJs.element(functions, 1),
    memory: new Uint8Array(metered.memory.buffer.slice(0)),
    stackPointer: stackPointerOf(instance).value,
  };
}

function instantiate(module: WebAssembly.Module): WebAssembly.Instance {
  const instance: WebAssembly.Instance = new WebAssembly.Instance(
    module,
    quickJsHost(() => memoryOf(instance)),
  );
  return instance;
}

/**
 * Every execution begins with QuickJS as it started: its memory is put back, and its one global, the stack pointer, too.
 * Nothing else in it can change; an instance whose memory grew is not used again.
 */
export class JavaScriptEngine {
  readonly #started: StartedQuickJs;
  #spare: WebAssembly.Instance | null = null;

  constructor(started: StartedQuickJs) {
    this.#started = started;
  }

  /** One execution of `main` with the input as a Uint8Array; what it gives may be a promise. */
  execute(source: string, input: Uint8Array, limits: Limits): Execution {
    if (source.length > sourceBytesMax) {
      return { outcome: "refused", problem: `it is larger than ${sourceBytesMax} bytes`, fuel: 0 };
    }
    const started = this.#started;
    const instance = this.#spare ?? instantiate(started.module);
    const memory = memoryOf(instance);
    const missing = (started.memory.length - memory.buffer.byteLength) / pageBytes;
    if (missing > 0) memory.grow(missing);
    stackPointerOf(instance).value = started.stackPointer;
    const memoryBytesMax = started.memory.length + limits.memoryBytesMax;
    const metered = new Metered(instance.exports, { ...limits, memoryBytesMax }, stackBytesMax);
    metered.write(0, started.memory);
    const execution = metered.execute(() => new Run(started, metered, limits).main(source, input));
    const mayServeAgain = execution.outcome !== "fault" && memory.buffer.byteLength === started.memory.length;
    this.#spare = mayServeAgain ? instance : null;
    return execution;
  }
}

const memoryOf = ({ exports }: WebAssembly.Instance): WebAssembly.Memory => exports["memory"] as WebAssembly.Memory;

const stackPointerOf = ({ exports }: WebAssembly.Instance): WebAssembly.Global =>
  exports["__stack_pointer"] as WebAssembly.Global;

const promise = { pending: 0, rejected: 2 } as const;

class Run {
  readonly #started: StartedQuickJs;
  readonly #metered: Metered;
  readonly #limits: Limits;
  readonly #quickJs: QuickJs;

  constructor(started: StartedQuickJs, metered: Metered, limits: Limits) {
    this.#started = started;
    this.#metered = metered;
    this.#limits = limits;
    this.#quickJs = new QuickJs(metered);
  }

  main(source: string, input: Uint8Array): Ending {
    const quickJs = this.#quickJs;
    quickJs.engine.qjs_set_memory_limit(this.#limits.memoryBytesMax);
    try {
      quickJs.evaluate(source, fileName);
      const main = quickJs.evaluate("main", fileName);
      const result = this.#settled(quickJs.call(main, quickJs.bytes(input)));
      return this.#output(quickJs.call(this.#started.output, result));
    } catch (error) {
      if (error instanceof OutOfMemory) return { outcome: "memoryUsedUp" };
      if (error instanceof NeverSettles) return { outcome: "trapped", trap: neverSettles };
      if (!(error instanceof Thrown)) throw error;
      return this.#thrown(error.value);
    }
  }

  /** What a promise comes to when nothing is left to be done. @throws Thrown, NeverSettles */
  #settled(value: Handle): Handle {
    const { engine } = this.#quickJs;
    if (engine.qjs_is_promise(value) === 0) return value;
    while (engine.qjs_is_job_pending() !== 0) {
      if (engine.qjs_execute_pending_job() < 0) throw new Thrown(engine.qjs_get_exception());
    }
    const state = engine.qjs_promise_state(value);
    if (state === promise.pending) throw new NeverSettles();
    const result = engine.qjs_promise_result(value);
    if (state === promise.rejected) throw new Thrown(result);
    return result;
  }

  #output(value: Handle): Ending {
    const { pointer, length } = this.#quickJs.region(value);
    if (length > this.#limits.outputBytesMax) return { outcome: "outputTooLarge", outputBytes: length };
    const output = this.#metered.read(pointer, length);
    if (output === undefined) throw new Error("QuickJS gave an address outside of its memory");
    return { outcome: "finished", output };
  }

  #thrown(value: Handle): Ending {
    const described = this.#quickJs.call(this.#started.describe, value);
    const [kind, message, stack] = JSON.parse(this.#quickJs.text(described)) as [string, string, string];
    if (kind === "InternalError" && message === "out of memory") return { outcome: "memoryUsedUp" };
    return { outcome: "trapped", trap: { kind, message, frames: framesOf(stack) } };
  }
}

class NeverSettles extends Error {}

const neverSettles: Trap = { kind: "NeverSettles", message: "main gave a promise that nothing settles", frames: [] };

/** "    at name (program.js:1:2)" as "name (program.js:1:2)". */
const framesOf = (stack: string): string[] =>
  stack
    .split("\n")
    .map((line) => line.trim().replace(/^at /, ""))
    .filter((line) => line !== "")
    .slice(0, framesMax);
