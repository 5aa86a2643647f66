import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseUtcMs } from "./utc.ts";

describe("a time in UTC", () => {
  it("is read back as it was written", () => {
    const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastMs }), (ms) => {
        expect(parseUtcMs(new Date(ms).toISOString())).toBe(ms);
      }),
    );
  });

  it.each([
    ["1970-01-01T00:00:00.000Z", 0],
    ["2000-02-29T00:00:00.000Z", 951_782_400_000],
    ["2100-03-01T00:00:00.000Z", 4_107_542_400_000],
  ])("%s is %i ms", (text, ms) => {
    expect(parseUtcMs(text)).toBe(ms);
  });

  it.each([
    "",
    "2026-11-21",
    "2026-11-21T13:00:00Z",
    "2026-11-21T13:00:00.000+00:00",
    "2026-13-01T00:00:00.000Z",
    "2026-00-01T00:00:00.000Z",
    "2026-02-29T00:00:00.000Z",
    "2100-02-29T00:00:00.000Z",
    "2026-11-31T00:00:00.000Z",
    "2026-11-21T24:00:00.000Z",
    "2026-11-21T23:60:00.000Z",
    "2026-11-21T23:59:60.000Z",
    "1969-12-31T23:59:59.999Z",
    " 2026-11-21T13:00:00.000Z",
  ])("is not %j", (text) => {
    expect(parseUtcMs(text)).toBeNull();
  });
});
