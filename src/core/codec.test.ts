import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex, toUtf8 } from "./bytes.ts";
import {
  bool,
  bytes,
  type Codec,
  decode,
  encode,
  fixed,
  list,
  numberMap,
  oneOf,
  optional,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  varint,
  Writer,
} from "./codec.ts";
import { isEarnestError } from "./errors.ts";

const record = struct({ id: u32, name: text(), tags: list(oneOf(["a", "b", "c"])), note: optional(bytes) });

/** Each codec with values of its type. */
const kinds: readonly (readonly [name: string, codec: Codec<unknown>, values: fc.Arbitrary<unknown>])[] = [
  ["u8", u8, fc.nat({ max: 0xff })],
  ["u16", u16, fc.nat({ max: 0xffff })],
  ["u32", u32, fc.nat({ max: 0xffffffff })],
  ["u64", u64(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  ["varint", varint, fc.maxSafeNat()],
  ["bool", bool, fc.boolean()],
  ["fixed", fixed(5), fc.uint8Array({ minLength: 5, maxLength: 5 })],
  ["bytes", bytes, fc.uint8Array({ maxLength: 300 })],
  ["text", text(), fc.string({ unit: "binary" })],
  ["oneOf", oneOf(["x", "y"]), fc.constantFrom("x", "y")],
  ["optional", optional(varint), fc.option(fc.nat())],
  ["list", list(u16), fc.array(fc.nat({ max: 0xffff }))],
  [
    "struct",
    record,
    fc.record({
      id: fc.nat({ max: 0xffffffff }),
      name: fc.string({ unit: "grapheme" }),
      tags: fc.array(fc.constantFrom("a", "b", "c")),
      note: fc.option(fc.uint8Array()),
    }),
  ],
  [
    "numberMap",
    numberMap(u8),
    fc.array(fc.tuple(fc.maxSafeNat(), fc.nat({ max: 255 }))).map((pairs) => new Map(pairs)),
  ],
];

describe.each(kinds)("%s", (_, codec, values) => {
  it("decodes what it encodes", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(codec, encode(codec, value), "value")).toEqual(value);
      }),
    );
  });

  it("has one encoding for a value: other bytes are refused or mean another", () => {
    const damaged = values.chain((value) => {
      const encoded = encode(codec, value);
      return fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
          const copy = encoded.slice();
          if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] as number) ^ flip;
          return copy;
        }),
        fc.nat({ max: encoded.length }).map((end) => encoded.slice(0, end)),
        fc.uint8Array({ minLength: 1, maxLength: 3 }).map((more) => new Uint8Array([...encoded, ...more])),
      );
    });
    fc.assert(
      fc.property(damaged, (input) => {
        let value: unknown;
        try {
          value = decode(codec, input, "value");
        } catch (error) {
          if (!isEarnestError(error, "MALFORMED_ENCODING")) throw error;
          return;
        }
        expect(toHex(encode(codec, value))).toBe(toHex(input));
      }),
      { numRuns: 500 },
    );
  });

  it("refuses bytes that are left over", () => {
    fc.assert(
      fc.property(values, fc.uint8Array({ minLength: 1 }), (value, more) => {
        const longer = new Uint8Array([...encode(codec, value), ...more]);
        expect(() => decode(codec, longer, "value")).toThrow(/cannot be decoded/);
      }),
    );
  });
});

