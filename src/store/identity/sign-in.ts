import { bigints, booleans, bytesValues, texts } from "../array-values.ts";
import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { ContributorRow } from "./contributors.ts";
import type { SessionRow } from "./sessions.ts";

/** A sign-in that was found in order, but for its challenge. */
export interface NewSession extends Omit<SessionRow, "contributor"> {
  readonly nonce: string;
  /** Until then it has to be known that it was used. */
  readonly nonceExpiresAtMs: number;
  readonly automated: boolean;
  readonly facts: string;
  /** Of the token: who reads the table cannot use a session. */
  readonly hash: Uint8Array;
}

const signIn = statement<readonly unknown[], ContributorRow & { readonly place: bigint }>(
  "sessions.signIn",
  `with wanted as (
     select * from unnest($2::text[], $3::bytea[], $4::boolean[], $5::text[], $6::bytea[], $7::bytea[], $8::bigint[],
       $9::text[], $10::bytea[], $11::bigint[]) with ordinality
       as row (nonce, key, automated, facts, hash, session_key, expires_at_ms, text, signature, nonce_expires_at_ms, place)
   ), used as (
     insert into challenges (nonce, expires_at_ms)
     select distinct on (nonce) nonce, nonce_expires_at_ms from wanted order by nonce
     on conflict do nothing returning nonce
   ), allowed as (
     select distinct on (wanted.nonce) wanted.* from wanted join used using (nonce) order by wanted.nonce, place
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
 * @returns at the place of each its contributor; null where its challenge was used before
 */
export async function signInAll(
  on: Queryable,
  sessions: readonly NewSession[],
  nowMs: number,
): Promise<(ContributorRow | null)[]> {
  const rows = await runStatement(on, signIn, [
    nowMs,
    texts(sessions.map(({ nonce }) => nonce)),
    bytesValues(sessions.map(({ key }) => key)),
    booleans(sessions.map(({ automated }) => automated)),
    texts(sessions.map(({ facts }) => facts)),
    bytesValues(sessions.map(({ hash }) => hash)),
    bytesValues(sessions.map(({ sessionKey }) => sessionKey)),
    bigints(sessions.map(({ expiresAtMs }) => expiresAtMs)),
    texts(sessions.map(({ text }) => text)),
    bytesValues(sessions.map(({ signature }) => signature)),
    bigints(sessions.map(({ nonceExpiresAtMs }) => nonceExpiresAtMs)),
  ]);
  const byPlace = new Map(rows.map(({ place, ...row }) => [Number(place), row]));
  return sessions.map((_, i) => byPlace.get(i + 1) ?? null);
}
