import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StoredResponse {
  readonly requestHash: Uint8Array;
  readonly status: number;
  readonly response: string;
}

const find = statement<
  [scope: Uint8Array, key: string],
  { request_hash: Uint8Array; status: number; response: string }
>("idempotency.find", "select request_hash, status, response from idempotency_keys where scope = $1 and key = $2");

const save = statement<readonly unknown[], Record<string, never>>(
  "idempotency.save",
  `insert into idempotency_keys (scope, key, request_hash, status, response, created_at_ms)
   values ($1, $2, $3, $4, $5, $6) on conflict (scope, key) do nothing`,
);

const prune = statement<[beforeMs: number], Record<string, never>>(
  "idempotency.prune",
  "delete from idempotency_keys where created_at_ms < $1",
);

export async function findResponse(on: Queryable, scope: Uint8Array, key: string): Promise<StoredResponse | null> {
  const [row] = await runStatement(on, find, [scope, key]);
  return row === undefined ? null : { requestHash: row.request_hash, status: row.status, response: row.response };
}

/** The first response stands. */
export async function saveResponse(
  on: Queryable,
  scope: Uint8Array,
  key: string,
  stored: StoredResponse & { readonly createdAtMs: number },
): Promise<void> {
  const { requestHash, status, response, createdAtMs } = stored;
  await runStatement(on, save, [scope, key, requestHash, status, response, createdAtMs]);
}

export async function pruneResponses(on: Queryable, beforeMs: number): Promise<void> {
  await runStatement(on, prune, [beforeMs]);
}
