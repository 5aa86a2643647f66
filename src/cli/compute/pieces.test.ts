import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8, toUtf8 } from "../../core/bytes.ts";
import { chunks, grouped, lines, pieceBytesMax } from "./pieces.ts";

const texts = (parts: readonly Uint8Array[]): string[] => parts.map(fromUtf8);

describe("lines", () => {
  it.each([
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\r\n\nü", ["a", "", "ü"]],
  ])("of %j are pieces", (text, pieces) => {
    expect(texts(lines.split(toUtf8(text)))).toEqual(pieces);
  });

  it("of results are one input, unless somebody could not tell them apart", () => {
    expect(fromUtf8(lines.join(["1", "", "3"].map(toUtf8)))).toBe("1\n\n3");
    expect(fromUtf8(lines.whole(["1", "2"].map(toUtf8)))).toBe("1\n2\n");
    expect(() => lines.join([toUtf8("1\n2")])).toThrow(/--piece-bytes/);
  });

  it("that are too long are named", () => {
    const long = toUtf8(`a\n${"x".repeat(pieceBytesMax + 1)}\n`);
    expect(() => lines.split(long)).toThrow(`line 2 has more than ${pieceBytesMax} bytes`);
  });
});

describe("pieces of bytes", () => {
  it("are the file again, whatever its length", () => {
    const cases = [fc.uint8Array({ maxLength: 50 }), fc.integer({ min: 1, max: 20 })] as const;
    fc.assert(
      fc.property(...cases, (input, bytes) => {
        const { split, whole } = chunks(bytes);
        const pieces = split(input);
        expect(whole(pieces)).toEqual(input);
        expect(pieces.every(({ length }) => length > 0 && length <= bytes)).toBe(true);
      }),
    );
  });

  it("are joined with their lengths", () => {
    expect([...chunks(1).join([Uint8Array.of(7, 8), new Uint8Array(0)])]).toEqual([2, 0, 0, 0, 7, 8, 0, 0, 0, 0]);
  });
});

describe("a round of reductions", () => {
  it("has each result once and in order, in inputs that fit", () => {
    const results = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(results, (lengths) => {
        const parts = lengths.map((length, i) => new Uint8Array(length).fill(i));
        const inputs = grouped(chunks(1), parts, 60);
        expect(chunks(1).whole(inputs)).toEqual(chunks(1).join(parts));
        for (const each of inputs) expect(each.length).toBeLessThanOrEqual(60);
        if (lengths.length > 1) expect(inputs.length).toBeLessThan(lengths.length);
      }),
    );
  });

  it("gets to one in the end, and says where it cannot", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => toUtf8(`${i}`));
    expect(grouped(lines, many)).toHaveLength(40);
    expect(grouped(lines, many.slice(0, 40))).toHaveLength(1);
    expect(() => grouped(lines, [new Uint8Array(9), new Uint8Array(9)], 10)).toThrow(/no two results fit/);
  });
});
