import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface LaneRow {
  readonly sequence: number;
  readonly head: Uint8Array;
}

const lock = statement<[market: Uint8Array, lane: number], { sequence: bigint; head: Uint8Array }>(
  "lanes.lock",
  "select sequence, head from lanes where market = $1 and lane = $2 for update",
);

/** Holds the lane until the transaction ends: batches of different processes go one after the other. */
export async function lockLane(connection: Connection, market: Uint8Array, lane: number): Promise<LaneRow | null> {
  const [row] = await runStatement(connection, lock, [market, lane]);
  return row === undefined ? null : { sequence: Number(row.sequence), head: row.head };
}
