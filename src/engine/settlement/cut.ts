import { findUncutLanes } from "../../store/lanes/find-uncut-lanes.ts";
import { cutLane, insertEpoch } from "../../store/settlement/cut-lane.ts";
import type { EngineContext } from "../context.ts";
import type { Lanes } from "../lanes.ts";
import { eachLane } from "../sweep.ts";

/**
 * Cuts every lane in which something happened: what its people earned up to there is what the next commit owes them.
 * Returns why lanes could not be cut; the others were.
 */
export async function cutLanes(context: EngineContext, lanes: Lanes): Promise<unknown[]> {
  const uncut = await findUncutLanes(context.pool);
  if (uncut.length === 0) return [];
  const epoch = await insertEpoch(context.pool, context.clock());
  return await eachLane(context, lanes, uncut, (each, { market, lane }) =>
    each.runAlong({
      commands: (_dbTx, state) =>
        Promise.resolve(
          state.epoch >= epoch ? [] : [{ type: "input", record: { entry: { kind: "cut", epoch }, attachment: null } }],
        ),
      after: async (dbTx, outcomes) => {
        if (outcomes.length > 0) await cutLane(dbTx, market, lane, epoch);
      },
    }),
  );
}
