import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface Challenge {
  readonly nonce: string;
  readonly expiresAtMs: number;
}

const insert = statement<[nonces: readonly string[], expiresAtMs: readonly number[]], Record<string, never>>(
  "challenges.insert",
  "insert into challenges (nonce, expires_at_ms) select * from unnest($1::text[], $2::bigint[])",
);

const prune = statement<[nowMs: number], Record<string, never>>(
  "challenges.prune",
  "delete from challenges where expires_at_ms < $1",
);

export async function insertChallenges(on: Queryable, challenges: readonly Challenge[]): Promise<void> {
  const nonces = challenges.map(({ nonce }) => nonce);
  await runStatement(on, insert, [nonces, challenges.map(({ expiresAtMs }) => expiresAtMs)]);
}

export async function pruneChallenges(on: Queryable, nowMs: number): Promise<void> {
  await runStatement(on, prune, [nowMs]);
}
