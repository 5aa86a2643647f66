import { amount, zero } from "../../core/amount.ts";
import { toHex } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import { compareMarkets, type MarketLeaf } from "../../core/merkle/leaves.ts";
import type { ChainMarket, Escrow } from "./chain-view.ts";
import { type Difference, difference } from "./differences.ts";
import type { MarketTotals } from "./pool-fold.ts";

export interface MarketLeavesInput {
  /** What the log says. */
  readonly totals: ReadonlyMap<MarketId, MarketTotals>;
  readonly escrows: readonly Escrow[];
  /** What the chain says. */
  readonly markets: readonly ChainMarket[];
  /** The leaves of the last commit: what was allocated stays, also when its account is gone. */
  readonly previous: readonly MarketLeaf[];
  /** Seconds since 1970. */
  readonly asOf: bigint;
}

/** One name for each market that was ever opened: an address may be used again. */
export const marketName = ({ account, openedAt }: Pick<MarketLeaf, "account" | "openedAt">): string =>
  `${toHex(account)} ${openedAt}`;

/**
 * The leaves of all markets that were opened by `asOf`: with what the log allocated, which is nothing where the log does
 * not know the account. In the order of the tree.
 */
export function marketLeavesOf(input: MarketLeavesInput): MarketLeaf[] | Difference {
  const leaves = new Map<string, MarketLeaf>();
  for (const { account, openedAt } of input.previous) {
    leaves.set(marketName({ account, openedAt }), { account, openedAt, allocated: zero });
  }
  for (const { account, openedAt } of input.markets) {
    if (BigInt(openedAt) > input.asOf) continue;
    leaves.set(marketName({ account, openedAt }), { account, openedAt, allocated: zero });
  }
  const problem = allocate(input, leaves);
  return problem ?? [...leaves.values()].sort(compareMarkets);
}

function allocate({ totals, escrows, markets }: MarketLeavesInput, leaves: Map<string, MarketLeaf>): Difference | null {
  const escrowOf = new Map(escrows.map((escrow) => [escrow.market, escrow]));
  const onChain = new Set(markets.map(marketName));
  for (const [market, { allocated }] of totals) {
    if (allocated === 0n) continue;
    const escrow = escrowOf.get(market);
    const name = escrow === undefined ? "" : marketName(escrow);
    const leaf = leaves.get(name);
    if (leaf === undefined) {
      const code = onChain.has(name) ? "MARKET_TOO_NEW" : "MARKET_WITHOUT_ESCROW";
      return difference(code, { type: "marketLog", market }, `${allocated} allocated`);
    }
    leaves.set(name, { ...leaf, allocated: amount(leaf.allocated + allocated) });
  }
  return null;
}

/**
 * The latest `asOf` that a commit may have: the time of the cut, or the moment before a market ends on chain whose log
 * still goes on, since whatever is allocated when it ends is final.
 */
export function asOfBy(
  cutAt: bigint,
  { totals, escrows, markets }: Pick<MarketLeavesInput, "totals" | "escrows" | "markets">,
): bigint {
  const going = new Set(
    escrows.filter(({ market }) => totals.get(market)?.isClosed === false).map((escrow) => marketName(escrow)),
  );
  let asOf = cutAt;
  for (const market of markets) {
    if (market.closesAt === 0 || !going.has(marketName(market))) continue;
    if (BigInt(market.closesAt) <= asOf) asOf = BigInt(market.closesAt) - 1n;
  }
  return asOf;
}
