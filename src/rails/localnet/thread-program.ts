import { parentPort, workerData } from "node:worker_threads";
import { isEarnestError } from "../../core/errors.ts";
import { startLocalnet } from "./localnet.ts";
import { nameThread } from "./name-thread.ts";
import type { ThreadMessage, ThreadOptions } from "./thread.ts";

/** The thread of `startLocalnetThread`: says where it serves, and serves until it is told to close. */
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

nameThread("chain");
try {
  const net = await startLocalnet({ ...(workerData as ThreadOptions), clock: Date.now });
  parentPort?.once("message", () => {
    // Where the disk does not hold all that was shown, this process ends.
    net.close().catch((error: unknown) => setImmediate(() => rethrow(error)));
  });
  say({ rpcUrl: net.rpcUrl, wsUrl: net.wsUrl });
} catch (error) {
  if (!isEarnestError(error)) throw error;
  say({ code: error.code, context: error.context });
}

function rethrow(error: unknown): never {
  throw error;
}
