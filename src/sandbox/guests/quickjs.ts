import type { Metered } from "./metered.ts";

/** A value of the guest, by where its box lies in the guest's memory. */
export type Handle = number & { readonly __brand: "Handle" };

interface EngineExports {
  readonly _initialize: () => void;
  readonly qjs_init: () => number;
  readonly qjs_set_max_stack_size: (bytes: number) => void;
  readonly qjs_set_memory_limit: (bytes: number) => void;
  readonly qjs_eval: (source: number, length: number, fileName: number, flags: number) => Handle;
  readonly qjs_call: (callee: Handle, receiver: Handle, count: number, handles: number) => Handle;
  readonly qjs_get_undefined: () => Handle;
  readonly qjs_get_prop_uint32: (object: Handle, index: number) => Handle;
  readonly qjs_is_exception: (value: Handle) => number;
  readonly qjs_get_exception: () => Handle;
  readonly qjs_is_string: (value: Handle) => number;
  readonly qjs_get_string_len: (value: Handle, length: number) => number;
  readonly qjs_new_uint8_array: (bytes: number, length: number) => Handle;
  readonly qjs_get_typed_array_buffer: (value: Handle, offset: number, length: number, elementBytes: number) => Handle;
  readonly qjs_get_array_buffer: (value: Handle, length: number) => number;
  readonly qjs_is_promise: (value: Handle) => number;
  readonly qjs_promise_state: (value: Handle) => number;
  readonly qjs_promise_result: (value: Handle) => Handle;
  readonly qjs_is_job_pending: () => number;
  readonly qjs_execute_pending_job: () => number;
  readonly wasm_malloc: (bytes: number) => number;
}

/** Thrown by the guest, or in place of memory that it could not have. */
export class Thrown extends Error {
  readonly value: Handle;

  constructor(value: Handle) {
    super();
    this.value = value;
  }
}

export class OutOfMemory extends Error {}

/** QuickJS by the functions of its WebAssembly build. Whatever lies in its memory is the guest's: nothing is trusted. */
export class QuickJs {
  readonly engine: EngineExports;
  readonly #metered: Metered;

  constructor(metered: Metered) {
    this.#metered = metered;
    this.engine = metered.exports as unknown as EngineExports;
  }

  /** Copies bytes into the guest, with a zero behind them. */
  #place(bytes: Uint8Array): number {
    const pointer = this.engine.wasm_malloc(bytes.length + 1) >>> 0;
    if (pointer === 0) throw new OutOfMemory();
    this.#metered.write(pointer, bytes);
    this.#metered.write(pointer + bytes.length, Uint8Array.of(0));
    return pointer;
  }

  /** @throws Thrown */
  #expectValue(value: Handle): Handle {
    if (value === 0) throw new OutOfMemory();
    if (this.engine.qjs_is_exception(value) !== 0) throw new Thrown(this.engine.qjs_get_exception());
    return value;
  }

  /** Runs a script. @throws Thrown */
  evaluate(source: string, fileName: string): Handle {
    const code = new TextEncoder().encode(source);
    const name = this.#place(new TextEncoder().encode(fileName));
    return this.#expectValue(this.engine.qjs_eval(this.#place(code), code.length, name, 0));
  }

  /** @throws Thrown */
  call(callee: Handle, value: Handle): Handle {
    const pointers = this.#place(new Uint8Array(Uint32Array.of(value).buffer));
    return this.#expectValue(this.engine.qjs_call(callee, this.engine.qjs_get_undefined(), 1, pointers));
  }

  bytes(content: Uint8Array): Handle {
    return this.#expectValue(this.engine.qjs_new_uint8_array(this.#place(content), content.length));
  }

  element(array: Handle, index: number): Handle {
    return this.#expectValue(this.engine.qjs_get_prop_uint32(array, index));
  }

  /** Where a string's UTF-8 or a Uint8Array's bytes lie. */
  region(value: Handle): { readonly pointer: number; readonly length: number } {
    const { engine } = this;
    const numbers = this.#place(new Uint8Array(16));
    if (engine.qjs_is_string(value) !== 0) {
      const pointer = engine.qjs_get_string_len(value, numbers) >>> 0;
      if (pointer === 0) throw new OutOfMemory();
      return { pointer, length: this.#number(numbers) };
    }
    const buffer = this.#expectValue(engine.qjs_get_typed_array_buffer(value, numbers, numbers + 4, numbers + 8));
    const start = engine.qjs_get_array_buffer(buffer, numbers + 12) >>> 0;
    return { pointer: start + this.#number(numbers), length: this.#number(numbers + 4) };
  }

  text(value: Handle): string {
    const { pointer, length } = this.region(value);
    return new TextDecoder().decode(this.#metered.read(pointer, length));
  }

  #number(pointer: number): number {
    return new DataView(this.#metered.memory.buffer).getUint32(pointer, true);
  }
}
