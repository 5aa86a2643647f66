import { once } from "node:events";
import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type ErrorCode, type ErrorContext, earnestError } from "../../core/errors.ts";
import { checkFree } from "./folder-lock.ts";
import { type Localnet, type LocalnetOptions, startLocalnet } from "./localnet.ts";

/** Plain data, for another thread. */
export type ThreadOptions = Omit<LocalnetOptions, "clock">;

/** What the thread says once: where it serves, or why it does not. */
export type ThreadMessage =
  | { readonly rpcUrl: string; readonly wsUrl: string }
  | { readonly code: ErrorCode; readonly context: ErrorContext<ErrorCode> };

const compiled = new URL("./thread-program.js", import.meta.url);

/**
 * A localnet in a thread of its own, by the system's clock, so that whoever sends it thousands of transactions has
 * another core to make them on. Where its program was not compiled, as in tests, it runs in this thread.
 *
 * @throws as `startLocalnet`
 */
export async function startLocalnetThread(options: ThreadOptions, program: URL = compiled): Promise<Localnet> {
  if (!existsSync(program)) return startLocalnet({ ...options, clock: Date.now });
  // Whoever waits to take a folder over asks twice a second: a thread that finds it held costs half of a core.
  checkFree(options.folder);
  const thread = new Worker(program, { workerData: options });
  const [said] = (await once(thread, "message")) as [ThreadMessage];
  if ("code" in said) throw earnestError(said.code, said.context);
  // What goes wrong there ends this process, as it would here.
  thread.on("error", (error) => {
    throw error;
  });
  let closed: Promise<unknown> | null = null;
  const close = async (): Promise<void> => {
    closed ??= once(thread, "exit");
    thread.postMessage("close");
    await closed;
  };
  return { ...said, close };
}
