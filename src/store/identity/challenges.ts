import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const prune = statement<[beforeMs: number], Record<string, never>>(
  "challenges.prune",
  "delete from challenges where expires_at_ms < $1",
);

/** Forgets that challenges were used which had expired by then. */
export async function pruneChallenges(on: Queryable, beforeMs: number): Promise<void> {
  await runStatement(on, prune, [beforeMs]);
}
