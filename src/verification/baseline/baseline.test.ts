import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { baselineOf, calendarOf } from "./baseline.ts";
import { dayOf, dayOfDate, isWeekend } from "./calendar.ts";
import type { Load } from "./load.ts";
import { methods } from "./methods.ts";
import { placeboOf } from "./placebo.ts";
import { reductionOf } from "./reduction.ts";
import type { LoadEvent, Season } from "./season.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const mondayMs = Date.UTC(2024, 0, 1);
const rule = { method: methods.caiso10in10, adjustmentPpmMax: 200_000, coveragePpmMin: 950_000 };
const paying = { ...rule, deadBandPpm: 0, ratedMilliwatts: 1_000_000_000 };

/** By day and hour. */
const loadOf = (days: number, value: (day: number, hour: number) => number | null): Load => ({
  unit: "mWh",
  startMs: mondayMs,
  intervalMs: hourMs,
  values: Array.from({ length: 24 * days }, (_, i) => value(Math.floor(i / 24), i % 24)),
});
const eventOn = (day: number, changes: Partial<LoadEvent> = {}): LoadEvent => ({
  noticeMs: mondayMs + (day - 1) * dayMs,
  startMs: mondayMs + day * dayMs + 14 * hourMs,
  endMs: mondayMs + day * dayMs + 16 * hourMs,
  isOptedOut: false,
  ...changes,
});
const late = { noticeMs: mondayMs + 366 * dayMs } as const;
const seasonOf = (events: readonly LoadEvent[], holidays: readonly string[] = []): Season => ({
  utcOffsetMinutes: 0,
  holidays,
  events,
});
const found = (load: Load, event: LoadEvent, season = seasonOf([event]), changes: Partial<typeof rule> = {}) => {
  const baseline = baselineOf(load, calendarOf(season), event, { ...rule, ...changes });
  return typeof baseline === "number" ? baseline : { ...baseline, days: baseline.days.map((day) => day - 19_723) };
};

describe("the calendar", () => {
  it("agrees with that of the platform", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("2199-12-31"), noInvalidDate: true }), (date) => {
        const day = dayOf(date.getTime(), 0);
        expect(dayOfDate(date.toISOString().slice(0, 10))).toBe(day);
        expect(isWeekend(day)).toBe([0, 6].includes(date.getUTCDay()));
      }),
    );
    expect(["2023-02-29", "2024-13-01", "2024-4-1", "24-04-01", "2024-04-31", ""].map(dayOfDate)).toEqual(
      Array.from({ length: 6 }, () => null),
    );
    expect(dayOf(mondayMs, -480)).toBe(dayOf(mondayMs, 0) - 1);
  });
});

describe("a baseline", () => {
  it("is the mean of the latest ten weekdays without an event, each interval by itself", () => {
    const load = loadOf(40, (day, hour) => day * 100 + hour);
    // Day 30 is a Wednesday. Day 24 has an event itself; the mean of the others is 21.4.
    const season = seasonOf([eventOn(24), eventOn(30)]);
    expect(found(load, eventOn(30), season, { adjustmentPpmMax: 0 })).toEqual({
      quantities: [2_154, 2_155],
      adjustmentPpm: 1_000_000,
      days: [29, 28, 25, 23, 22, 21, 18, 17, 16, 15],
    });
  });

  it("takes weekends and holidays together, and needs four of them", () => {
    const load = loadOf(40, (day) => day);
    const holiday = seasonOf([eventOn(26)], ["2024-01-24"]);
    expect(found(load, eventOn(26), holiday)).toMatchObject({ days: [23, 20, 19, 13] });
    expect(found(load, eventOn(12), seasonOf([eventOn(12)]))).toBe(2);
  });

  it("takes the highest of the days where the method says so, the latest of equals", () => {
    const load = loadOf(40, (day) => (day % 7 === 0 ? 900 : day % 7 === 1 ? 800 : 100));
    const { days } = found(load, eventOn(31), seasonOf([eventOn(31)]), {
      method: methods.pge5in10 as unknown as typeof rule.method,
    }) as { days: number[] };
    expect(days).toEqual([30, 29, 28, 22, 21]);
  });

  it("is moved by how the day began, within bounds, where nobody had been told", () => {
    const began = (share: number): Load =>
      loadOf(40, (day, hour) => (day === 30 && hour >= 10 && hour < 13 ? 1_000 * share : 1_000));
    const adjusted = (share: number, event: LoadEvent) =>
      (found(began(share), event) as { adjustmentPpm: number }).adjustmentPpm;
    const unaware = eventOn(30, late);
    expect([1.1, 1.5, 0.9, 0.5].map((share) => adjusted(share, unaware))).toEqual([
      1_100_000, 1_200_000, 900_000, 800_000,
    ]);
  });

  it("never grows by what is used after notice, whatever and whenever it is", () => {
    const notice = fc.integer({ min: -24, max: 14 });
    fc.assert(
      fc.property(
        notice,
        fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 24, maxLength: 24 }),
        (at, more) => {
          const noticeMs = mondayMs + 30 * dayMs + at * hourMs;
          const event = eventOn(30, { noticeMs });
          const plain = loadOf(40, (day, hour) => 1_000 + ((day * 7 + hour * 3) % 11) * 20);
          const bumped = {
            ...plain,
            values: plain.values.map((value, i) =>
              i >= 30 * 24 + Math.max(at, 0) && i < 30 * 24 + 14 ? (value ?? 0) + (more[i % 24] ?? 0) : value,
            ),
          };
          // An hour before the event nobody looks any more.
          if (at >= 13) return;
          expect(found(bumped, event)).toEqual(found(plain, event));
        },
      ),
    );
  });

  it("leaves gaps out, and days with too many of them", () => {
    const holed = loadOf(40, (day, hour) => (day === 29 && hour === 14 ? null : 1_000));
    expect(found(holed, eventOn(30))).toMatchObject({ days: [28, 25, 24, 23, 22, 21, 18, 17, 16, 15] });
    expect(found(holed, eventOn(30), undefined, { coveragePpmMin: 500_000 })).toMatchObject({
      quantities: [1_000, 1_000],
    });
  });
});

