/** Days of a place that keeps one time all year, as meters do: no hour is there twice. */

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** The number of a local day since 1970-01-01. */
export const dayOf = (timeMs: number, utcOffsetMinutes: number): number =>
  Math.floor((timeMs + utcOffsetMinutes * minuteMs) / dayMs);

/** Of a date "2013-09-02", or null where it is none. */
export function dayOfDate(date: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  // Years that begin in March, so that the leap day is the last one.
  const y = month < 3 ? year - 1 : year;
  const m = (month + 9) % 12;
  const ofYear = Math.floor((153 * m + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + ofYear - 719_468;
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** 1970-01-01 was a Thursday. */
export const isWeekend = (day: number): boolean => {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6;
};
