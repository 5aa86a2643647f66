import type { MarketId } from "../core/market-id.ts";
import type { Engine } from "../engine/engine.ts";
import { type Money, moneyOf } from "./values.ts";

/** What amounts are in: each market has a token, and tokens have decimals of their own. */
export interface Moneys {
  /** @throws MARKET_NOT_FOUND */
  of(market: MarketId): Promise<Money>;
  /** Of a token by its mint: of the home token where none is named. @throws TOKEN_NOT_FOUND */
  in(mint?: string): Promise<Money>;
  by(token: { readonly decimals: number }): Money;
}

export function moneysOf(engine: Pick<Engine, "token" | "tokenOf">): Moneys {
  // One of each: what is shown again and again is kept by it.
  const known = new Map<number, Money>();
  const by = ({ decimals }: { readonly decimals: number }): Money => {
    const money = known.get(decimals) ?? moneyOf(decimals);
    known.set(decimals, money);
    return money;
  };
  return {
    by,
    of: async (market) => by(await engine.tokenOf(market)),
    in: async (mint) => by(await engine.token(mint)),
  };
}
