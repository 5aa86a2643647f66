import type { Ending, Execution, Limits } from "../execution.ts";
import { memoryEvent, meterExports } from "../wasm/added.ts";
import { pageBytes, pagesMaxEver } from "../wasm/meter.ts";
import { trapOf } from "./trap.ts";

type Exports = Readonly<Record<string, WebAssembly.ExportValue>>;

/** An instance of a metered module, with what it may spend. */
export class Metered {
  readonly exports: Exports;
  readonly memory: WebAssembly.Memory;
  readonly #fuelMax: number;

  /** @param stackBytesMax by the estimate of `meterBody`; the host's own stack must be several times larger */
  constructor(exports: Exports, limits: Limits, stackBytesMax: number) {
    this.exports = exports;
    this.memory = exports["memory"] as WebAssembly.Memory;
    this.#fuelMax = limits.fuelMax;
    this.#global("fuel").value = BigInt(limits.fuelMax);
    this.#global("stack").value = stackBytesMax;
    this.#global("memoryEvents").value = 0;
    const pages = Math.floor(limits.memoryBytesMax / pageBytes);
    this.#global("pagesMax").value = Math.max(Math.min(pages, pagesMaxEver), this.memory.buffer.byteLength / pageBytes);
  }

  #global(name: "fuel" | "stack" | "pagesMax" | "memoryEvents"): WebAssembly.Global {
    return this.exports[meterExports[name]] as WebAssembly.Global;
  }

  get #fuelLeft(): number {
    return Number(this.#global("fuel").value);
  }

  /** Runs something in the instance and says how it ended. */
  execute(run: () => Ending): Execution {
    let ending: Ending;
    try {
      ending = run();
    } catch (error) {
      ending = this.#endedBy(error);
    }
    if (ending.outcome !== "fault" && this.#fuelLeft < 0) ending = { outcome: "fuelUsedUp" };
    return { ...ending, fuel: Math.min(this.#fuelMax, this.#fuelMax - this.#fuelLeft) };
  }

  #endedBy(error: unknown): Ending {
    if (((this.#global("memoryEvents").value as number) & memoryEvent.hostFailed) !== 0) {
      return { outcome: "fault", problem: "the machine had no memory left" };
    }
    if (!(error instanceof WebAssembly.RuntimeError)) return { outcome: "fault", problem: String(error) };
    if ((this.#global("stack").value as number) < 0) {
      return {
        outcome: "trapped",
        trap: { ...trapOf(error), kind: "stackUsedUp", message: "calls are nested too deeply" },
      };
    }
    return this.wasMemoryDenied ? { outcome: "memoryUsedUp" } : { outcome: "trapped", trap: trapOf(error) };
  }

  get wasMemoryDenied(): boolean {
    return ((this.#global("memoryEvents").value as number) & memoryEvent.denied) !== 0;
  }

  /** A copy of what lies in the memory; undefined where it does not lie inside. */
  read(pointer: number, length: number): Uint8Array | undefined {
    const { buffer } = this.memory;
    return pointer + length > buffer.byteLength ? undefined : new Uint8Array(buffer.slice(pointer, pointer + length));
  }

  /** @returns false where the region does not lie inside */
  write(pointer: number, bytes: Uint8Array): boolean {
    const { buffer } = this.memory;
    if (pointer + bytes.length > buffer.byteLength) return false;
    new Uint8Array(buffer).set(bytes, pointer);
    return true;
  }
}
