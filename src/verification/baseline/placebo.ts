import { type BaselineRule, baselineOf, type Calendar, isPlainDay, isSimilar, type Stretch } from "./baseline.ts";
import { dayOf } from "./calendar.ts";
import { coveragePpm, endOf, type Load, readingsIn } from "./load.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How far a meter's baselines miss on days without an event. */
export interface Placebo {
  readonly days: number;
  /** Root of the mean squared error, of the mean use (AEMO: relative root mean squared error). */
  readonly errorPpm: number;
  /** Mean error of the mean use: above 0 where baselines are too high, and doing nothing would be paid. */
  readonly biasPpm: number;
}

/** Of hours, counted from the beginning of a stretch: baselines are settled by the hour. Squares stay exact. */
interface Sums {
  days: number;
  hours: bigint;
  squares: bigint;
  errors: bigint;
  used: bigint;
}

/**
 * Every day without an event that is like one with an event, as if it had one at the same hours with the same notice: by
 * the same rules, to the bit. A day for which there is no baseline yet says nothing.
 */
export function placeboOf(load: Load, calendar: Calendar, rule: BaselineRule): Placebo {
  const sums: Sums = { days: 0, hours: 0n, squares: 0n, errors: 0n, used: 0n };
  for (const stretch of placeboStretches(load, calendar, rule)) addTo(sums, load, calendar, stretch, rule);
  const { days, hours, squares, errors, used } = sums;
  if (used <= 0n) return { days, errorPpm: days === 0 ? 0 : errorMax, biasPpm: 0 };
  const root = squareRoot((squares * 1_000_000_000_000n * hours) / (used * used));
  return { days, errorPpm: bounded(root), biasPpm: bounded((errors * 1_000_000n) / used) };
}

/** What no error is told above: a meter that stands still misses by any factor. */
const errorMax = 1_000_000_000;
const bounded = (ppm: bigint): number => Math.max(-errorMax, Math.min(errorMax, Number(ppm)));

/** Each placebo day once for each time of day at which there are events. */
export function placeboStretches(load: Load, calendar: Calendar, { method }: BaselineRule): Stretch[] {
  const { events, utcOffsetMinutes } = calendar.season;
  const [first, last] = [dayOf(load.startMs, utcOffsetMinutes), dayOf(endOf(load) - 1, utcOffsetMinutes)];
  const stretches = new Map<string, Stretch>();
  for (const { noticeMs, startMs, endMs, isOptedOut } of events) {
    if (isOptedOut) continue;
    const today = dayOf(startMs, utcOffsetMinutes);
    for (let day = first; day <= last; day++) {
      if (!isPlainDay(calendar, day) || !isSimilar(calendar, method, day, today)) continue;
      const shiftMs = (day - today) * dayMs;
      const stretch = { noticeMs: noticeMs + shiftMs, startMs: startMs + shiftMs, endMs: endMs + shiftMs };
      const key = `${stretch.startMs} ${stretch.endMs}`;
      const before = stretches.get(key);
      // Of two notices for one stretch the one that allows less.
      if (before === undefined || stretch.noticeMs < before.noticeMs) stretches.set(key, stretch);
    }
  }
  return [...stretches.values()].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

function addTo(sums: Sums, load: Load, calendar: Calendar, stretch: Stretch, rule: BaselineRule): void {
  const actual = readingsIn(load, stretch.startMs, stretch.endMs);
  if (actual === undefined || coveragePpm(actual) < rule.coveragePpmMin) return;
  const baseline = baselineOf(load, calendar, stretch, rule);
  if (typeof baseline === "number") return;
  sums.days++;
  const hours = new Map<number, { expected: number; used: number }>();
  for (const [i, expected] of baseline.quantities.entries()) {
    const used = actual[i] ?? null;
    if (expected === null || used === null) continue;
    const hour = Math.floor((i * load.intervalMs) / hourMs);
    const before = hours.get(hour) ?? { expected: 0, used: 0 };
    hours.set(hour, { expected: before.expected + expected, used: before.used + used });
  }
  for (const { expected, used } of hours.values()) {
    const error = BigInt(expected - used);
    sums.hours++;
    sums.squares += error * error;
    sums.errors += error;
    sums.used += BigInt(used);
  }
}

/** The root rounded down, by Newton's iteration from above. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
