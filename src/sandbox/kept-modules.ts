import type { SentModule } from "./thread-program.ts";

const modulesMax = 16;
const bytesMax = 32 * 1_048_576;

/**
 * Which modules a thread keeps compiled, as the sandbox knows it: a large module is sent, read and metered once and not
 * for each of its executions. Those that were used last stay.
 */
export class KeptModules {
  /** Sizes by hashes; the one used last stands last. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  /** A module as the thread has to be sent it now. */
  send(hash: string, module: Uint8Array): SentModule {
    const isThere = this.#sizes.delete(hash);
    this.#sizes.set(hash, module.length);
    if (isThere) return { language: "webassembly", hash, module: null, forget: [] };
    this.#bytes += module.length;
    const forget: string[] = [];
    for (const [oldest, bytes] of this.#sizes) {
      if (oldest === hash || (this.#sizes.size <= modulesMax && this.#bytes <= bytesMax)) break;
      this.#sizes.delete(oldest);
      this.#bytes -= bytes;
      forget.push(oldest);
    }
    return { language: "webassembly", hash, module, forget };
  }
}
