import { type Reason, reason } from "../algebra/reasons.ts";
import { type Baseline, type Context, type Evidence, own } from "./evidence.ts";
import { type Finding, failedWith, metered, millionPpm, quantityMaxMax, waitingFor } from "./finding.ts";
import { type FreshParameters, freshCells } from "./fresh.ts";
import { meterReduced, type ReducedParameters } from "./reduced.ts";
import { type Checked, checkSeries, intervalCount, intervalsMax, type Quality } from "./series.ts";

/** What is counted. A composition meters in one unit. */
export const meterUnits = ["byte", "mWh", "ms", "mm", "interval", "item", "fuel", "cell"] as const;
export type MeterUnit = (typeof meterUnits)[number];

interface Metered {
  readonly name: string;
  readonly unit: MeterUnit;
  /** Below this nothing is paid. */
  readonly quantityMin: number;
  /** The most that is paid, such as a meter's rated load over the window. */
  readonly quantityMax: number;
}

export type MeterParameters =
  /** The lesser of what the submission says and what our side measured, such as bytes by node and by gateway. */
  | ({
      readonly type: "lesser";
      readonly tolerancePpm: number;
      /** Whoever says more than so many times what was measured lies, and is paid nothing. */
      readonly timesMax?: number;
    } & Metered)
  /** The sum of the good readings. */
  | ({ readonly type: "sum"; readonly quality: Quality } & Metered)
  /** The number of intervals with a good reading: availability. */
  | ({ readonly type: "covered"; readonly quality: Quality } & Metered)
  /**
   * How much less than a baseline, over the intervals with a good reading: a gap saves nothing. Nothing at all within
   * the dead-band, which is at least as wide as the baseline's own error.
   */
  | ({
      readonly type: "saved";
      readonly quality: Quality;
      readonly baseline: string;
      readonly errorPpmMax: number;
      readonly deadBandPpm: number;
    } & Metered)
  /** The cells that a track covers and nobody covered lately. */
  | ({ readonly type: "fresh" } & FreshParameters & Metered)
  /** How much less than baselines that are made of the meter's own earlier days, over all events of a season. */
  | ({ readonly type: "reduced" } & ReducedParameters & Metered);

type FreshMeter = Extract<MeterParameters, { readonly type: "fresh" }>;
type SeriesParameters = Exclude<MeterParameters, { readonly type: "lesser" | "fresh" | "reduced" }>;

/** How much was done: quality of the series first, then the quantity. Quantities never exceed `quantityMax`. */
export function meter(parameters: MeterParameters, evidence: Evidence, context: Context): Finding {
  switch (parameters.type) {
    case "lesser":
      return meterLesser(parameters, evidence, context);
    case "fresh":
      return meterFresh(parameters, evidence, context);
    case "reduced": {
      const found = meterReduced(parameters.name, parameters, evidence, context);
      return "net" in found ? pay(parameters, found.net, found.notes) : found;
    }
    default:
      return meterSeries(parameters, evidence, context);
  }
}

const isQuantity = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= quantityMaxMax;

function meterLesser(
  parameters: Extract<MeterParameters, { readonly type: "lesser" }>,
  evidence: Evidence,
  context: Context,
): Finding {
  const claimed = own(evidence.quantities, parameters.name);
  if (claimed === undefined || !isQuantity(claimed)) {
    return failedWith(reason("EVIDENCE_MISSING", { expected: `the quantity ${parameters.name}` }));
  }
  const measured = own(context.quantities, parameters.name);
  if (measured === undefined || !isQuantity(measured)) return waitingFor("measurement");
  const { tolerancePpm, timesMax, quantityMin } = parameters;
  const other = reason("METERS_DIFFER", { expected: measured, actual: claimed });
  const quantity = Math.min(claimed, measured);
  if (timesMax !== undefined && claimed > timesMax * measured && quantity >= quantityMin) return failedWith(other);
  const differ = Math.abs(claimed - measured) > (measured / millionPpm) * tolerancePpm;
  return pay(parameters, quantity, differ ? [other] : []);
}

