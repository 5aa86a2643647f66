import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { LaneKey } from "./find-due-lanes.ts";

const find = statement<[], LaneKey>(
  "lanes.uncut",
  "select market, lane from lanes where sequence <> cut_sequence order by market, lane limit 10000",
);

/** Lanes in which something happened since their newest cut. */
export const findUncutLanes = (on: Queryable): Promise<LaneKey[]> => runStatement(on, find, []);
