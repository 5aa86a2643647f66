import { base58 } from "@scure/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressBytes, addressText } from "./address-text.ts";

describe("addresses", () => {
  it("are what base 58 says, the first time and every other", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (address) => {
        const text = base58.encode(address);
        expect([addressText(address), addressText(address.slice())]).toEqual([text, text]);
        expect([addressBytes(text), addressBytes(text)]).toEqual([address, address]);
      }),
    );
  });

  it("are told apart where they stand in one buffer", () => {
    const buffer = Uint8Array.from({ length: 64 }, (_, i) => i);
    expect(addressText(buffer.subarray(0, 32))).toBe(base58.encode(buffer.slice(0, 32)));
    expect(addressText(buffer.subarray(32))).toBe(base58.encode(buffer.slice(32)));
  });

  it("do not change with the buffer they were read from", () => {
    const buffer = new Uint8Array(32).fill(7);
    const text = addressText(buffer);
    buffer.fill(9);
    expect(addressText(new Uint8Array(32).fill(7))).toBe(text);
    expect(addressText(buffer)).toBe(base58.encode(new Uint8Array(32).fill(9)));
  });

  it("stay right when there are more than are remembered", () => {
    const of = (n: number): Uint8Array => {
      const address = new Uint8Array(32);
      new DataView(address.buffer).setUint32(0, n);
      return address;
    };
    const first = addressText(of(0));
    for (let n = 0; n < 120_000; n++) addressText(of(n));
    expect(addressText(of(0))).toBe(first);
    expect(addressBytes(first)).toEqual(of(0));
  });
});
