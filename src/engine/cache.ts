/** A small least-recently-used cache for things that never change, or that expire soon enough. */
export class Cache<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly untilMs: number }>();
  readonly #max: number;
  readonly #ttlMs: number;
  readonly #clock: () => number;

  constructor(options: { readonly max: number; readonly ttlMs: number; readonly clock: () => number }) {
    this.#max = options.max;
    this.#ttlMs = options.ttlMs;
    this.#clock = options.clock;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.untilMs <= this.#clock()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V): V {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: this.#clock() + this.#ttlMs });
    if (this.#entries.size > this.#max) this.#entries.delete(this.#entries.keys().next().value as string);
    return value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Made once for all who ask while it is kept; what failed is not. */
export function kept<V>(cache: Cache<Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  made.catch(() => cache.delete(key));
  return cache.set(key, made);
}
