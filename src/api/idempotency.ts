import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { type Bytes32, equalBytes, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { claimedStatus, KeyClaimed, type Once } from "../engine/idempotency.ts";

/** What a request with an idempotency key was answered. */
export interface StoredResponse {
  readonly requestHash: Uint8Array;
  readonly status: number;
  /** The JSON text of the body; empty where there is none. */
  readonly response: string;
}

/** Keeps the answers of requests that carried a key. `scope` is the caller's owner: keys of others never meet. */
export interface IdempotencyStore {
  find(scope: Bytes32, key: string): Promise<StoredResponse | null>;
  save(scope: Bytes32, key: string, requestHash: Uint8Array, status: number, response: string): Promise<void>;
  /** For the engine: the transaction that does the work claims the key. */
  once(scope: Bytes32, key: string, requestHash: Uint8Array): Once;
}

type Answered = Pick<StoredResponse, "status" | "response">;

/** What is done once a key. */
export interface Keyed {
  work(once: Once): Promise<Answered>;
  /** The answer of work that was done by a process that died before it could keep the answer, from the work's note. */
  again(note: string): Promise<Answered>;
}

/** @throws MALFORMED_REQUEST where the key is not 1 to 200 printable ASCII characters. */
export function idempotencyKey(request: FastifyRequest): string | null {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return null;
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    const problem = "must be 1 to 200 visible ASCII characters";
    throw earnestError("MALFORMED_REQUEST", { where: "Idempotency-Key", problem });
  }
  return key;
}

/** Hash of what must be equal for two requests to be the same one. */
export function requestHash(method: string, url: string, body: unknown): Uint8Array {
  const hash = createHash("sha256").update(`${method} ${url}\n`);
  return hash.update(body === undefined ? "" : JSON.stringify(body)).digest();
}

/**
 * Runs a request once: a repetition gets the stored answer, another request under the same key is refused. Only
 * successes are stored, since a refusal changed nothing. Two that arrive together in this process share one run.
 */
export class OnceByKey {
  readonly #store: IdempotencyStore;
  readonly #running = new Map<string, Promise<StoredResponse>>();

  constructor(store: IdempotencyStore) {
    this.#store = store;
  }

  async run(scope: Bytes32, key: string, hash: Uint8Array, keyed: Keyed): Promise<StoredResponse> {
    const place = `${toHex(scope)} ${key}`;
    const running = this.#running.get(place);
    if (running !== undefined) return sameRequest(key, hash, await running);
    const run = this.#runFirst(scope, key, hash, keyed);
    this.#running.set(place, run);
    try {
      return sameRequest(key, hash, await run);
    } finally {
      this.#running.delete(place);
    }
  }

  find(scope: Bytes32, key: string): Promise<StoredResponse | null> {
    return this.#store.find(scope, key);
  }

  once(scope: Bytes32, key: string, hash: Uint8Array): Once {
    return this.#store.once(scope, key, hash);
  }

  save(scope: Bytes32, key: string, hash: Uint8Array, status: number, response: string): Promise<void> {
    return this.#store.save(scope, key, hash, status, response);
  }

  async #runFirst(scope: Bytes32, key: string, hash: Uint8Array, keyed: Keyed): Promise<StoredResponse> {
    const stored = await this.#store.find(scope, key);
    const answered = stored === null ? await this.#work(scope, key, hash, keyed) : null;
    const claimed = answered === null ? (stored ?? (await this.#store.find(scope, key))) : null;
    if (claimed !== null && claimed.status !== claimedStatus) return claimed;
    if (claimed !== null) sameRequest(key, hash, claimed);
    const { status, response } = answered ?? (await keyed.again(claimed?.response ?? ""));
    await this.#store.save(scope, key, hash, status, response);
    return { requestHash: hash, status, response };
  }

  /** Null where another process did it meanwhile. */
  async #work(scope: Bytes32, key: string, hash: Uint8Array, keyed: Keyed): Promise<Answered | null> {
    try {
      return await keyed.work(this.#store.once(scope, key, hash));
    } catch (error) {
      if (error instanceof KeyClaimed) return null;
      throw error;
    }
  }
}

export function sameRequest(key: string, hash: Uint8Array, stored: StoredResponse): StoredResponse {
  if (!equalBytes(stored.requestHash, hash)) throw earnestError("IDEMPOTENCY_MISMATCH", { key });
  return stored;
}
