import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Amount,
  addAmounts,
  amount,
  amountMax,
  feeRoundedUp,
  formatAmount,
  isAmount,
  parseAmount,
  subtractAmounts,
  sumAmounts,
} from "./amount.ts";
import {
  bytes32,
  compareBytes,
  concatBytes,
  equalBytes,
  equalLists,
  fromBase58,
  fromBase64,
  fromHex,
  fromUtf8,
  toBase58,
  toBase64,
  toHex,
  toUtf8,
  zero32,
} from "./bytes.ts";
import { marketId, marketIdFromBytes, marketIdToBytes } from "./market-id.ts";
import { formatSlot, parseSlot, slotKey, slotOfKey, slotsPerTask } from "./slot.ts";

const amounts = fc.bigInt({ min: 0n, max: amountMax }).map(amount);
const decimalsArbitrary = fc.nat({ max: 18 });

describe("an amount", () => {
  it("reads back from what it is written as", () => {
    fc.assert(
      fc.property(amounts, decimalsArbitrary, (value, decimals) => {
        expect(parseAmount(formatAmount(value, decimals), decimals)).toBe(value);
      }),
    );
  });

  it.each([
    [20_000n, 6, "0.02"],
    [0n, 6, "0"],
    [1n, 0, "1"],
    [1n, 18, "0.000000000000000001"],
    [1_500_000n, 6, "1.5"],
    [12_000_000n, 6, "12"],
    [amountMax, 0, "18446744073709551615"],
  ])("of %d with %d decimals is written %s", (value, decimals, text) => {
    expect(formatAmount(value, decimals)).toBe(text);
    expect(parseAmount(text, decimals)).toBe(value);
  });

  it("may be written with more zeros than needed", () => {
    expect(parseAmount("0.020000", 6)).toBe(20_000n);
    expect(parseAmount("007.0", 1)).toBe(70n);
  });

  it.each([
    "",
    " 1",
    "1 ",
    "+1",
    "-1",
    "1.",
    ".5",
    "1e3",
    "0x10",
    "1,5",
    "1_000",
    "١",
    "1.0000001",
    "NaN",
    "99999999999999",
  ])('is not "%s"', (text) => {
    expect(() => parseAmount(text, 6)).toThrow(/is not an amount with at most 6 decimals/);
  });

  it("has no decimals where the token has none", () => {
    expect(() => parseAmount("1.0", 0)).toThrow(/at most 0 decimals/);
  });

  it("never wraps", () => {
    expect([amountMax + 1n, -1n].some(isAmount)).toBe(false);
    expect(() => amount(-1n)).toThrow(/-1 is not an amount/);
    expect(() => addAmounts(amount(amountMax), amount(1n))).toThrow(/not an amount/);
    expect(() => subtractAmounts(amount(1n), amount(2n))).toThrow(/not an amount/);
    expect(() => sumAmounts([amount(amountMax), amount(1n)])).toThrow(/not an amount/);
    expect(sumAmounts([])).toBe(0n);
  });

  it("pays a fee that is rounded up, and never more than one base unit too much", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 60n }), fc.nat({ max: 5_000 }), (reward, basisPoints) => {
        const fee = feeRoundedUp(reward as Amount, basisPoints);
        const exact = reward * BigInt(basisPoints);
        expect(fee * 10_000n >= exact && fee * 10_000n < exact + 10_000n).toBe(true);
      }),
    );
    expect(feeRoundedUp(amount(20_000n), 200)).toBe(400n);
    expect(feeRoundedUp(amount(1n), 1)).toBe(1n);
    expect(feeRoundedUp(amount(1n), 0)).toBe(0n);
  });
});

