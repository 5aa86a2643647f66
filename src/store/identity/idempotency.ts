import type { Connection, Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StoredResponse {
  readonly requestHash: Uint8Array;
  readonly status: number;
  readonly response: string;
}

/** Of a request whose work is done, while nobody knows yet what it was answered; `response` is a note to find out by. */
export const claimedStatus = 0;

const find = statement<
  [scope: Uint8Array, key: string],
  { request_hash: Uint8Array; status: number; response: string }
>("idempotency.find", "select request_hash, status, response from idempotency_keys where scope = $1 and key = $2");

const save = statement<readonly unknown[], Record<string, never>>(
  "idempotency.save",
  `insert into idempotency_keys (scope, key, request_hash, status, response, created_at_ms)
   values ($1, $2, $3, $4, $5, $6) on conflict (scope, key) do update
   set status = excluded.status, response = excluded.response where idempotency_keys.status = ${claimedStatus}`,
);

const claim = statement<readonly unknown[], { key: string }>(
  "idempotency.claim",
  `insert into idempotency_keys (scope, key, request_hash, status, response, created_at_ms)
   values ($1, $2, $3, ${claimedStatus}, $4, $5) on conflict (scope, key) do nothing returning key`,
);

const setNote = statement<[scope: Uint8Array, key: string, note: string], Record<string, never>>(
  "idempotency.note",
  `update idempotency_keys set response = $3 where scope = $1 and key = $2 and status = ${claimedStatus}`,
);

const prune = statement<[beforeMs: number], Record<string, never>>(
  "idempotency.prune",
  "delete from idempotency_keys where created_at_ms < $1",
);

export async function findResponse(on: Queryable, scope: Uint8Array, key: string): Promise<StoredResponse | null> {
  const [row] = await runStatement(on, find, [scope, key]);
  return row === undefined ? null : { requestHash: row.request_hash, status: row.status, response: row.response };
}

/** The first response stands; a claim is none. */
export async function saveResponse(
  on: Queryable,
  scope: Uint8Array,
  key: string,
  stored: StoredResponse & { readonly createdAtMs: number },
): Promise<void> {
  const { requestHash, status, response, createdAtMs } = stored;
  await runStatement(on, save, [scope, key, requestHash, status, response, createdAtMs]);
}

/** In the transaction of the work itself. @returns false where another request did the work under this key */
export async function claimKey(
  connection: Connection,
  scope: Uint8Array,
  key: string,
  { requestHash, note, createdAtMs }: { requestHash: Uint8Array; note: string; createdAtMs: number },
): Promise<boolean> {
  return (await runStatement(connection, claim, [scope, key, requestHash, note, createdAtMs])).length > 0;
}

export async function noteOfKey(connection: Connection, scope: Uint8Array, key: string, note: string): Promise<void> {
  await runStatement(connection, setNote, [scope, key, note]);
}

export async function pruneResponses(on: Queryable, beforeMs: number): Promise<void> {
  await runStatement(on, prune, [beforeMs]);
}
