import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMore, isZero, remaining, sumOf, typedAmount } from "../../web/source/parts/amounts.ts";
import { monthsOf } from "../../web/source/screens/years/months.ts";

const decimals = 6;
const amounts = fc.bigInt({ min: 0n, max: 10n ** 18n }).map((units) => {
  const digits = units.toString().padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`.replace(/\.?0+$/, "") || "0";
});

describe("an amount", () => {
  it("is what is left of another, and never less than nothing", () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        expect(isMore(a, b) ? sumOf([remaining(a, b), b]) : remaining(a, b)).toBe(isMore(a, b) ? a : "0");
        expect(isZero(remaining(a, a))).toBe(true);
        expect(isMore(a, b) && isMore(b, a)).toBe(false);
      }),
    );
    expect(remaining("10", "9.999999")).toBe("0.000001");
  });

  it("is read as people of many places type it", () => {
    const typed = (text: string) => typedAmount(text, decimals);
    expect(["0.5", " 0,5 ", "٠٫٥", "०.५", "۰,۵", "0.50"].map(typed)).toEqual(Array.from({ length: 6 }, () => "0.5"));
    expect(["", "0", "0.0", "-1", "1e3", "1,000.5", "1.2.3", "0.0000001", "EARN", "Infinity"].map(typed)).toEqual(
      Array.from({ length: 10 }, () => null),
    );
  });

  it("is read back as it was, whatever it is", () => {
    fc.assert(
      fc.property(amounts, (text) => {
        expect(typedAmount(text, decimals)).toBe(isZero(text) ? null : text);
        expect(typedAmount(text.replace(".", ","), decimals)).toBe(isZero(text) ? null : text);
      }),
    );
  });
});

describe("a year", () => {
  it("is the sum of its months, in their order", () => {
    const day = (month: string, earned: string, bonuses = "0") => ({
      day: `2026-${month}-01`,
      mint: "home",
      answers: 2,
      rewards: earned,
      bonuses,
      earned,
    });
    expect(monthsOf([day("11", "0.1"), day("02", "0.2", "0.05"), day("11", "0.3")])).toEqual([
      { month: 2, answers: 2, bonuses: "0.05", earned: "0.2" },
      { month: 11, answers: 4, bonuses: "0", earned: "0.4" },
    ]);
    expect(monthsOf([])).toEqual([]);
  });
});