describe("a slot", () => {
  const slots = fc.record({ task: fc.nat({ max: 0xffffffff }), ordinal: fc.nat({ max: slotsPerTask - 1 }) });

  it("reads back from its text and its key", () => {
    fc.assert(
      fc.property(slots, (slot) => {
        expect(parseSlot(formatSlot(slot))).toEqual(slot);
        expect(slotOfKey(slotKey(slot))).toEqual(slot);
        expect(Number.isSafeInteger(slotKey(slot))).toBe(true);
      }),
    );
  });

  it("has keys in task order, then by ordinal", () => {
    fc.assert(
      fc.property(slots, slots, (a, b) => {
        expect(Math.sign(slotKey(a) - slotKey(b))).toBe(Math.sign(a.task - b.task || a.ordinal - b.ordinal));
      }),
    );
  });

  it.each([
    "",
    "1",
    "1.",
    ".1",
    "1.2.3",
    "-1.0",
    "1.-1",
    "01.2",
    "1.02",
    "4294967296.0",
    "1.4096",
    "1.x",
    " 1.2",
    "1.2\n",
  ])('is not "%s"', (text) => {
    expect(() => parseSlot(text)).toThrow(/There is no slot/);
  });
});

describe("a market's id", () => {
  it("is 32 lowercase hexadecimal digits", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) => {
        const id = marketIdFromBytes(raw);
        expect(id).toMatch(/^[0-9a-f]{32}$/);
        expect(toHex(marketIdToBytes(id))).toBe(toHex(raw));
      }),
    );
  });

  it.each(["", "0".repeat(31), "0".repeat(33), "A".repeat(32), "g".repeat(32), ` ${"0".repeat(31)}`])(
    'is not "%s"',
    (text) => {
      expect(() => marketId(text)).toThrow(/There is no market/);
    },
  );
});

describe("bytes", () => {
  it("read back from each of their texts", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (raw) => {
        for (const [to, from] of [
          [toHex, fromHex],
          [toBase58, fromBase58],
          [toBase64, fromBase64],
        ] as const) {
          expect(equalBytes(from(to(raw)), raw)).toBe(true);
        }
      }),
    );
  });

  it.each([
    ["hexadecimal", fromHex, "0g"],
    ["hexadecimal", fromHex, "abc"],
    ["base58", fromBase58, "0OIl"],
    ["base64", fromBase64, "a==="],
    ["base64", fromBase64, "ab=c"],
  ] as const)("are refused where a text is not %s", (what, from, text) => {
    expect(() => from(text)).toThrow(`"${text}" is not ${what}.`);
  });

  it("show only the beginning of a long text that is wrong", () => {
    expect(() => fromHex("z".repeat(5_000))).toThrow(/^"z{80}" is not/);
  });

  it("compare like unsigned bytes, a prefix first", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(Buffer.compare(a, b)));
        expect(equalBytes(a, b)).toBe(compareBytes(a, b) === 0);
        expect(toHex(concatBytes(a, b))).toBe(toHex(a) + toHex(b));
      }),
    );
  });

  it("equal a copy, and nothing that differs in one place or in length", () => {
    for (let length = 0; length < 70; length++) {
      const one = Uint8Array.from({ length }, (_, i) => i * 37);
      expect(equalBytes(one, one.slice())).toBe(true);
      expect(equalBytes(one, one.slice(1))).toBe(length === 0);
      const others = Array.from(one, (byte, at) => one.with(at, byte ^ 1));
      expect(others.filter((other) => equalBytes(one, other) || equalLists([zero32, one], [zero32, other]))).toEqual(
        [],
      );
      expect(equalLists([one, zero32], [one.slice(), zero32])).toBe(true);
      expect(equalLists([one, zero32], [one])).toBe(false);
    }
  });

  it("of 32 are exactly that many", () => {
    expect(bytes32(new Uint8Array(32))).toHaveLength(32);
    expect(zero32.every((byte) => byte === 0)).toBe(true);
    expect(() => bytes32(new Uint8Array(31))).toThrow("A 32-byte value must be 32 bytes long, not 31.");
  });

  it("are UTF-8 or are refused", () => {
    expect(fromUtf8(toUtf8("日本 😀"))).toBe("日本 😀");
    expect(() => fromUtf8(new Uint8Array([0xc3, 0x28]))).toThrow();
    expect(() => toUtf8("\ud800")).toThrow();
  });
});
