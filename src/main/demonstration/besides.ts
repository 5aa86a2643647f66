import type { Market } from "../../contract/markets.ts";
import { type Amount, addAmounts, parseAmount, zero } from "../../core/amount.ts";

type Found = Pick<Market, "owner" | "token" | "escrow">;

/** Whether a market's results can be had, and count in the same token: visitors open markets of their own here. */
export const isExported = ({ owner, token }: Found, own: Found): boolean =>
  owner === own.owner && token.mint === own.token.mint;

/** What a market's books say was earned of the token, and no exported receipt does. */
export function earnedBesides(found: Found, own: Found): Amount {
  const { escrow, token } = found;
  if (token.mint !== own.token.mint) return zero;
  const bonus = parseAmount(escrow.bonus, token.decimals);
  return isExported(found, own) ? bonus : addAmounts(bonus, parseAmount(escrow.earned, token.decimals));
}
