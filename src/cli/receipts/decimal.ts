import { formatAmount } from "../../core/amount.ts";

/** As many decimals as any token may have: sums of token amounts are exact without knowing the token. */
const decimals = 18;

/** A token amount of the wire ("0.02") as an exact number. */
export function parseDecimal(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

export const formatDecimal = (value: bigint): string => formatAmount(value, decimals);
