import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { LaneKey } from "./find-due-lanes.ts";

const find = statement<[pool: number], LaneKey>(
  "lanes.uncut",
  `select l.market, l.lane from lanes l join markets m using (market)
   where l.sequence <> l.cut_sequence and m.pool = $1 order by l.market, l.lane limit 10000`,
);

/** Lanes of a pool in which something happened since their newest cut. */
export const findUncutLanes = (on: Queryable, pool: number): Promise<LaneKey[]> => runStatement(on, find, [pool]);
