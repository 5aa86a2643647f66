/** Code of a stranger. JavaScript defines a function `main`; a WebAssembly module exports `memory`, `alloc` and `run`. */
export type Program =
  | { readonly language: "javascript"; readonly source: string }
  /** `hash` is the module's SHA-256 in hexadecimal, where somebody has made sure of it before. */
  | { readonly language: "webassembly"; readonly module: Uint8Array; readonly hash?: string };

export interface Limits {
  /** In instructions of WebAssembly, about; the same everywhere (docs/sandbox.md). */
  readonly fuelMax: number;
  /** Of the linear memory; for JavaScript beside what its engine needs to start. */
  readonly memoryBytesMax: number;
  readonly outputBytesMax: number;
}

/** How a program came to an end that it did not mean. */
export interface Trap {
  /** Such as `unreachable` or, in JavaScript, the name of the error. */
  readonly kind: string;
  readonly message: string;
  /** The innermost first. */
  readonly frames: readonly string[];
}

/**
 * How an execution ended. All but a fault is the program's own doing and the same on every machine, with the same fuel;
 * a fault is the sandbox's or the machine's, says nothing about the program, and is tried again.
 */
export type Ending =
  | { readonly outcome: "finished"; readonly output: Uint8Array }
  | { readonly outcome: "outputTooLarge"; readonly outputBytes: number }
  | { readonly outcome: "trapped"; readonly trap: Trap }
  | { readonly outcome: "fuelUsedUp" }
  | { readonly outcome: "memoryUsedUp" }
  | { readonly outcome: "refused"; readonly problem: string }
  | { readonly outcome: "fault"; readonly problem: string };

export type Execution = Ending & { readonly fuel: number };
