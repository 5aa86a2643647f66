import { type Baseline, type BaselineRule, baselineOf, calendarOf } from "./baseline.ts";
import { coveragePpm, type Load, readingsIn, sumOf } from "./load.ts";
import { type Placebo, placeboOf } from "./placebo.ts";
import type { LoadEvent, Season } from "./season.ts";

const hourMs = 3_600_000;
const million = 1_000_000;

export interface ReductionRule extends BaselineRule {
  /** Differences within this share of a baseline, or within what baselines miss by where that is more, are nothing. */
  readonly deadBandPpm: number;
  /** Of the meter: nobody saves more than it could have used. */
  readonly ratedMilliwatts: number;
}

/** What became of one event. */
export interface Reduced {
  readonly event: LoadEvent;
  readonly actual: readonly (number | null)[];
  readonly baseline: Baseline;
  /** Of the intervals with a reading and a baseline. */
  readonly expectedSum: number;
  readonly actualSum: number;
  /** Below 0 where more was used; 0 within the dead-band. */
  readonly saved: number;
}

export type ReductionProblem =
  | { readonly type: "coverage"; readonly event: LoadEvent; readonly coveragePpm: number }
  | { readonly type: "days"; readonly event: LoadEvent; readonly days: number };

export interface Reduction {
  readonly placebo: Placebo;
  readonly deadBandPpm: number;
  /** In order of time, without those that were opted out of. */
  readonly events: readonly Reduced[];
  readonly problem: ReductionProblem | null;
  /** Over all events, what was used more against what was used less; never below 0. */
  readonly net: number;
}

/** Events of one meter against their baselines, netted. Every number is whole, in the load's unit or per million. */
export function reductionOf(load: Load, season: Season, rule: ReductionRule): Reduction {
  const calendar = calendarOf(season);
  const placebo = placeboOf(load, calendar, rule);
  const deadBandPpm = Math.max(rule.deadBandPpm, placebo.errorPpm);
  const events: Reduced[] = [];
  let problem: ReductionProblem | null = null;
  for (const event of season.events) {
    if (event.isOptedOut) continue;
    const actual = readingsIn(load, event.startMs, event.endMs) ?? [];
    if (coveragePpm(actual) < rule.coveragePpmMin) {
      problem ??= { type: "coverage", event, coveragePpm: coveragePpm(actual) };
      continue;
    }
    const baseline = baselineOf(load, calendar, event, rule);
    if (typeof baseline === "number") problem ??= { type: "days", event, days: baseline };
    else events.push(reduced(event, actual, baseline, deadBandPpm, rule));
  }
  const net = Math.max(
    events.reduce((sum, { saved }) => sum + saved, 0),
    0,
  );
  return { placebo, deadBandPpm, events, problem, net };
}

function reduced(
  event: LoadEvent,
  actual: readonly (number | null)[],
  baseline: Baseline,
  deadBandPpm: number,
  { ratedMilliwatts }: ReductionRule,
): Reduced {
  const { quantities } = baseline;
  const expectedSum = sumOf(quantities.map((each, i) => (actual[i] === null ? null : each)));
  const actualSum = sumOf(actual.map((each, i) => (quantities[i] === null ? null : each)));
  const most = Math.floor((ratedMilliwatts / hourMs) * (event.endMs - event.startMs));
  const difference = Math.max(-most, Math.min(most, expectedSum - actualSum));
  const isNothing = Math.abs(difference) < (expectedSum / million) * deadBandPpm;
  return { event, actual, baseline, expectedSum, actualSum, saved: isNothing ? 0 : difference };
}
