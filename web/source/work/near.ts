import type { NearTask } from "../../../src/contract/nearby.ts";
import type { OpenWork } from "../../../src/contract/open-work.ts";
import { routes } from "../../../src/contract/routes.ts";
import type { Place } from "../../../src/verification/primitives/evidence.ts";
import { transport, watched } from "../connection.ts";

/** What the server is told of a place: a cell of five square kilometres, and not by whom. */
const askedResolution = 7;
const tasksMax = 20;
const marketsMax = 20;

/** A market's tasks that can be taken, the nearest first; from the exact place, which stays here. */
export async function nearTasks(market: string, from: Place): Promise<readonly NearTask[]> {
  const [{ cellAt }, { distanceMm }] = await Promise.all([
    import("../../../src/verification/places/cell.ts"),
    import("../../../src/verification/places/distance.ts"),
  ]);
  const cell = cellAt(from, askedResolution);
  const query = { cell, limit: String(tasksMax) };
  const { items } = await watched(transport.call(routes.listNearby, { params: { market }, query }));
  return items
    .map((each) => ({ ...each, distanceMm: distanceMm(from, each.place) }))
    .sort((a, b) => a.distanceMm - b.distanceMm);
}

/** How far the nearest task of each market with places is; markets of which none can be taken are not in it. */
export async function distancesTo(found: readonly OpenWork[], from: Place): Promise<ReadonlyMap<string, number>> {
  const asked = found.filter(({ hasPlaces }) => hasPlaces).slice(0, marketsMax);
  const near = await Promise.all(
    asked.map(async ({ market }) => [market, (await nearTasks(market, from))[0]?.distanceMm] as const),
  );
  return new Map(near.flatMap(([market, apart]) => (apart === undefined ? [] : [[market, apart] as const])));
}
