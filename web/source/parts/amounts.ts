import { formatAmount, parseAmount } from "../../../src/core/amount.ts";

/** Amounts of the API have at most so many decimals, whatever the token. */
const decimals = 18;

const unitsOf = (text: string): bigint => {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(decimals, "0"));
};

/** What is left of the first amount; 0 where the second is more. */
export function remaining(all: string, gone: string): string {
  const left = unitsOf(all) - unitsOf(gone);
  return left > 0n ? formatAmount(left, decimals) : "0";
}

export const sumOf = (texts: readonly string[]): string =>
  formatAmount(
    texts.reduce((all, each) => all + unitsOf(each), 0n),
    decimals,
  );

export const isZero = (text: string): boolean => unitsOf(text) === 0n;
export const isMore = (text: string, than: string): boolean => unitsOf(text) > unitsOf(than);

/**
 * An amount as somebody typed it, in the API's form; null where it is none, or is finer than the token. A comma is a
 * point where it stands alone, and digits may be those of Arabic or of Hindi.
 */
export function typedAmount(text: string, tokenDecimals: number): string | null {
  const digits = text
    .trim()
    .replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) =>
      String((digit.charCodeAt(0) - zeroOf(digit)) % 10),
    )
    .replace(/^([^.,\u066b]*)[,\u066b]([^.,\u066b]*)$/, "$1.$2");
  if (!/^\d{1,20}(\.\d+)?$/.test(digits)) return null;
  try {
    const units = parseAmount(digits, tokenDecimals);
    return units > 0n ? formatAmount(units, tokenDecimals) : null;
  } catch {
    return null;
  }
}

const zeros = [0x06_60, 0x06_f0, 0x09_66];
const zeroOf = (digit: string): number => zeros.findLast((zero) => digit.charCodeAt(0) >= zero) ?? 0;

/** Something that can be paid: more than nothing, and no finer than the token. */
export function isAmount(text: string, tokenDecimals: number): boolean {
  const [, part = ""] = /^\d{1,12}(?:\.(\d{1,18}))?$/.exec(text) ?? [null, "-"];
  return part !== "-" && part.length <= tokenDecimals && /[1-9]/.test(text);
}
