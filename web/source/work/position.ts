import type { Place } from "../../../src/verification/primitives/evidence.ts";
import { Store } from "../store.ts";
import { type PlaceProblem, sightingNow } from "../widgets/report/sighting.ts";

/**
 * Where somebody said that they are, as long as this page is open: it is written down nowhere, and leaves the browser
 * as a coarse cell only (`near.ts`).
 */
export const here = new Store<Place | null>(null);

/** Asks the device, which asks its owner the first time. What is wrong where it does not say. */
export async function locate(): Promise<PlaceProblem | null> {
  const found = await sightingNow();
  if (typeof found === "string") return found;
  here.set({ latitudeE7: found.latitudeE7, longitudeE7: found.longitudeE7 });
  return null;
}
