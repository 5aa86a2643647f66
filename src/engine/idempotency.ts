import { findResponse, type StoredResponse, saveResponse } from "../store/identity/idempotency.ts";
import type { EngineContext } from "./context.ts";

/** Responses to requests that carried an idempotency key, for a day. */
export interface IdempotencyStore {
  find(scope: Uint8Array, key: string): Promise<StoredResponse | null>;
  save(scope: Uint8Array, key: string, requestHash: Uint8Array, status: number, response: string): Promise<void>;
}

export const createIdempotency = ({ pool, clock }: EngineContext): IdempotencyStore => ({
  find: (scope, key) => findResponse(pool, scope, key),
  save: (scope, key, requestHash, status, response) =>
    saveResponse(pool, scope, key, { requestHash, status, response, createdAtMs: clock() }),
});
