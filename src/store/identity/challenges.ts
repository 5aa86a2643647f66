import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const insert = statement<[nonce: string, expiresAtMs: number], Record<string, never>>(
  "challenges.insert",
  "insert into challenges (nonce, expires_at_ms) values ($1, $2)",
);

const use = statement<[nonce: string], { expires_at_ms: bigint }>(
  "challenges.use",
  "delete from challenges where nonce = $1 returning expires_at_ms",
);

const prune = statement<[nowMs: number], Record<string, never>>(
  "challenges.prune",
  "delete from challenges where expires_at_ms < $1",
);

export async function insertChallenge(on: Queryable, nonce: string, expiresAtMs: number): Promise<void> {
  await runStatement(on, insert, [nonce, expiresAtMs]);
}

/** Takes the challenge away, so that it serves once; null where there is none (any more). */
export async function useChallenge(on: Queryable, nonce: string): Promise<{ expiresAtMs: number } | null> {
  const [row] = await runStatement(on, use, [nonce]);
  return row === undefined ? null : { expiresAtMs: Number(row.expires_at_ms) };
}

export async function pruneChallenges(on: Queryable, nowMs: number): Promise<void> {
  await runStatement(on, prune, [nowMs]);
}
