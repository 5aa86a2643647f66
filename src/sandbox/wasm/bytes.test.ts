import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reader, Writer } from "./bytes.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe("the binary format's numbers", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(fc.array(u32), fc.array(fc.integer()), (unsigned, signed) => {
        const writer = new Writer();
        for (const value of unsigned) writer.u32(value);
        for (const value of signed) writer.s32(value);
        const reader = new Reader(writer.finish());
        expect(unsigned.map(() => reader.u32())).toEqual(unsigned);
        expect(signed.map(() => reader.s33())).toEqual(signed);
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  it("can be written later, in room that was left", () => {
    fc.assert(
      fc.property(u32, (value) => {
        const writer = new Writer().byte(7);
        const at = writer.placeholder();
        writer.byte(9).patch(at, value);
        const reader = new Reader(writer.finish());
        expect([reader.byte(), reader.u32(), reader.byte()]).toEqual([7, value, 9]);
      }),
    );
  });

  it.each([
    ["a byte", (reader: Reader) => reader.byte()],
    ["a number", (reader: Reader) => reader.u32()],
    ["bytes", (reader: Reader) => reader.take(1)],
  ])("end with an error where %s is missing", (_, read) => {
    expect(() => read(new Reader(new Uint8Array(0)))).toThrow(RangeError);
  });

  it("are not longer than they may be", () => {
    expect(() => new Reader(new Uint8Array(9).fill(0x80)).u32()).toThrow("too long");
    expect(() => new Reader(new Uint8Array(9).fill(0x80)).s33()).toThrow("too long");
  });
});

it("keeps texts, vectors and what is left", () => {
  const bytes = new Writer().name("größe").u32(2).byte(5, 6).byte(1, 2, 3).finish();
  const reader = new Reader(bytes);
  expect(reader.name()).toBe("größe");
  expect(reader.vector((each) => each.byte())).toEqual([5, 6]);
  expect([...reader.rest()]).toEqual([1, 2, 3]);
});

it("grows as far as it has to", () => {
  const many = new Uint8Array(100_000).fill(3);
  expect(new Writer().byte(1).raw(many).byte(2).finish()).toHaveLength(100_002);
});
