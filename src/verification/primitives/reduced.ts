import { type Reason, reason } from "../algebra/reasons.ts";
import { endOf, type Load } from "../baseline/load.ts";
import { type MethodName, methods } from "../baseline/methods.ts";
import { type Reduction, reductionOf } from "../baseline/reduction.ts";
import type { Season } from "../baseline/season.ts";
import { type Context, type Evidence, own } from "./evidence.ts";
import { type Finding, failedWith, waitingFor } from "./finding.ts";

export interface ReducedParameters {
  readonly method: MethodName;
  /** The longest intervals that a meter may count in. */
  readonly intervalMsMax: number;
  /** Readings of an event, and of a day that it is compared with, that have to be there. */
  readonly coveragePpmMin: number;
  readonly adjustmentPpmMax: number;
  /** What baselines may miss by on days without an event, and how much too high they may be. */
  readonly errorPpmMax: number;
  readonly biasPpmMax: number;
  readonly placeboDaysMin: number;
  readonly deadBandPpm: number;
  /** Fewer events say too little: what is used more in one is set against what is saved in others. */
  readonly eventsMin: number;
  /** Of the meter: readings above it are gaps. */
  readonly ratedMilliwatts: number;
}

const hourMs = 3_600_000;
const unit = "mWh";

/** What a season's events come to, or why they come to nothing. */
export interface Net {
  readonly net: number;
  readonly notes: readonly Reason[];
}

/** The load first, then whether the meter can be foretold, then the events. */
export function meterReduced(
  name: string,
  parameters: ReducedParameters,
  evidence: Evidence,
  { season, attestation }: Context,
): Finding | Net {
  const load = own(evidence.loads, name);
  if (load === undefined) return failedWith(reason("EVIDENCE_MISSING", { expected: `the load ${name}` }));
  if (season === null) return waitingFor("measurement");
  const wrong = problemOfLoad(parameters, load, attestation?.receivedAtMs ?? null);
  if (wrong !== null) return failedWith(wrong);
  const { bounded, outside } = withinRating(load, parameters.ratedMilliwatts);
  const rule = { ...parameters, method: methods[parameters.method] };
  const reduction = reductionOf(bounded, season, rule);
  const notes = outside === 0 ? [] : [reason("READINGS_OUT_OF_BOUNDS", { actual: outside })];
  const problem = problemOfSeason(parameters, season, reduction);
  if (problem !== null) return failedWith(problem, ...notes);
  const events = reduction.events.map(({ expectedSum: expected, actualSum: actual }) =>
    reason("EVENT_LOAD", { expected, actual }),
  );
  return { net: reduction.net, notes: [...notes, ...events] };
}

function problemOfLoad({ intervalMsMax }: ReducedParameters, load: Load, receivedAtMs: number | null): Reason | null {
  const { intervalMs, startMs } = load;
  if (load.unit !== unit) return reason("UNIT_WRONG", { expected: unit, actual: load.unit });
  if (intervalMs > intervalMsMax || hourMs % intervalMs !== 0 || startMs % intervalMs !== 0)
    return reason("INTERVAL_WRONG", { actual: intervalMs, limit: intervalMsMax });
  const malformed = load.values.findIndex((value) => value !== null && !Number.isSafeInteger(value));
  if (malformed >= 0) return reason("SERIES_MALFORMED", { actual: `reading ${malformed}` });
  if (receivedAtMs !== null && endOf(load) > receivedAtMs)
    return reason("SERIES_OUTSIDE_WINDOW", { actual: endOf(load), expected: `up to ${receivedAtMs} ms` });
  return null;
}

/** What the meter cannot have counted is a gap. */
function withinRating(load: Load, ratedMilliwatts: number): { readonly bounded: Load; readonly outside: number } {
  const most = Math.floor((ratedMilliwatts / hourMs) * load.intervalMs);
  const isOutside = (value: number | null): boolean => value !== null && (value < 0 || value > most);
  const outside = load.values.filter(isOutside).length;
  if (outside === 0) return { bounded: load, outside };
  return { bounded: { ...load, values: load.values.map((value) => (isOutside(value) ? null : value)) }, outside };
}

function problemOfSeason(parameters: ReducedParameters, season: Season, reduction: Reduction): Reason | null {
  const { placebo, problem } = reduction;
  const counting = season.events.filter(({ isOptedOut }) => !isOptedOut).length;
  const { eventsMin, coveragePpmMin, placeboDaysMin, errorPpmMax, biasPpmMax } = parameters;
  if (counting < eventsMin) return reason("EVENTS_FEW", { actual: counting, limit: eventsMin });
  if (problem?.type === "coverage")
    return reason("COVERAGE_LOW", { actual: problem.coveragePpm, limit: coveragePpmMin });
  if (problem?.type === "days") {
    const { weekdays } = methods[parameters.method];
    return reason("BASELINE_DAYS_FEW", { actual: problem.days, limit: weekdays.daysMin });
  }
  if (placebo.days < placeboDaysMin)
    return reason("BASELINE_DAYS_FEW", { actual: placebo.days, limit: placeboDaysMin });
  if (placebo.errorPpm > errorPpmMax)
    return reason("BASELINE_UNRELIABLE", { actual: placebo.errorPpm, limit: errorPpmMax });
  if (placebo.biasPpm > biasPpmMax) return reason("BASELINE_BIASED", { actual: placebo.biasPpm, limit: biasPpmMax });
  return null;
}
