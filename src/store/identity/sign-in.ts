import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { ContributorRow } from "./contributors.ts";
import type { SessionRow } from "./sessions.ts";

/** A sign-in that was found in order, but for its challenge. */
export interface NewSession extends Omit<SessionRow, "contributor"> {
  readonly nonce: string;
  readonly automated: boolean;
  readonly facts: string;
  /** Of the token: who reads the table cannot use a session. */
  readonly hash: Uint8Array;
}

const signIn = statement<readonly unknown[], ContributorRow & { readonly place: bigint }>(
  "sessions.signIn",
  `with wanted as (
     select * from unnest($2::text[], $3::bytea[], $4::boolean[], $5::text[], $6::bytea[], $7::bytea[], $8::bigint[],
       $9::text[], $10::bytea[]) with ordinality
       as row (nonce, key, automated, facts, hash, session_key, expires_at_ms, text, signature, place)
   ), used as (
     delete from challenges where nonce = any($2) returning nonce, expires_at_ms
   ), allowed as (
     select distinct on (wanted.nonce) wanted.* from wanted join used using (nonce) where used.expires_at_ms >= $1
     order by wanted.nonce, place
   ), known as (
     insert into contributors (key, owner, automated, facts, created_at_ms)
     select distinct on (key) key, key, automated, facts, $1::bigint from allowed order by key, place desc
     on conflict (key) do update set facts = excluded.facts
     returning contributor, key, owner, automated, facts
   ), begun as (
     insert into sessions (hash, contributor, session_key, expires_at_ms, text, signature)
     select hash, contributor, session_key, expires_at_ms, text, signature from allowed join known using (key)
   )
   select place, contributor, known.key, owner, known.automated, known.facts from allowed join known using (key)`,
);

/**
 * Uses up the challenges and begins the sessions of several sign-ins at once. A contributor is found by its key or gets
 * the next number; facts follow the last sign-in, the rest never changes.
 *
 * @returns at the place of each its contributor; null where there is no such challenge (any more)
 */
export async function signInAll(
  on: Queryable,
  sessions: readonly NewSession[],
  nowMs: number,
): Promise<(ContributorRow | null)[]> {
  const rows = await runStatement(on, signIn, [
    nowMs,
    sessions.map(({ nonce }) => nonce),
    sessions.map(({ key }) => key),
    sessions.map(({ automated }) => automated),
    sessions.map(({ facts }) => facts),
    sessions.map(({ hash }) => hash),
    sessions.map(({ sessionKey }) => sessionKey),
    sessions.map(({ expiresAtMs }) => expiresAtMs),
    sessions.map(({ text }) => text),
    sessions.map(({ signature }) => signature),
  ]);
  const byPlace = new Map(rows.map(({ place, ...row }) => [Number(place), row]));
  return sessions.map((_, i) => byPlace.get(i + 1) ?? null);
}
