import { isEarnestError } from "../core/errors.ts";
import { marketIdFromBytes } from "../core/market-id.ts";
import { type DueLane, findDueLanes, type LaneKey } from "../store/lanes/find-due-lanes.ts";
import type { EngineContext } from "./context.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";

/** Brings every lane in which something is due to the present. */
export async function sweepOnce(context: EngineContext, lanes: Lanes): Promise<void> {
  const failures: unknown[] = [];
  for (let after: DueLane | null = null; ; ) {
    const due: DueLane[] = await findDueLanes(context.pool, context.clock(), after);
    failures.push(...(await eachLane(context, lanes, due, (lane) => lane.sweep())));
    after = due.at(-1) ?? null;
    if (after === null) break;
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * One lane that cannot be worked on must not hold up the others: its failure is logged, and returned.
 *
 * @throws at once where the database or the chain is away
 */
export async function eachLane<Key extends LaneKey>(
  context: EngineContext,
  lanes: Lanes,
  keys: readonly Key[],
  work: (lane: Lane, key: Key) => Promise<unknown>,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const key of keys) {
    const market = marketIdFromBytes(key.market);
    try {
      await work(lanes.get(market, key.lane), key);
    } catch (error) {
      if (isEarnestError(error) && error.kind === "unavailable") throw error;
      context.log("a lane cannot be worked on", { market, lane: key.lane, error: String(error) });
      failures.push(error);
    }
  }
  return failures;
}
