/** What is used here of the WebAssembly JavaScript interface (W3C), which the language's own library does not declare. */
declare namespace WebAssembly {
  type ExportValue = Memory | Global | ((...values: never[]) => unknown);

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { readonly module: string; readonly name: string }[];
  }

  class Instance {
    constructor(module: Module, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, ExportValue>>;
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  class Global {
    value: number | bigint;
  }

  class RuntimeError extends Error {}

  function validate(bytes: Uint8Array): boolean;
}