function meterFresh(parameters: FreshMeter, evidence: Evidence, { covered }: Context): Finding {
  const track = own(evidence.tracks, parameters.name);
  if (track === undefined) return failedWith(reason("EVIDENCE_MISSING", { expected: `the track ${parameters.name}` }));
  if (covered === null) return waitingFor("measurement");
  const quantity = freshCells(parameters, track, covered);
  if (quantity === null) return failedWith(reason("PLACE_MALFORMED", { actual: "of the track" }));
  return pay(parameters, quantity, []);
}

function meterSeries(parameters: SeriesParameters, evidence: Evidence, context: Context): Finding {
  const { name, quality } = parameters;
  const series = own(evidence.series, name);
  if (series === undefined) return failedWith(reason("EVIDENCE_MISSING", { expected: `the series ${name}` }));
  const { window, attestation } = context;
  if (window === null) return waitingFor("measurement");
  if (quality.aheadMsMax !== undefined) {
    if (attestation === null) return waitingFor("attestation");
    const endMs = attestation.receivedAtMs + quality.aheadMsMax;
    const actual = series.timesMs.find((timeMs) => timeMs > endMs);
    if (actual !== undefined)
      return failedWith(reason("SERIES_OUTSIDE_WINDOW", { actual, expected: `until ${endMs} ms` }));
  }
  const intervals = intervalCount(quality.intervalMs, window);
  // A window that nobody could have measured is a fault in what was recorded, not in the series.
  if (!(intervals >= 1 && intervals <= intervalsMax)) return waitingFor("measurement");
  const checked = checkSeries(quality, series, window);
  if (checked.problem !== null) return failedWith(checked.problem);
  if (checked.coveragePpm < quality.coveragePpmMin) {
    const low = reason("COVERAGE_LOW", { actual: checked.coveragePpm, limit: quality.coveragePpmMin });
    return failedWith(low, ...checked.notes);
  }
  return measure(parameters, checked, context);
}

function measure(parameters: SeriesParameters, { values, notes }: Checked, context: Context): Finding {
  switch (parameters.type) {
    case "sum":
      return pay(parameters, sumOf(values), notes);
    case "covered":
      return pay(parameters, values.filter((value) => value !== null).length, notes);
    case "saved": {
      const baseline = own(context.baselines, parameters.baseline);
      if (baseline === undefined || baseline.quantities.length !== values.length) return waitingFor("measurement");
      const { errorPpm } = baseline;
      if (errorPpm > parameters.errorPpmMax) {
        return failedWith(reason("BASELINE_UNRELIABLE", { actual: errorPpm, limit: parameters.errorPpmMax }));
      }
      return pay(parameters, savedOf(baseline, values, Math.max(errorPpm, parameters.deadBandPpm)), notes);
    }
  }
}

/** Exact: stops where it can only be the most that is ever metered. */
function sumOf(values: readonly (number | null)[]): number {
  let sum = 0;
  for (const value of values) sum = Math.min(sum + (value ?? 0), quantityMaxMax);
  return sum;
}

function savedOf({ quantities }: Baseline, values: readonly (number | null)[], deadBandPpm: number): number {
  const expected = sumOf(values.map((value, i) => (value === null ? null : (quantities[i] as number))));
  const saved = expected - sumOf(values);
  return saved > 0 && saved >= (expected / millionPpm) * deadBandPpm ? saved : 0;
}

function pay({ quantityMin, quantityMax }: Metered, quantity: number, notes: readonly Reason[]): Finding {
  if (quantity < quantityMin) {
    return failedWith(reason("QUANTITY_LOW", { actual: quantity, limit: quantityMin }), ...notes);
  }
  if (quantity <= quantityMax) return metered(quantity, ...notes);
  return metered(quantityMax, reason("QUANTITY_CAPPED", { limit: quantityMax }), ...notes);
}
