import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson, type WireJson, writeJson } from "./wire-json.ts";

describe("JSON with 64-bit integers", () => {
  it("writes and reads integers beyond 2^53 without rounding", () => {
    const text = '{"a":18446744073709551615,"b":[-9223372036854775808,9007199254740993],"c":"18446744073709551615"}';
    const value = readJson(text);
    expect(value).toEqual({
      a: 18446744073709551615n,
      b: [-9223372036854775808n, 9007199254740993n],
      c: "18446744073709551615",
    });
    expect(writeJson(value)).toBe(text);
  });

  it("keeps what a number can hold a number, and leaves strings alone", () => {
    expect(readJson("[0, 9007199254740991, 1.5, 1e3, 12345678901234.5]")).toEqual([
      0, 9007199254740991, 1.5, 1000, 12345678901234.5,
    ]);
    const tricky = JSON.stringify({ 'k"12345678901234567890': '\\"12345678901234567890,{[' });
    expect(readJson(`[${tricky},12345678901234567890]`)).toEqual([JSON.parse(tricky), 12345678901234567890n]);
  });

  it("leaves out members that are undefined", () => {
    expect(writeJson({ a: undefined, b: null, c: [true, "x"] })).toBe('{"b":null,"c":[true,"x"]}');
  });

  it.each(["", "{", "[1,]", "01", '{"a":12345678901234567890', "nul", "'a'", "\u0000"])("refuses %j", (text) => {
    expect(() => readJson(text)).toThrow(SyntaxError);
  });

  it("does not let a key reach a prototype", () => {
    const value = readJson('{"__proto__":{"x":12345678901234567890}}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("gives back whatever it wrote", () => {
    const { value } = fc.letrec<{ value: WireJson }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }),
        fc.array(tie("value")),
        fc.dictionary(fc.string(), tie("value")),
      ),
    }));
    const comparable = (json: WireJson): string => writeJson(json);
    fc.assert(fc.property(value, (json) => comparable(readJson(writeJson(json))) === comparable(json)));
  });
});
