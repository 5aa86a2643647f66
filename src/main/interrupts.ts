import { setMaxListeners } from "node:events";

/** A terminal sends Ctrl-C to npm too, which passes it on: what comes twice in this time was one. */
const sameMs = 1_500;

export interface Interrupts {
  /** Aborts at the first SIGINT or SIGTERM, so that everything ends in order; at a later one the process ends at once. */
  readonly signal: AbortSignal;
  /**
   * Does work that never comes back to the event loop, where signals would wait for its end: one ends the process at
   * once, as if nobody listened. The work must leave nothing behind.
   */
  readonly whileBlocked: <Result>(work: () => Result) => Result;
}

export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  // As many listen as there are people, programs and streams under way; all stop at the end of what they do.
  setMaxListeners(0, controller.signal);
  let firstMs = 0;
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (!controller.signal.aborted) {
      firstMs = Date.now();
      controller.abort();
    } else if (Date.now() - firstMs > sameMs) {
      process.exit(name === "SIGINT" ? 130 : 143);
    }
  };
  const listen = (): void => {
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  };
  listen();
  return {
    signal: controller.signal,
    whileBlocked: (work) => {
      process.removeListener("SIGINT", onSignal);
      process.removeListener("SIGTERM", onSignal);
      try {
        return work();
      } finally {
        listen();
      }
    },
  };
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
