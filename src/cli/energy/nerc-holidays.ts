const dayMs = 86_400_000;

const dateOf = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
const weekdayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay();

/** The first day of a month that is such a weekday, 0 for Sunday. */
const firstOf = (year: number, month: number, weekday: number): number =>
  1 + ((weekday - weekdayOf(year, month, 1) + 7) % 7);

/** On Monday where it falls on a Sunday. */
function observed(year: number, month: number, day: number): string {
  const shiftMs = weekdayOf(year, month, day) === 0 ? dayMs : 0;
  return new Date(Date.UTC(year, month - 1, day) + shiftMs).toISOString().slice(0, 10);
}

/** The six days that North American grids count as off-peak (NERC), which CAISO's baselines treat like weekends. */
export function nercHolidays(year: number): readonly string[] {
  const lastMondayOfMay = 31 - ((weekdayOf(year, 5, 31) + 6) % 7);
  return [
    observed(year, 1, 1),
    dateOf(year, 5, lastMondayOfMay),
    observed(year, 7, 4),
    dateOf(year, 9, firstOf(year, 9, 1)),
    dateOf(year, 11, firstOf(year, 11, 4) + 21),
    observed(year, 12, 25),
  ];
}
