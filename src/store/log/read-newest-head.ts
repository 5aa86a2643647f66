import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface StoredHead {
  readonly sequence: number;
  readonly root: Uint8Array;
  readonly timeMs: number;
  readonly signature: Uint8Array;
}

type Row = { sequence: bigint; root: Uint8Array; time_ms: bigint; signature: Uint8Array };

const read = statement<[market: Uint8Array, lane: number], Row>(
  "heads.newest",
  `select sequence, root, time_ms, signature from heads
   where market = $1 and lane = $2 order by sequence desc limit 1`,
);

export async function readNewestHead(on: Queryable, market: Uint8Array, lane: number): Promise<StoredHead | null> {
  const [row] = await runStatement(on, read, [market, lane]);
  if (row === undefined) return null;
  return { sequence: Number(row.sequence), root: row.root, timeMs: Number(row.time_ms), signature: row.signature };
}
