import { parentPort, workerData } from "node:worker_threads";
import type { Execution, Limits, Program } from "./execution.ts";
import { JavaScriptEngine, type StartedQuickJs, startQuickJs } from "./guests/javascript.ts";
import { prepareModule, runModule } from "./guests/webassembly.ts";
import { ModuleRefused } from "./wasm/module.ts";

/** What a thread is given when it begins: QuickJS, where another thread has started it before. */
export interface ThreadData {
  readonly started: StartedQuickJs | null;
}

/** What a thread says: how an execution ended, and QuickJS once, for the threads after it. */
export type ThreadMessage = { readonly execution: Execution } | { readonly started: StartedQuickJs };

/** A module by its hash; its bytes where the thread does not keep it, and what it has to forget for it. */
export interface SentModule {
  readonly language: "webassembly";
  readonly hash: string;
  readonly module: Uint8Array | null;
  readonly forget: readonly string[];
}

/** What a thread is sent, and answers with an execution. */
export interface Request {
  readonly program: Extract<Program, { readonly language: "javascript" }> | SentModule;
  readonly input: Uint8Array;
  readonly limits: Limits;
}

let javaScript: JavaScriptEngine | null = null;
/** By their hashes, those that were refused too; the sandbox says which to forget (`kept-modules.ts`). */
const modules = new Map<string, WebAssembly.Module | ModuleRefused>();

function execute({ program, input, limits }: Request): Execution {
  if (program.language === "javascript") {
    javaScript ??= new JavaScriptEngine((workerData as ThreadData).started ?? startForAll());
    return javaScript.execute(program.source, input, limits);
  }
  const module = moduleOf(program);
  if (module instanceof ModuleRefused) return { outcome: "refused", problem: module.message, fuel: 0 };
  return runModule(module, input, limits);
}

function startForAll(): StartedQuickJs {
  const started = startQuickJs();
  say({ started });
  return started;
}

function moduleOf({ hash, module, forget }: SentModule): WebAssembly.Module | ModuleRefused {
  for (const each of forget) modules.delete(each);
  const known = modules.get(hash);
  if (known !== undefined) return known;
  const prepared = prepare(module as Uint8Array);
  modules.set(hash, prepared);
  return prepared;
}

function prepare(bytes: Uint8Array): WebAssembly.Module | ModuleRefused {
  try {
    return prepareModule(bytes);
  } catch (error) {
    if (error instanceof ModuleRefused) return error;
    throw error;
  }
}

const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

parentPort?.on("message", (request: Request) => say({ execution: execute(request) }));
