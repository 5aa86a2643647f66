import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface ApiKeyRow {
  readonly id: string;
  readonly owner: Uint8Array;
  readonly mode: "test" | "live";
  readonly name: string;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

interface Row {
  id: string;
  owner: Uint8Array;
  mode: "test" | "live";
  name: string;
  created_at_ms: bigint;
  revoked_at_ms: bigint | null;
}

const toApiKey = ({ created_at_ms, revoked_at_ms, ...row }: Row): ApiKeyRow => ({
  ...row,
  createdAtMs: Number(created_at_ms),
  revokedAtMs: revoked_at_ms === null ? null : Number(revoked_at_ms),
});

const insert = statement<readonly unknown[], Record<string, never>>(
  "api_keys.insert",
  "insert into api_keys (hash, id, owner, mode, name, created_at_ms) values ($1, $2, $3, $4, $5, $6)",
);

const byHash = statement<[hash: Uint8Array], Row>(
  "api_keys.byHash",
  `select id, owner, mode, name, created_at_ms, revoked_at_ms from api_keys where hash = $1 and revoked_at_ms is null`,
);

/** Where a page of an owner's keys ended. */
export type ApiKeyPlace = Pick<ApiKeyRow, "createdAtMs" | "id">;

/** Later than all. */
const latest: ApiKeyPlace = { createdAtMs: Number.MAX_SAFE_INTEGER, id: "" };

const byOwner = statement<[owner: Uint8Array, createdAtMs: number, id: string, limit: number], Row>(
  "api_keys.byOwner",
  `select id, owner, mode, name, created_at_ms, revoked_at_ms from api_keys
   where owner = $1 and (created_at_ms, id) < ($2::bigint, $3)
   order by created_at_ms desc, id desc limit $4`,
);

const revoke = statement<[owner: Uint8Array, id: string, nowMs: number], Record<string, never>>(
  "api_keys.revoke",
  "update api_keys set revoked_at_ms = $3 where owner = $1 and id = $2 and revoked_at_ms is null",
);

export async function insertApiKey(on: Queryable, hash: Uint8Array, key: ApiKeyRow): Promise<void> {
  await runStatement(on, insert, [hash, key.id, key.owner, key.mode, key.name, key.createdAtMs]);
}

/** By the hash of the secret; null where there is none or it was revoked. */
export async function readApiKey(on: Queryable, hash: Uint8Array): Promise<ApiKeyRow | null> {
  const [row] = await runStatement(on, byHash, [hash]);
  return row === undefined ? null : toApiKey(row);
}

/** The newest first, from the first behind `after`. */
export async function listApiKeys(
  on: Queryable,
  owner: Uint8Array,
  after: ApiKeyPlace | null,
  limit: number,
): Promise<ApiKeyRow[]> {
  const { createdAtMs, id } = after ?? latest;
  return (await runStatement(on, byOwner, [owner, createdAtMs, id, limit])).map(toApiKey);
}

export async function revokeApiKey(on: Queryable, owner: Uint8Array, id: string, nowMs: number): Promise<void> {
  await runStatement(on, revoke, [owner, id, nowMs]);
}
