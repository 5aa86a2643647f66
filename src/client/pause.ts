const firstMs = 100;
const maxMs = 5_000;

/** How long to wait before attempt `attempt` (1 is the first repetition): doubling, with jitter, or what the server said. */
export function backoffMs(attempt: number, retryAfter: string | null, random: () => number = Math.random): number {
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  const least = Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, 30_000) : 0;
  const grown = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  return Math.max(least, grown / 2 + (random() * grown) / 2);
}

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal.reason });

/** @throws the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(reasonOf(signal));
    const onAbort = (): void => {
      clearTimeout(timer);
      if (signal !== undefined) reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
