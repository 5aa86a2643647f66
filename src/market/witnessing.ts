import type { Composition } from "../verification/algebra/composition.ts";
import type { Evidence, Sighting } from "../verification/primitives/evidence.ts";
import type { FreshParameters } from "../verification/primitives/fresh.ts";
import type { AreaParameters, DaytimeParameters } from "../verification/primitives/guard.ts";
import type { WitnessParameters } from "../verification/primitives/witness.ts";

type CapParameters = Extract<WitnessParameters, { readonly type: "cap" }>;

/** What a composition wants to know of places, pictures and devices. */
export interface Witnessing {
  readonly hasPictures: boolean;
  readonly hasRadio: boolean;
  readonly hasObservers: boolean;
  /** Whether it matters where an owner was seen before. */
  readonly hasTravel: boolean;
  readonly cap: CapParameters | null;
  readonly fresh: (FreshParameters & { readonly name: string }) | null;
  readonly daytime: DaytimeParameters | null;
  readonly area: AreaParameters | null;
}

/** Null where it looks at nothing of the sort. */
export function witnessingOf(nodes: readonly Composition[]): Witnessing | null {
  const witnesses = nodes.flatMap((node) => ("witness" in node ? [node.witness] : []));
  const fresh =
    nodes.flatMap((node) => ("meter" in node && node.meter.type === "fresh" ? [node.meter] : []))[0] ?? null;
  if (witnesses.length === 0 && fresh === null) return null;
  const has = (type: WitnessParameters["type"]): boolean => witnesses.some((each) => each.type === type);
  return {
    hasPictures: has("picture"),
    hasRadio: has("radio"),
    hasObservers: has("observers"),
    hasTravel: witnesses.some((each) => each.type === "track" && each.travelMmPerSecondMax !== undefined),
    cap: witnesses.find((each) => each.type === "cap") ?? null,
    fresh,
    daytime: witnesses.find((each) => each.type === "daytime") ?? null,
    area: witnesses.find((each) => each.type === "area") ?? null,
  };
}

/** Where a device was last, of all that a submission says. */
export const lastOf = (evidence: Evidence): Sighting | null => {
  let last: Sighting | null = null;
  for (const track of Object.values(evidence.tracks))
    for (const sighting of track) if (last === null || sighting.timeMs > last.timeMs) last = sighting;
  return last;
};

/** What others of the task are compared with stays: where and when it was, and what was heard. */
export function witnessedKept({ hasObservers, hasRadio }: Witnessing, evidence: Evidence): Partial<Evidence> {
  const last = hasObservers ? lastOf(evidence) : null;
  return {
    ...(last !== null && { tracks: { last: [last] } }),
    ...(hasRadio && { receptions: evidence.receptions }),
  };
}