describe("bytes of known values", () => {
  const hexOf = <T>(codec: Codec<T>, value: T): string => toHex(encode(codec, value));

  it("are little-endian, lengths before contents", () => {
    expect(hexOf(u8, 0xab)).toBe("ab");
    expect(hexOf(u16, 0x1234)).toBe("3412");
    expect(hexOf(u32, 0x12345678)).toBe("78563412");
    expect(hexOf(u64(), 0x0102030405060708n)).toBe("0807060504030201");
    expect(hexOf(bytes, new Uint8Array([9, 8]))).toBe("020908");
    expect(hexOf(text(), "é")).toBe("02c3a9");
    for (const length of [0, 1, 31, 32, 33, 127, 128]) {
      const expected = [...(length < 128 ? [length] : [0x80, 1]), ...toUtf8("~".repeat(length))];
      expect(hexOf(text(), "~".repeat(length))).toBe(toHex(Uint8Array.from(expected)));
    }
    expect(hexOf(text(), "a\u007f\u0080")).toBe("04617fc280");
    expect(hexOf(optional(u8), null)).toBe("00");
    expect(hexOf(optional(u8), 7)).toBe("0107");
    expect(hexOf(bool, true)).toBe("01");
  });

  it.each([
    [0, "00"],
    [127, "7f"],
    [128, "8001"],
    [300, "ac02"],
    [2 ** 32, "8080808010"],
    [Number.MAX_SAFE_INTEGER, "ffffffffffffff0f"],
  ])("are LEB128 for %d", (value, hex) => {
    expect(hexOf(varint, value)).toBe(hex);
    expect(decode(varint, fromHex(hex), "value")).toBe(value);
  });

  it("stand in field order, whatever the order in the object", () => {
    const hex = "05000000" + "026869" + "020002" + "00";
    expect(hexOf(record, { id: 5, name: "hi", tags: ["a", "c"], note: null })).toBe(hex);
    expect(hexOf(record, { note: null, tags: ["a", "c"], name: "hi", id: 5 })).toBe(hex);
  });

  it("of a map stand in key order, whatever the order of insertion", () => {
    const pairs: [number, number][] = [
      [300, 1],
      [2, 2],
      [10, 3],
    ];
    expect(hexOf(numberMap(u8), new Map(pairs))).toBe("03" + "0202" + "0a03" + "ac0201");
    expect(hexOf(numberMap(u8), new Map(pairs.toReversed()))).toBe(hexOf(numberMap(u8), new Map(pairs)));
  });

  it("keep a byte order mark: it is a character like any other", () => {
    expect(decode(text(), fromHex("06efbbbfc3a961"), "value")).toBe("\ufeffé" + "a");
  });
});

describe("what is refused to be read", () => {
  it.each([
    ["a longer form of a small number", varint, "8000"],
    ["a number beyond 2^53", varint, "ffffffffffffff1f"],
    ["a number without an end", varint, "ffffffffffffffffff01"],
    ["a boolean of 2", bool, "02"],
    ["a choice that is not in the list", oneOf(["a"]), "01"],
    ["a text that is not UTF-8", text(), "02c328"],
    ["an overlong character", text(), "02c080"],
    ["a surrogate in UTF-8", text(), "03eda080"],
    ["keys out of order", numberMap(u8), "020a000200"],
    ["a key twice", numberMap(u8), "0202000200"],
    ["fewer bytes than announced", bytes, "0501"],
    ["a length near 2^53", list(u8), "ffffffffffffff0f"],
    ["nothing", u32, ""],
  ] as readonly (readonly [string, Codec<unknown>, string])[])("%s", (_, codec, hex) => {
    expect(() => decode(codec, fromHex(hex), "a test value")).toThrow(/The bytes of a test value cannot be decoded/);
  });

  it("with the place at which it stands", () => {
    const both = struct({ a: u16, b: bool });
    try {
      decode(both, fromHex("000005"), "pair");
    } catch (error) {
      expect(isEarnestError(error, "MALFORMED_ENCODING") && error.context).toEqual({ what: "pair", offset: 3 });
      return;
    }
    throw new Error("not refused");
  });
});

describe("what is refused to be written", () => {
  it.each([
    ["256 in 8 bits", u8, 256],
    ["a negative number", u8, -1],
    ["a fraction", u16, 1.5],
    ["65536 in 16 bits", u16, 65_536],
    ["2^32 in 32 bits", u32, 2 ** 32],
    ["no number", u32, Number.NaN],
    ["2^53", varint, 2 ** 53],
    ["a negative count", varint, -1],
    ["2^64", u64(), 2n ** 64n],
    ["a negative amount", u64(), -1n],
    ["a choice that is not in the list", oneOf(["a", "b"]), "c"],
    ["another length", fixed(3), new Uint8Array(4)],
    ["half a character", text(), "a\ud800"],
    ["the other half", text(), "\udc00"],
  ] as readonly (readonly [string, Codec<unknown>, unknown])[])("%s", (_, codec, value) => {
    expect(() => encode(codec, value)).toThrow();
    try {
      encode(codec, value);
    } catch (error) {
      expect(isEarnestError(error) && error.kind).toBe("malformed");
    }
  });
});

it("a writer grows as far as it is filled", () => {
  const writer = new Writer();
  for (let i = 0; i < 10_000; i++) writer.u32(i);
  writer.raw(new Uint8Array(5_000).fill(7));
  const written = writer.finish();
  expect(written.length).toBe(45_000);
  expect(new DataView(written.buffer).getUint32(4 * 9_999, true)).toBe(9_999);
  expect(written.at(-1)).toBe(7);
});
