import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const insert = statement<[market: Uint8Array, lane: number, head: Uint8Array], Record<string, never>>(
  "lanes.insert",
  `insert into lanes (market, lane, sequence, head, time_ms, status, epoch, checkpoint, deposited, received, free,
     assigned, held, appealable, appeal_budget, newcomer_budget, earned, bonus, fee, refunded, sent)
   values ($1, $2, 0, $3, 0, 'draft', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
);

/** An empty lane: its first entry follows in the same transaction. */
export async function insertLane(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  head: Uint8Array,
): Promise<void> {
  await runStatement(connection, insert, [market, lane, head]);
}
