import { setTimeout as sleep } from "node:timers/promises";
import { EarnestConnectionError, isApiError } from "#src/client/errors";
import type { Journal } from "./journal.ts";

/** What a server, or whatever stands before it, answers while it is away, ends or starts, has much to do, or its database does. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export const isPassing = (error: unknown): boolean =>
  error instanceof EarnestConnectionError || (isApiError(error) && passing.has(error.status));

/** Does it again until the server says yes or no. An internal error is a failure of the test, and tried again. */
export async function insist<T>(journal: Journal, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const isInternal = isApiError(error) && error.status >= 500 && !isPassing(error);
      if (isInternal) journal.fail(`a client was answered ${error.status} ${error.code}: ${error.message}`);
      if (!isInternal && !isPassing(error)) throw error;
      journal.retries++;
      await sleep(50, undefined, { signal });
    }
  }
}
