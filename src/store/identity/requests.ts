import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface RequestRow {
  readonly owner: Uint8Array;
  readonly atMs: number;
  readonly id: string;
  readonly apiKey: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly code: string | null;
}

const insert = statement<readonly unknown[], Record<string, never>>(
  "requests.insert",
  `insert into requests (owner, at_ms, id, api_key, operation, method, path, status, duration_ms, code)
   select * from unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],
     $9::int[], $10::text[])`,
);

export async function insertRequests(on: Queryable, rows: readonly RequestRow[]): Promise<void> {
  const column = <Name extends keyof RequestRow>(name: Name): RequestRow[Name][] => rows.map((row) => row[name]);
  await runStatement(on, insert, [
    column("owner"),
    column("atMs"),
    column("id"),
    column("apiKey"),
    column("operation"),
    column("method"),
    column("path"),
    column("status"),
    column("durationMs"),
    column("code"),
  ]);
}

interface Row {
  owner: Uint8Array;
  at_ms: bigint;
  id: string;
  api_key: string;
  operation: string;
  method: string;
  path: string;
  status: number;
  duration_ms: number;
  code: string | null;
}

/** Where a page of requests ended. */
export type RequestPlace = Pick<RequestRow, "atMs" | "id">;

/** Later than all. */
const latest: RequestPlace = { atMs: Number.MAX_SAFE_INTEGER, id: "" };

type NewestAsked = [owner: Uint8Array, failedOnly: boolean, limit: number, atMs: number, id: string];
const newest = statement<NewestAsked, Row>(
  "requests.newest",
  `select owner, at_ms, id, api_key, operation, method, path, status, duration_ms, code from requests
   where owner = $1 and at_ms <= $4 and (at_ms, id) < ($4::bigint, $5) and (not $2 or status >= 400)
   order by at_ms desc, id desc limit $3`,
);

/** The newest first, from the first behind `after`. */
export async function listRequests(
  on: Queryable,
  owner: Uint8Array,
  failedOnly: boolean,
  after: RequestPlace | null,
  limit: number,
): Promise<RequestRow[]> {
  const { atMs, id } = after ?? latest;
  const rows = await runStatement(on, newest, [owner, failedOnly, limit, atMs, id]);
  return rows.map(({ at_ms, api_key, duration_ms, ...row }) => ({
    ...row,
    atMs: Number(at_ms),
    apiKey: api_key,
    durationMs: duration_ms,
  }));
}

const prune = statement<[beforeMs: number, kept: number], Record<string, never>>(
  "requests.prune",
  `delete from requests r using (
     select owner, at_ms from (
       select owner, at_ms, row_number() over (partition by owner order by at_ms desc) as place from requests) placed
     where place = $2 + 1) last
   where r.owner = last.owner and r.at_ms <= last.at_ms or r.at_ms < $1`,
);

/** Keeps so many of each owner, and none from before a time. */
export async function pruneRequests(on: Queryable, beforeMs: number, kept: number): Promise<void> {
  await runStatement(on, prune, [beforeMs, kept]);
}
