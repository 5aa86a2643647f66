import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface SessionRow {
  readonly contributor: number;
  readonly key: Uint8Array;
  readonly sessionKey: Uint8Array;
  readonly expiresAtMs: number;
  /** The sign-in text that authorised it, and the contributor's signature of that. */
  readonly text: string;
  readonly signature: Uint8Array;
}

const read = statement<
  [hash: Uint8Array, nowMs: number],
  {
    contributor: number;
    key: Uint8Array;
    session_key: Uint8Array;
    expires_at_ms: bigint;
    text: string;
    signature: Uint8Array;
  }
>(
  "sessions.read",
  `select s.contributor, c.key, s.session_key, s.expires_at_ms, s.text, s.signature from sessions s join contributors c using (contributor)
   where s.hash = $1 and s.revoked_at_ms is null and s.expires_at_ms > $2`,
);

const revoke = statement<[hash: Uint8Array, nowMs: number], Record<string, never>>(
  "sessions.revoke",
  "update sessions set revoked_at_ms = $2 where hash = $1 and revoked_at_ms is null",
);

export async function readSession(on: Queryable, hash: Uint8Array, nowMs: number): Promise<SessionRow | null> {
  const [row] = await runStatement(on, read, [hash, nowMs]);
  if (row === undefined) return null;
  const { contributor, key, session_key, expires_at_ms, text, signature } = row;
  return { contributor, key, sessionKey: session_key, expiresAtMs: Number(expires_at_ms), text, signature };
}

export async function revokeSession(on: Queryable, hash: Uint8Array, nowMs: number): Promise<void> {
  await runStatement(on, revoke, [hash, nowMs]);
}
