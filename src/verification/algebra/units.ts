import { millionPpm } from "../primitives/finding.ts";
import { shareOf } from "./combinators.ts";
import type { Composition, Unit } from "./composition.ts";

/** The parts that a combinator combines; a primitive has none. */
export const partsOf = (composition: Composition): readonly Composition[] => {
  if ("all" in composition) return composition.all;
  if ("any" in composition) return composition.any;
  if ("min" in composition) return composition.min;
  if ("scale" in composition) return [composition.scale.of];
  if ("holdback" in composition) return [composition.holdback.of];
  return "escalate" in composition ? [composition.escalate.of] : [];
};

/** What the units of its verdicts are counted in. A composition that was read meters in one unit at most. */
export const unitOf = (composition: Composition): Unit => meteredIn(composition) ?? "ppm";

function meteredIn(composition: Composition): Unit | null {
  if ("meter" in composition) return composition.meter.unit;
  for (const part of partsOf(composition)) {
    const unit = meteredIn(part);
    if (unit !== null) return unit;
  }
  return null;
}

/** The most units that a verdict can have: what must be locked before a slot is offered. */
export function unitsMax(composition: Composition): number {
  const { sharePpm, quantity } = mostOf(composition);
  return quantity === null ? sharePpm : shareOf(quantity, sharePpm);
}

interface Most {
  readonly sharePpm: number;
  /** Null where nothing is metered. */
  readonly quantity: number | null;
}

function mostOf(composition: Composition): Most {
  if ("meter" in composition) return { sharePpm: millionPpm, quantity: composition.meter.quantityMax };
  const parts = partsOf(composition).map(mostOf);
  if ("scale" in composition) return scaled(composition.scale, parts[0] as Most);
  return parts.reduce("any" in composition ? greater : lesser, parts[0] ?? { sharePpm: millionPpm, quantity: null });
}

function scaled(scale: Extract<Composition, { readonly scale: unknown }>["scale"], most: Most): Most {
  if (!("points" in scale)) return { ...most, sharePpm: shareOf(most.sharePpm, scale.sharePpm) };
  const units = scale.points.reduce((highest, { to }) => Math.max(highest, to), 0);
  return most.quantity === null ? { sharePpm: units, quantity: null } : { sharePpm: millionPpm, quantity: units };
}

const either = (a: number | null, b: number | null, choose: (x: number, y: number) => number): number | null => {
  if (a === null) return b;
  return b === null ? a : choose(a, b);
};

const lesser = (a: Most, b: Most): Most => ({
  sharePpm: Math.min(a.sharePpm, b.sharePpm),
  quantity: either(a.quantity, b.quantity, Math.min),
});

const greater = (a: Most, b: Most): Most => ({
  sharePpm: Math.max(a.sharePpm, b.sharePpm),
  quantity: either(a.quantity, b.quantity, Math.max),
});
