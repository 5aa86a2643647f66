import type { Connection } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface LaneRow {
  readonly sequence: number;
  readonly head: Uint8Array;
  readonly dueAtMs: number | null;
}

const lock = statement<
  [market: Uint8Array, lane: number],
  { sequence: bigint; head: Uint8Array; due_at_ms: bigint | null }
>("lanes.lock", "select sequence, head, due_at_ms from lanes where market = $1 and lane = $2 for update");

/** Holds the lane until the transaction ends: batches of different processes go one after the other. */
export async function lockLane(connection: Connection, market: Uint8Array, lane: number): Promise<LaneRow | null> {
  const [row] = await runStatement(connection, lock, [market, lane]);
  if (row === undefined) return null;
  const { sequence, head, due_at_ms } = row;
  return { sequence: Number(sequence), head, dueAtMs: due_at_ms === null ? null : Number(due_at_ms) };
}
