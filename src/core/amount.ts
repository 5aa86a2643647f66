import { earnestError } from "./errors.ts";

/** Money: a non-negative integer number of a token's base units. */
export type Amount = bigint & { readonly __brand: "Amount" };

/** The largest amount a token account can hold (u64). */
export const amountMax = (1n << 64n) - 1n;

export const zero = 0n as Amount;

export function isAmount(value: bigint): value is Amount {
  return value >= 0n && value <= amountMax;
}

/** @throws INVARIANT_MISMATCH where the value is negative or beyond u64: money arithmetic never wraps. */
export function amount(value: bigint): Amount {
  if (!isAmount(value)) throw earnestError("INVARIANT_MISMATCH", { what: `${value} is not an amount` });
  return value;
}

export const addAmounts = (a: Amount, b: Amount): Amount => amount(a + b);
export const subtractAmounts = (a: Amount, b: Amount): Amount => amount(a - b);
export const sumAmounts = (amounts: Iterable<Amount>): Amount => {
  let total = 0n;
  for (const each of amounts) total += each;
  return amount(total);
};

/** The fee on a reward, in basis points, rounded up to whole base units. */
export function feeRoundedUp(reward: Amount, feeBasisPoints: number): Amount {
  return amount((reward * BigInt(feeBasisPoints) + 9_999n) / 10_000n);
}

/** "0.02" with 6 decimals is 20000n. Strict: digits and one point, no sign, no exponent, no more decimals than the token has. */
export function parseAmount(text: string, decimals: number): Amount {
  const match = /^(\d{1,20})(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[2] ?? "";
  if (match === null || fraction.length > decimals) throw earnestError("MALFORMED_AMOUNT", { text, decimals });
  const value = BigInt(`${match[1]}${fraction.padEnd(decimals, "0")}`);
  if (!isAmount(value)) throw earnestError("MALFORMED_AMOUNT", { text, decimals });
  return value;
}

/** 20000n with 6 decimals is "0.02"; no trailing zeros, so equal amounts have equal texts. */
export function formatAmount(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
