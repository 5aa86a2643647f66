import type { LaneKey } from "../../store/lanes/find-due-lanes.ts";
import { findUncutLanes } from "../../store/lanes/find-uncut-lanes.ts";
import { cutLane, holdEpoch, insertEpoch } from "../../store/settlement/cut-lane.ts";
import type { Lane } from "../lane.ts";
import type { Lanes } from "../lanes.ts";
import type { PoolContext } from "../pools.ts";
import { eachLane } from "../sweep.ts";

/**
 * Cuts every lane of the pool in which something happened: what its people earned up to there is what the next commit owes them.
 * Returns why lanes could not be cut; the others were. Where another process began an epoch meanwhile, that one cuts the
 * rest.
 */
export async function cutLanes(context: PoolContext, lanes: Lanes): Promise<unknown[]> {
  const uncut = await findUncutLanes(context.pool, context.poolNumber);
  if (uncut.length === 0) return [];
  const epoch = await insertEpoch(context.pool, context.clock(), context.poolNumber);
  return await eachLane(context, lanes, uncut, (each, key) =>
    cutIn({ number: epoch, pool: context.poolNumber }, each, key),
  );
}

/** An epoch, and the number of the pool whose it is. */
export interface EpochOf {
  readonly number: number;
  readonly pool: number;
}

/** Nothing where the epoch is over, or the lane was cut in it. */
export async function cutIn({ number: epoch, pool }: EpochOf, each: Lane, { market, lane }: LaneKey): Promise<void> {
  await each.runAlong({
    commands: async (dbTx, state) =>
      state.epoch < epoch && (await holdEpoch(dbTx, epoch, pool))
        ? [{ type: "input", record: { entry: { kind: "cut", epoch }, attachment: null } }]
        : [],
    after: async (dbTx, outcomes) => {
      if (outcomes.length > 0) await cutLane(dbTx, market, lane, epoch);
    },
  });
}
