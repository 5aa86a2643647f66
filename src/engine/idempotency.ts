import { claimKey, findResponse, noteOfKey, type StoredResponse, saveResponse } from "../store/identity/idempotency.ts";
import type { Connection } from "../store/pool.ts";
import type { EngineContext } from "./context.ts";

export { claimedStatus } from "../store/identity/idempotency.ts";

/**
 * A request that must be done once. The transaction that does it claims its key, so that a repetition finds it done
 * even where the process died before it could keep the answer.
 */
export interface Once {
  /** @throws KeyClaimed where another process did the work meanwhile; its transaction is then rolled back */
  claim(dbTx: Connection, note?: string): Promise<void>;
  /** What the answer can be made of again. */
  note(dbTx: Connection, note: string): Promise<void>;
}

/** Never leaves the process: whoever gave the key looks up what was answered. */
export class KeyClaimed extends Error {
  override readonly name = "KeyClaimed";
}

/** Responses to requests that carried an idempotency key, for a day. */
export interface IdempotencyStore {
  find(scope: Uint8Array, key: string): Promise<StoredResponse | null>;
  save(scope: Uint8Array, key: string, requestHash: Uint8Array, status: number, response: string): Promise<void>;
  once(scope: Uint8Array, key: string, requestHash: Uint8Array): Once;
}

export const createIdempotency = ({ pool, clock }: EngineContext): IdempotencyStore => ({
  find: (scope, key) => findResponse(pool, scope, key),
  save: (scope, key, requestHash, status, response) =>
    saveResponse(pool, scope, key, { requestHash, status, response, createdAtMs: clock() }),
  once: (scope, key, requestHash) => ({
    async claim(dbTx, note = "") {
      const isOurs = await claimKey(dbTx, scope, key, { requestHash, note, createdAtMs: clock() });
      if (!isOurs) throw new KeyClaimed(key);
    },
    note: (dbTx, note) => noteOfKey(dbTx, scope, key, note),
  }),
});

/** What a batch of its own begins with. */
export const claiming = (once: Once | undefined): { readonly before?: (dbTx: Connection) => Promise<void> } =>
  once === undefined ? {} : { before: (dbTx) => once.claim(dbTx) };
