import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const postpone = statement<[market: Uint8Array, lane: number, dueAtMs: number | null], Record<string, never>>(
  "lanes.postpone",
  "update lanes set due_at_ms = $3 where market = $1 and lane = $2",
);

/** For a lane whose time came and brought nothing: the sweeper must not come again and again for it. */
export async function postponeLane(
  connection: Connection,
  market: Uint8Array,
  lane: number,
  dueAtMs: number | null,
): Promise<void> {
  await runStatement(connection, postpone, [market, lane, dueAtMs]);
}
