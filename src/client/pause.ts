const firstMs = 100;
const maxMs = 5_000;

/**
 * How long to wait before attempt `attempt` (1 is the first repetition): doubling, and never less than the server said; with
 * jitter, so that not all who were sent away come back at once.
 */
export function backoffMs(attempt: number, retryAfter: string | null, random: () => number = Math.random): number {
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  const least = Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, 30_000) : 0;
  const grown = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  const shortest = Math.max(least, grown / 2);
  return shortest + random() * shortest;
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
