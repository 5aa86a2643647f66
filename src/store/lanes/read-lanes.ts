import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface LaneHead {
  readonly lane: number;
  readonly sequence: number;
  readonly head: Uint8Array;
}

const read = statement<[market: Uint8Array], { lane: number; sequence: bigint; head: Uint8Array }>(
  "lanes.read",
  "select lane, sequence, head from lanes where market = $1 order by lane",
);

export async function readLanes(on: Queryable, market: Uint8Array): Promise<LaneHead[]> {
  const rows = await runStatement(on, read, [market]);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}
