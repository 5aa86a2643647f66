import { dayOf, dayOfDate, isWeekend } from "./calendar.ts";
import { coveragePpm, type Load, readingsIn, sumOf } from "./load.ts";
import type { DayRule, Method } from "./methods.ts";
import type { LoadEvent, Season } from "./season.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const million = 1_000_000;

/** The same-day adjustment compares the hours h−4 to h−2 before an event with the same hours of its baseline (CAISO). */
const adjustment = { lengthMs: 3 * hourMs, endMs: hourMs } as const;

export interface BaselineRule {
  readonly method: Method;
  /** How far the use of the same day may move a baseline, up or down. */
  readonly adjustmentPpmMax: number;
  /** A day counts where so many of its readings are there. */
  readonly coveragePpmMin: number;
}

export interface Baseline {
  /** One an interval of the event, in the unit of the load; null where no day has a reading. */
  readonly quantities: readonly (number | null)[];
  /** What each was multiplied by. */
  readonly adjustmentPpm: number;
  /** Numbers of local days it is made of, the latest first. */
  readonly days: readonly number[];
}

/** The calendar of a season, worked out once. */
export interface Calendar {
  readonly season: Season;
  readonly eventDays: ReadonlySet<number>;
  readonly holidays: ReadonlySet<number>;
}

export const calendarOf = (season: Season): Calendar => ({
  season,
  eventDays: new Set(season.events.map(({ startMs }) => dayOf(startMs, season.utcOffsetMinutes))),
  holidays: new Set(season.holidays.map((date) => dayOfDate(date) ?? -1)),
});

const isOff = ({ holidays }: Calendar, day: number): boolean => isWeekend(day) || holidays.has(day);

/** Days that a baseline may be made of, or tried on: none with an event. */
export const isPlainDay = ({ eventDays }: Calendar, day: number): boolean => !eventDays.has(day);

/** Whether two days are alike for the method. */
export const isSimilar = (calendar: Calendar, { weekends }: Method, a: number, b: number): boolean =>
  weekends === null || isOff(calendar, a) === isOff(calendar, b);

/** Anything at which use is foretold: an event, or a day without one that is treated as if. */
export type Stretch = Pick<LoadEvent, "noticeMs" | "startMs" | "endMs">;

/**
 * What would have been used without the event: the mean of the method's days at the same hours, moved by how the day
 * began. Whoever is told could use more for the sake of it: only hours before the notice are looked at, and where they
 * are not those right before the event they move the baseline down alone. Told the day before, it is not moved.
 *
 * @returns how many days there are where they are too few
 */
export function baselineOf(load: Load, calendar: Calendar, stretch: Stretch, rule: BaselineRule): Baseline | number {
  const { utcOffsetMinutes } = calendar.season;
  const day = dayOf(stretch.startMs, utcOffsetMinutes);
  const { method } = rule;
  const dayRule = method.weekends !== null && isOff(calendar, day) ? method.weekends : method.weekdays;
  const found = similarDays(load, calendar, stretch, rule, dayRule.of);
  if (found.length < dayRule.daysMin) return found.length;
  const days = highestOf(found, dayRule);
  const means = meansOf(days.map(({ readings }) => readings));
  const adjustmentPpm = adjustmentOf(load, stretch, calendar, days, rule);
  const quantities = means.map((mean) => (mean === null ? null : Math.floor((mean * adjustmentPpm) / million)));
  return { quantities, adjustmentPpm, days: days.map((each) => each.day) };
}

interface Day {
  readonly day: number;
  readonly readings: readonly (number | null)[];
}

function similarDays(load: Load, calendar: Calendar, stretch: Stretch, rule: BaselineRule, most: number): Day[] {
  const today = dayOf(stretch.startMs, calendar.season.utcOffsetMinutes);
  const days: Day[] = [];
  for (let back = 1; back <= rule.method.lookBackDays && days.length < most; back++) {
    const day = today - back;
    if (!isPlainDay(calendar, day) || !isSimilar(calendar, rule.method, day, today)) continue;
    const readings = readingsIn(load, stretch.startMs - back * dayMs, stretch.endMs - back * dayMs);
    if (readings !== undefined && coveragePpm(readings) >= rule.coveragePpmMin) days.push({ day, readings });
  }
  return days;
}

/** Of equals the latest. */
function highestOf(days: readonly Day[], { highest }: DayRule): readonly Day[] {
  const mean = ({ readings }: Day): number =>
    Math.floor(sumOf(readings) / Math.max(readings.filter((value) => value !== null).length, 1));
  const kept = days.toSorted((a, b) => mean(b) - mean(a) || b.day - a.day).slice(0, highest);
  return kept.sort((a, b) => b.day - a.day);
}

function meansOf(days: readonly (readonly (number | null)[])[]): (number | null)[] {
  const [first = []] = days;
  return first.map((_, i) => {
    const there = days.map((readings) => readings[i] ?? null).filter((value) => value !== null);
    return there.length === 0 ? null : Math.floor(sumOf(there) / there.length);
  });
}

/** The hours by which a day may move its baseline: three that ended an hour before, and before anybody was told. */
function adjustmentHours({ noticeMs, startMs }: Stretch, intervalMs: number) {
  const endMs = Math.min(startMs - adjustment.endMs, Math.floor(noticeMs / intervalMs) * intervalMs);
  return { startMs: endMs - adjustment.lengthMs, endMs, isMoved: endMs < startMs - adjustment.endMs };
}

function adjustmentOf(load: Load, stretch: Stretch, calendar: Calendar, days: readonly Day[], rule: BaselineRule) {
  const { utcOffsetMinutes } = calendar.season;
  const today = dayOf(stretch.startMs, utcOffsetMinutes);
  const { startMs, endMs, isMoved } = adjustmentHours(stretch, load.intervalMs);
  if (dayOf(startMs, utcOffsetMinutes) !== today) return million;
  const actual = readingsIn(load, startMs, endMs);
  const before = days.flatMap(({ day }) => {
    const backMs = (today - day) * dayMs;
    const readings = readingsIn(load, startMs - backMs, endMs - backMs);
    return readings === undefined ? [] : [readings];
  });
  if (actual === undefined || coveragePpm(actual) < rule.coveragePpmMin || before.length === 0) return million;
  const means = meansOf(before);
  const expected = sumOf(means.map((mean, i) => (actual[i] === null ? null : mean)));
  const used = sumOf(actual.map((value, i) => (means[i] === null ? null : value)));
  if (expected <= 0) return million;
  const most = isMoved ? million : million + rule.adjustmentPpmMax;
  const least = million - rule.adjustmentPpmMax;
  return Math.min(Math.max(Math.floor((used / expected) * million), least), most);
}
