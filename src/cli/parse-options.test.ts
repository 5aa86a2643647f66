import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import * as parse from "./parse-options.ts";

const refuses = (read: (text: string) => unknown, ...texts: readonly string[]): void => {
  for (const text of texts) expect(() => read(text), text).toThrow(InvalidArgumentError);
};

describe("values of options", () => {
  it("whole numbers", () => {
    expect([parse.parseCount("0"), parse.parseCount("42"), parse.parsePositive("7")]).toEqual([0, 42, 7]);
    refuses(parse.parseCount, "", "-1", "1.5", "1e3", "0x10", "01", " 1", "9999999999999999", "NaN");
    refuses(parse.parsePositive, "0", "00");
  });

  it("shares and percentages", () => {
    expect([parse.parseShare("0.95"), parse.parseShare(".5"), parse.parseShare("1")]).toEqual([0.95, 0.5, 1]);
    refuses(parse.parseShare, "1.01", "-0.5", "95%", "", "1.");
    expect([parse.parsePercent("2"), parse.parsePercent("2.5%"), parse.parsePercent("0")]).toEqual([2, 2.5, 0]);
    refuses(parse.parsePercent, "51", "2.555", "two", "-1", "%");
  });

  it("numbers above 0", () => {
    expect([parse.parsePositiveNumber("0.5"), parse.parsePositiveNumber("12")]).toEqual([0.5, 12]);
    refuses(parse.parsePositiveNumber, "0", "0.0", "-1", "x", "");
  });

  it("token amounts stay texts", () => {
    expect(parse.parseTokenAmount("12345678901234567890.123456789012345678")).toBe(
      "12345678901234567890.123456789012345678",
    );
    refuses(parse.parseTokenAmount, "-1", "1e3", "0,5", "1.", ".5", "", "1 ", "0.0000000000000000001");
  });

  it("lists", () => {
    expect(parse.parseList("a, b ,c")).toEqual(["a", "b", "c"]);
    refuses(parse.parseList, "", "a,,b", "a,", "a,a", "a, a");
    expect(parse.parseNumbers("a=1, bC=-20")).toEqual({ a: 1, bC: -20 });
    refuses(parse.parseNumbers, "", "a", "a=", "a=1.5", "=1", "a=1,a=2", "a=1=2");
  });

  it("keys", () => {
    expect(parse.parseKey("11111111111111111111111111111111")).toHaveLength(32);
    refuses(parse.parseKey, "", "k", "0".repeat(32), "l".repeat(40), "1".repeat(45));
  });

  it("overlap: at most so many, or a range", () => {
    expect(parse.parseOverlap("1")).toEqual({ min: 1, max: 1 });
    expect(parse.parseOverlap("3")).toEqual({ min: 2, max: 3 });
    expect(parse.parseOverlap("2-5")).toEqual({ min: 2, max: 5 });
    expect(parse.parseOverlap("1024")).toEqual({ min: 2, max: 1_024 });
    refuses(parse.parseOverlap, "0", "0-3", "5-2", "1025", "3-", "-3", "2..5", "");
  });

  it("markets and slots", () => {
    expect(parse.parseMarket("ab".repeat(16))).toBe("ab".repeat(16));
    refuses(parse.parseMarket, "AB".repeat(16), "ab", "../../keys", `${"ab".repeat(16)}\n`);
    expect(parse.parseSlotText("17.2")).toBe("17.2");
    refuses(parse.parseSlotText, "17", "17.", "a.b", "1.2.3");
  });

  it("maps", () => {
    expect(parse.parseMap("prompt=q,a=r1=x")).toEqual({ prompt: "q", a: "r1=x" });
    refuses(parse.parseMap, "q", "=q", "a=", "a=1,a=2", "__proto__=a");
  });
});
