import { createHash } from "node:crypto";
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

/** What a thread is sent, and answers with an execution. */
export interface Request {
  readonly program: Program;
  readonly input: Uint8Array;
  readonly limits: Limits;
}

const modulesMax = 8;

let javaScript: JavaScriptEngine | null = null;
/** By their hashes; the one that was used last stands last. */
const modules = new Map<string, WebAssembly.Module>();

function execute({ program, input, limits }: Request): Execution {
  if (program.language === "javascript") {
    javaScript ??= new JavaScriptEngine((workerData as ThreadData).started ?? startForAll());
    return javaScript.execute(program.source, input, limits);
  }
  try {
    return runModule(moduleOf(program.module), input, limits);
  } catch (error) {
    if (error instanceof ModuleRefused) return { outcome: "refused", problem: error.message, fuel: 0 };
    throw error;
  }
}

function startForAll(): StartedQuickJs {
  const started = startQuickJs();
  say({ started });
  return started;
}

function moduleOf(bytes: Uint8Array): WebAssembly.Module {
  const hash = createHash("sha256").update(bytes).digest("hex");
  const module = modules.get(hash) ?? prepareModule(bytes);
  modules.delete(hash);
  modules.set(hash, module);
  const [oldest] = modules.keys();
  if (modules.size > modulesMax) modules.delete(oldest as string);
  return module;
}

const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

parentPort?.on("message", (request: Request) => say({ execution: execute(request) }));