describe("placebo days", () => {
  it("miss by nothing where every day is the same, and by as much as they differ else", () => {
    const season = seasonOf([eventOn(30)]);
    const calendar = calendarOf(season);
    expect(
      placeboOf(
        loadOf(40, () => 1_000),
        calendar,
        rule,
      ),
    ).toEqual({ days: 24, errorPpm: 0, biasPpm: 0 });
    const growing = placeboOf(
      loadOf(40, (day) => 1_000 + day),
      calendar,
      { ...rule, adjustmentPpmMax: 0 },
    );
    expect(growing.biasPpm).toBeLessThan(0);
    expect(growing.errorPpm).toBeGreaterThan(0);
    expect(
      placeboOf(
        loadOf(40, () => 0),
        calendar,
        rule,
      ),
    ).toEqual({ days: 24, errorPpm: 1_000_000_000, biasPpm: 0 });
  });

  it("sum exactly, also of large meters", () => {
    const season = seasonOf([eventOn(30)]);
    const load = loadOf(40, (day) => (day % 2 === 0 ? 8_000_000_000 : 9_000_000_001));
    const { errorPpm } = placeboOf(load, calendarOf(season), { ...rule, adjustmentPpmMax: 0 });
    expect(errorPpm).toBe(placeboOf(load, calendarOf(season), { ...rule, adjustmentPpmMax: 0 }).errorPpm);
    expect(errorPpm).toBeGreaterThan(50_000);
    expect(errorPpm).toBeLessThan(70_000);
  });
});

describe("a reduction", () => {
  const events = [21, 22, 23, 24, 25].map((day) => eventOn(day));
  const used = (shares: readonly number[]): Load =>
    loadOf(30, (day, hour) => (hour >= 14 && hour < 16 ? 1_000 * (shares[day - 21] ?? 1) : 1_000));
  const net = (shares: readonly number[], changes: Partial<typeof paying> = {}): number =>
    reductionOf(used(shares), seasonOf(events), { ...paying, ...changes }).net;

  it("nets what was used more, and is never below nothing", () => {
    expect(net([0.5, 0.5, 0.5, 0.5, 0.5])).toBe(5_000);
    expect(net([0.5, 0.5, 0.5, 0.5, 1.5])).toBe(3_000);
    expect(net([0.5, 0.5, 1.5, 1.5, 1.5])).toBe(0);
  });

  it("counts nothing within the dead-band, up or down", () => {
    expect(net([0.91, 0.5, 1.09, 1, 1], { deadBandPpm: 100_000 })).toBe(1_000);
    expect(net([0.9, 1, 1, 1, 1], { deadBandPpm: 100_000 })).toBe(200);
  });

  it("never counts more than the meter's rating allows", () => {
    expect(net([0, 1, 1, 1, 1], { ratedMilliwatts: 300 })).toBe(600);
  });

  it("saves nothing in a gap, and leaves opted-out events alone", () => {
    const load = used([0.5, 0.5, 0.5, 0.5, 0.5]);
    const values = load.values.map((value, i) => (i === 21 * 24 + 14 ? null : value));
    const season = seasonOf([events[0] as LoadEvent, { ...(events[1] as LoadEvent), isOptedOut: true }]);
    const holed = reductionOf({ ...load, values }, season, { ...paying, coveragePpmMin: 500_000 });
    expect([holed.events.length, holed.net]).toEqual([1, 500]);
    expect(reductionOf({ ...load, values }, season, paying).problem).toMatchObject({ type: "coverage" });
  });

  it("is whole numbers, whatever the readings", () => {
    const reading = fc.option(fc.integer({ min: 0, max: 50_000_000 }), { freq: 20 });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 30 * 24, maxLength: 30 * 24 }), (values) => {
        const { net: sum, placebo } = reductionOf({ ...used([]), values }, seasonOf(events), paying);
        for (const number of [sum, placebo.errorPpm, placebo.biasPpm]) expect(Number.isSafeInteger(number)).toBe(true);
        expect(sum).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 30 },
    );
  });
});
