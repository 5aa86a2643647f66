/** How a client reaches a server. */
export interface ClientOptions {
  /** For example "http://127.0.0.1:4500". */
  readonly server: string;
  /** earnest_test_… or earnest_live_…, or the token of a session. */
  readonly apiKey?: string;
  /** Further attempts after the first. Default: 5. */
  readonly retriesMax?: number;
  /** For an answer to begin. Default: 60 s. */
  readonly timeoutMs?: number;
  /** Another implementation of fetch, for instance one with its own connection pool. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** Null sends none. Default: a new one for each call that creates something. */
  readonly idempotencyKey?: string | null;
  readonly signal?: AbortSignal;
}
