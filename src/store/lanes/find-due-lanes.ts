import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface LaneKey {
  readonly market: Uint8Array;
  readonly lane: number;
}

const find = statement<[nowMs: number], LaneKey>(
  "lanes.due",
  "select market, lane from lanes where due_at_ms <= $1 order by due_at_ms limit 100",
);

/** Lanes in which something falls due that no request will bring about: expiries, windows, closes. */
export const findDueLanes = (on: Queryable, nowMs: number): Promise<LaneKey[]> => runStatement(on, find, [nowMs]);
