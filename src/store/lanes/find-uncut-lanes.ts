import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";
import type { LaneKey } from "./find-due-lanes.ts";

const find = statement<[], LaneKey>(
  "lanes.uncut",
  "select market, lane from lanes where earned + bonus + fee + refunded <> cut_total order by market, lane limit 10000",
);

/** Lanes whose contributors, operator or requester are owed more than cuts have given out. */
export const findUncutLanes = (on: Queryable): Promise<LaneKey[]> => runStatement(on, find, []);
