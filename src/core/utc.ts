/** What `Date.prototype.toISOString` writes for the years 0 to 9999: one text for each moment. */
const form = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\.(\d{3})Z$/;
const dayMs = 86_400_000;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Milliseconds since 1970 of a time in UTC (RFC 3339 with three decimals), or null where it is not exactly one from 1970
 * on. Engines read dates in ways of their own, which must not decide what a log means.
 */
export function parseUtcMs(text: string): number | null {
  const match = form.exec(text);
  if (match === null) return null;
  const [year, month, day, hours, minutes, seconds, ms] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = month >= 1 && month <= 12 ? daysBefore(year, month) : null;
  const lastDay = month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] ?? 0);
  if (days === null || year < 1970 || day < 1 || day > lastDay || hours > 23 || minutes > 59 || seconds > 59)
    return null;
  return (days + day - 1) * dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms;
}

/** Days from 1970-01-01 to the first of a month, by the Gregorian calendar. */
function daysBefore(year: number, month: number): number {
  const last = year - 1;
  const leaps = Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400);
  let days = 365 * (year - 1970) + leaps - leapsBefore1970;
  for (let each = 1; each < month; each++) days += monthDays[each - 1] ?? 0;
  return month > 2 && isLeap(year) ? days + 1 : days;
}

const leapsBefore1970 = 477;
