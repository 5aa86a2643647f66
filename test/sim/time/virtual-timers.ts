import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import type { Scheduler } from "./scheduler.ts";

let current: Scheduler | null = null;

/** Whose time it is from now on. */
export function follow(scheduler: Scheduler): void {
  current = scheduler;
}

const clock = (): Scheduler => {
  if (current === null) throw new Error("no simulated time is running");
  return current;
};

type Run = (...values: unknown[]) => void;

interface Timer {
  readonly cancel: () => void;
  ref(): Timer;
  unref(): Timer;
  hasRef(): boolean;
}

/**
 * Gives this whole program a simulated time: timers and the clock of whatever code runs in it. Nothing else does, since
 * all else that takes time is handed in.
 */
export function installVirtualTimers(): void {
  const setTimer = (run: Run, delayMs = 0, ...values: unknown[]): Timer => {
    const cancel = clock().after(delayMs, () => run(...values));
    const timer: Timer = { cancel, ref: () => timer, unref: () => timer, hasRef: () => true };
    return timer;
  };
  const clearTimer = (timer: Timer | undefined): void => timer?.cancel();
  const sleep = <T>(delayMs = 0, value?: T, options: { readonly signal?: AbortSignal } = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const abort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = clock().after(delayMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve(value as T);
      });
      signal?.addEventListener("abort", abort);
    });
  const setSoon = (run: Run, ...values: unknown[]): Timer => setTimer(run, 0, ...values);
  Object.assign(globalThis, { setTimeout: setTimer, clearTimeout: clearTimer, setImmediate: setSoon });
  Object.assign(timersPromises, { setTimeout: sleep });
  Date.now = () => Math.floor(clock().nowMs);
  syncBuiltinESMExports();
}
