import { type Reason, reason } from "../algebra/reasons.ts";
import type { Series, TimeWindow } from "./evidence.ts";
import { millionPpm, quantityMaxMax } from "./finding.ts";

/** What makes a reading good. Values are integers in the unit of the kind of work. */
export interface Quality {
  /** The window is divided into stretches of this length; the last one may be shorter. */
  readonly intervalMs: number;
  /** Intervals with a good reading, of all. */
  readonly coveragePpmMin: number;
  readonly valueMin: number;
  readonly valueMax: number;
  /** From the reading before, if that one was within the bounds; null is no limit. */
  readonly jumpMax: number | null;
  /** Equal readings over a longer time come from a device that is stuck; null is no limit. */
  readonly constantMsMax: number | null;
  /** No reading is dated later than that after it came; absent where that does not matter. */
  readonly aheadMsMax?: number;
  /** Periods with a smaller share of good readings count as gaps whole; the last may be shorter. */
  readonly periods?: { readonly periodMs: number; readonly coveragePpmMin: number };
}

/** The most intervals of a window, and the most readings of a series. */
export const intervalsMax = 100_000;

export interface Checked {
  readonly problem: Reason | null;
  /** The first good reading of each interval; null is a gap, and gaps stay gaps. */
  readonly values: readonly (number | null)[];
  readonly coveragePpm: number;
  /** What was left out, and why. */
  readonly notes: readonly Reason[];
}

/**
 * Which readings of a series are good. A series that is no series (fractions, NaN, times that do not increase or lie
 * outside of the window) is refused whole; single readings beyond bounds, jumps and stuck ones count as gaps. A second
 * reading in an interval adds nothing, so that nobody is paid by the reading.
 */
export function checkSeries(quality: Quality, series: Series, window: TimeWindow): Checked {
  const problem = problemOf(series, window);
  if (problem !== null) return { problem, values: [], coveragePpm: 0, notes: [] };
  const { good, notes } = goodReadings(quality, series);
  const values = Array.from<number | null>({ length: intervalCount(quality.intervalMs, window) }).fill(null);
  for (const [i, timeMs] of series.timesMs.entries()) {
    const interval = Math.floor((timeMs - window.startMs) / quality.intervalMs);
    if (good[i] && values[interval] === null) values[interval] = series.values[i] as number;
  }
  const thin = emptyThinPeriods(quality, values);
  if (thin > 0) notes.push(reason("PERIODS_THIN", { actual: thin }));
  const covered = values.filter((value) => value !== null).length;
  const coveragePpm = Math.floor((covered * millionPpm) / values.length);
  return { problem: null, values, coveragePpm, notes };
}

/** Takes out what a period with too few readings has; how many periods had some and lost them. */
function emptyThinPeriods({ intervalMs, periods }: Quality, values: (number | null)[]): number {
  if (periods === undefined) return 0;
  const length = Math.max(1, Math.floor(periods.periodMs / intervalMs));
  let thin = 0;
  for (let start = 0; start < values.length; start += length) {
    const period = values.slice(start, start + length);
    const good = period.filter((value) => value !== null).length;
    if (good === 0 || good * millionPpm >= period.length * periods.coveragePpmMin) continue;
    values.fill(null, start, start + length);
    thin++;
  }
  return thin;
}

export const intervalCount = (intervalMs: number, { startMs, endMs }: TimeWindow): number =>
  Math.ceil((endMs - startMs) / intervalMs);

function problemOf({ timesMs, values }: Series, { startMs, endMs }: TimeWindow): Reason | null {
  if (timesMs.length !== values.length) {
    return reason("SERIES_MALFORMED", { actual: `${timesMs.length} times and ${values.length} values` });
  }
  if (timesMs.length > intervalsMax) return reason("SERIES_MALFORMED", { actual: `${timesMs.length} readings` });
  for (const [i, timeMs] of timesMs.entries()) {
    const value = values[i] as number;
    if (!Number.isSafeInteger(timeMs) || !isReading(value)) {
      return reason("SERIES_MALFORMED", { actual: `reading ${i} is ${value} at ${timeMs} ms` });
    }
    if (i > 0 && timeMs <= (timesMs[i - 1] as number)) return reason("SERIES_UNORDERED", { actual: i });
    if (timeMs < startMs || timeMs >= endMs) {
      return reason("SERIES_OUTSIDE_WINDOW", { actual: timeMs, expected: `${startMs} to ${endMs} ms` });
    }
  }
  return null;
}

const isReading = (value: number): boolean => Number.isSafeInteger(value) && Math.abs(value) <= quantityMaxMax;

function goodReadings(quality: Quality, { timesMs, values }: Series): { good: boolean[]; notes: Reason[] } {
  const isInBounds = values.map((value) => value >= quality.valueMin && value <= quality.valueMax);
  const jumps = values.map((value, i) => isInBounds[i] && isInBounds[i - 1] && isJump(quality, values[i - 1], value));
  const stuck = stuckReadings(quality.constantMsMax, timesMs, values);
  const good = values.map((_, i) => isInBounds[i] === true && jumps[i] !== true && stuck[i] !== true);
  const notes: Reason[] = [];
  const outside = isInBounds.filter((is) => !is).length;
  const jumping = jumps.filter((is) => is === true).length;
  const constant = stuck.filter((is) => is).length;
  if (outside > 0) notes.push(reason("READINGS_OUT_OF_BOUNDS", { actual: outside }));
  if (jumping > 0) notes.push(reason("READINGS_JUMP", { actual: jumping, limit: quality.jumpMax }));
  if (constant > 0) notes.push(reason("READINGS_CONSTANT", { actual: constant, limit: quality.constantMsMax }));
  return { good, notes };
}

const isJump = ({ jumpMax }: Quality, before: number | undefined, value: number): boolean =>
  jumpMax !== null && before !== undefined && Math.abs(value - before) > jumpMax;

/** Every reading of a run of equal ones that lasts longer than allowed. */
function stuckReadings(constantMsMax: number | null, timesMs: readonly number[], values: readonly number[]): boolean[] {
  const stuck = values.map(() => false);
  if (constantMsMax === null) return stuck;
  let first = 0;
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[first]) continue;
    if ((timesMs[i - 1] as number) - (timesMs[first] as number) > constantMsMax) stuck.fill(true, first, i);
    first = i;
  }
  return stuck;
}
