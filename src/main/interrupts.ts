/** A terminal sends Ctrl-C to npm too, which passes it on: what comes twice in this time was one. */
const sameMs = 1_500;

/** Aborts at the first SIGINT or SIGTERM, so that everything ends in order; at a later one the process ends at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (!controller.signal.aborted) {
      firstMs = Date.now();
      controller.abort();
    } else if (Date.now() - firstMs > sameMs) {
      process.exit(name === "SIGINT" ? 130 : 143);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return controller.signal;
}
