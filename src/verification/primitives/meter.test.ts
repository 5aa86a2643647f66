import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codesOf, contextOf, evidenceOf, shortOf } from "../algebra/testing.ts";
import type { Baseline, Series } from "./evidence.ts";
import { type Finding, millionPpm, quantityMaxMax } from "./finding.ts";
import { type MeterParameters, meter } from "./meter.ts";
import type { Quality } from "./series.ts";

const window = { startMs: 0, endMs: 100 };
const quality: Quality = {
  intervalMs: 10,
  coveragePpmMin: 0,
  valueMin: 0,
  valueMax: 1_000,
  jumpMax: null,
  constantMsMax: null,
};
const metered = { name: "node", unit: "byte", quantityMin: 0, quantityMax: 1_000_000 } as const;

const every = (stepMs: number, ...values: number[]): Series => ({ timesMs: values.map((_, i) => i * stepMs), values });

const measured = (
  parameters: Partial<Quality>,
  node: Series,
  type: "sum" | "covered" = "sum",
  limits: Partial<typeof metered> | object = {},
): Finding =>
  meter(
    { ...metered, ...limits, type, quality: { ...quality, ...parameters } },
    evidenceOf({ series: { node } }),
    contextOf({ window }),
  );

describe("meter a series", () => {
  it("sums the readings, and counts the intervals", () => {
    expect(measured({}, every(10, 1, 2, 3)).quantity).toBe(6);
    expect(measured({}, every(10, 1, 2, 3), "covered").quantity).toBe(3);
  });

  it("waits for the window, and needs the series", () => {
    const parameters: MeterParameters = { ...metered, type: "sum", quality };
    expect(shortOf(meter(parameters, evidenceOf({ series: { node: every(10, 1) } }), contextOf()))).toBe(
      "waiting WAITING",
    );
    expect(shortOf(meter(parameters, evidenceOf(), contextOf({ window })))).toBe("failed EVIDENCE_MISSING");
    const endless = contextOf({ window: { startMs: 0, endMs: Number.MAX_SAFE_INTEGER } });
    expect(shortOf(meter(parameters, evidenceOf({ series: { node: every(10, 1) } }), endless))).toBe("waiting WAITING");
  });

  it.each<[string, Series, string]>([
    ["NaN", every(10, 1, Number.NaN), "failed SERIES_MALFORMED"],
    ["infinity", every(10, 1, Number.POSITIVE_INFINITY), "failed SERIES_MALFORMED"],
    ["a fraction", every(10, 1, 0.5), "failed SERIES_MALFORMED"],
    ["a huge number", every(10, 1, 2 ** 53), "failed SERIES_MALFORMED"],
    ["a number beyond all quantities", every(10, 1, quantityMaxMax + 1), "failed SERIES_MALFORMED"],
    ["a text", { timesMs: [0], values: ["1"] as unknown as number[] }, "failed SERIES_MALFORMED"],
    ["a time that is none", { timesMs: [Number.NaN], values: [1] }, "failed SERIES_MALFORMED"],
    ["more times than values", { timesMs: [0, 10], values: [1] }, "failed SERIES_MALFORMED"],
    ["a time twice", { timesMs: [0, 0], values: [1, 1] }, "failed SERIES_UNORDERED"],
    ["times that run backwards", { timesMs: [10, 0], values: [1, 1] }, "failed SERIES_UNORDERED"],
    ["a negative time", { timesMs: [-1], values: [1] }, "failed SERIES_OUTSIDE_WINDOW"],
    ["the window's end", { timesMs: [100], values: [1] }, "failed SERIES_OUTSIDE_WINDOW"],
    ["the window's last millisecond", { timesMs: [99], values: [1] }, "passed"],
    ["its first", { timesMs: [0], values: [1] }, "passed"],
  ])("takes a series with %s for %s", (_, series, expected) => {
    expect(shortOf(measured({}, series))).toBe(expected);
  });

  it("keeps gaps, and asks for coverage, its edge included", () => {
    const half = every(20, 1, 1, 1, 1, 1);
    expect(shortOf(measured({ coveragePpmMin: 500_000 }, half))).toBe("passed");
    expect(measured({ coveragePpmMin: 500_001 }, half).reasons).toEqual([
      { code: "COVERAGE_LOW", actual: 500_000, limit: 500_001 },
    ]);
    expect(measured({}, half).quantity).toBe(5);
    expect(shortOf(measured({ coveragePpmMin: 1 }, every(10)))).toBe("failed COVERAGE_LOW");
  });

  it("pays a second reading in an interval nothing", () => {
    expect(measured({}, every(1, 7, 8, 9, 10, 11)).quantity).toBe(7);
    const burst = measured({ coveragePpmMin: 200_000 }, every(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    expect(burst.reasons).toEqual([{ code: "COVERAGE_LOW", actual: 100_000, limit: 200_000 }]);
    expect(measured({}, every(1, 7, 7, 7, 7, 7), "covered").quantity).toBe(1);
  });

  it("counts readings out of bounds, jumps and stuck ones as gaps", () => {
    const outside = measured({ valueMin: 5, valueMax: 9 }, every(10, 5, 9, 10, 4));
    expect(outside.quantity).toBe(14);
    expect(outside.reasons).toEqual([{ code: "READINGS_OUT_OF_BOUNDS", actual: 2 }]);

    const jumping = measured({ jumpMax: 5 }, every(10, 1, 6, 12, 13));
    expect(jumping.quantity).toBe(20);
    expect(jumping.reasons).toEqual([{ code: "READINGS_JUMP", actual: 1, limit: 5 }]);

    const stuck = measured({ constantMsMax: 20 }, every(10, 3, 3, 3, 4, 4, 4, 4));
    expect(stuck.quantity).toBe(9);
    expect(stuck.reasons).toEqual([{ code: "READINGS_CONSTANT", actual: 4, limit: 20 }]);
  });

  it("tells with low coverage what was left out", () => {
    const bad = measured({ coveragePpmMin: 900_000, valueMax: 1 }, every(10, 9, 9, 9));
    expect(codesOf(bad)).toEqual(["COVERAGE_LOW", "READINGS_OUT_OF_BOUNDS"]);
  });

  it("caps what is paid, and refuses what is too little", () => {
    expect(measured({}, every(10, 60, 60), "sum", { quantityMax: 100 })).toMatchObject({
      quantity: 100,
      reasons: [{ code: "QUANTITY_CAPPED", limit: 100 }],
    });
    expect(shortOf(measured({}, every(10, 1), "sum", { quantityMin: 2 }))).toBe("failed QUANTITY_LOW");
  });

  it("never pays more than the window can hold, whatever is sent", () => {
    const reading = fc.record({
      timeMs: fc.oneof(fc.integer({ min: -10, max: 110 }), fc.double()),
      value: fc.oneof(fc.integer({ min: -5, max: 2_000 }), fc.double()),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 30 }), fc.boolean(), (readings, sorted) => {
        if (sorted) readings.sort((a, b) => a.timeMs - b.timeMs);
        const series = { timesMs: readings.map(({ timeMs }) => timeMs), values: readings.map(({ value }) => value) };
        const finding = measured({}, series);
        if (finding.outcome !== "passed") return;
        expect(Number.isSafeInteger(finding.quantity)).toBe(true);
        expect(finding.quantity).toBeLessThanOrEqual(10 * quality.valueMax);
        expect(finding.quantity).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("meter the lesser", () => {
  const lesser: MeterParameters = { ...metered, type: "lesser", tolerancePpm: 10_000 };
  const between = (node: number | undefined, gateway: number | undefined): Finding =>
    meter(
      lesser,
      evidenceOf({ quantities: node === undefined ? {} : { node } }),
      contextOf({ quantities: gateway === undefined ? {} : { node: gateway } }),
    );

  it("pays what both sides agree on", () => {
    expect(between(1_000, 900).quantity).toBe(900);
    expect(between(900, 1_000).quantity).toBe(900);
    expect(codesOf(between(1_010, 1_000))).toEqual([]);
    expect(codesOf(between(1_011, 1_000))).toEqual(["METERS_DIFFER"]);
  });

  it("pays nothing to whoever says so many times as much", () => {
    const strict = { ...lesser, timesMax: 2 } as const;
    const says = (node: number, gateway: number) =>
      shortOf(meter(strict, evidenceOf({ quantities: { node } }), contextOf({ quantities: { node: gateway } })));
    expect(says(2_000, 1_000)).toBe("passed METERS_DIFFER");
    expect(says(2_001, 1_000)).toBe("failed METERS_DIFFER");
  });

  it.each([undefined, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])("refuses %s of a node", (node) => {
    expect(shortOf(between(node, 1))).toBe("failed EVIDENCE_MISSING");
  });

  it("waits for our side, and never trusts the node's alone", () => {
    expect(shortOf(between(1, undefined))).toBe("waiting WAITING");
    expect(shortOf(between(1, Number.NaN))).toBe("waiting WAITING");
  });
});

describe("meter what was saved", () => {
  const saved: MeterParameters = {
    ...metered,
    type: "saved",
    unit: "mWh",
    quality,
    baseline: "tenOfTen",
    errorPpmMax: 200_000,
    deadBandPpm: 100_000,
  };
  const of = (used: Series, baseline: Baseline | null, parameters = {}): Finding =>
    meter(
      { ...saved, ...parameters },
      evidenceOf({ series: { node: used } }),
      contextOf({ window: { startMs: 0, endMs: 30 }, baselines: baseline === null ? {} : { tenOfTen: baseline } }),
    );
  const baseline: Baseline = { quantities: [100, 100, 100], errorPpm: 50_000 };

  it("is the difference to the baseline", () => {
    expect(of(every(10, 60, 60, 60), baseline).quantity).toBe(120);
  });

  it("is nothing within the dead-band, or where more was used", () => {
    expect(of(every(10, 90, 90, 91), baseline).quantity).toBe(0);
    expect(of(every(10, 90, 90, 90), baseline).quantity).toBe(30);
    expect(of(every(10, 90, 90, 90), { ...baseline, errorPpm: 100_001 }).quantity).toBe(0);
    expect(of(every(10, 500, 500, 500), baseline).quantity).toBe(0);
  });

  it("saves nothing in a gap, so that switching the meter off does not pay", () => {
    expect(of(every(10, 60), baseline).quantity).toBe(40);
    expect(of(every(10), baseline).quantity).toBe(0);
  });

  it("refuses a baseline that misses by too much, and waits for one that fits", () => {
    expect(shortOf(of(every(10, 60), { ...baseline, errorPpm: 200_001 }))).toBe("failed BASELINE_UNRELIABLE");
    expect(shortOf(of(every(10, 60), null))).toBe("waiting WAITING");
    expect(shortOf(of(every(10, 60), { ...baseline, quantities: [100] }))).toBe("waiting WAITING");
  });

  it("is exact for large quantities", () => {
    const huge = quantityMaxMax;
    const quantities = [huge, huge, huge];
    const finding = of(every(10, 0, 0, 0), { quantities, errorPpm: 0 }, { quantityMax: huge, deadBandPpm: millionPpm });
    expect(finding.quantity).toBe(huge);
  });
});
