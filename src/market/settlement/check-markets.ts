import { equalBytes, toHex } from "../../core/bytes.ts";
import type { EpochLeaves } from "../../core/commit/leaf-file.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { MarketLeaf } from "../../core/merkle/leaves.ts";
import type { ChainMarket, ChainView, Escrow } from "./chain-view.ts";
import { type Difference, difference, type Refusal } from "./differences.ts";
import { marketName } from "./market-leaves.ts";
import type { MarketTotals } from "./pool-fold.ts";

export interface MarketsCheck {
  readonly leaves: EpochLeaves;
  readonly totals: ReadonlyMap<MarketId, MarketTotals>;
  readonly escrows: readonly Escrow[];
  readonly chain: ChainView;
  /** The market leaves of the last commit. */
  readonly before: readonly MarketLeaf[];
  readonly asOf: bigint;
}

/**
 * Allocations against the chain: none beyond its deposit, none after its end, and each market is the one of its log.
 * Own leaves are looked at; that they are the proposed ones is another check.
 */
export function checkMarkets(check: MarketsCheck): Difference | null {
  const { chain, before, escrows, totals, leaves } = check;
  const onChain = new Map(chain.markets.map((market) => [marketName(market), market]));
  const logOf = new Map(escrows.map((escrow) => [marketName(escrow), totals.get(escrow.market)]));
  const allocatedBefore = new Map(before.map((leaf) => [marketName(leaf), leaf.allocated]));
  for (const leaf of leaves.markets) {
    const name = marketName(leaf);
    const market = onChain.get(name);
    const problem =
      checkFrozen(leaf, market, allocatedBefore.get(name) ?? 0n, chain.pool.asOf) ??
      (market === undefined ? null : checkEscrow(leaf, market, logOf.get(name), check.asOf));
    if (problem !== null) return problem;
  }
  return null;
}

const at = ({ account }: MarketLeaf, code: Refusal, what = ""): Difference =>
  difference(code, { type: "market", account }, what);

/** Once a commit reached its end, a market may be refunded any moment, and its account be gone. */
function checkFrozen(
  leaf: MarketLeaf,
  market: ChainMarket | undefined,
  before: bigint,
  lastAsOf: bigint,
): Difference | null {
  if (leaf.allocated < before) return at(leaf, "ALLOCATION_FELL", `${leaf.allocated} after ${before}`);
  const isEnded = market === undefined || (market.closesAt !== 0 && BigInt(market.closesAt) <= lastAsOf);
  return isEnded && leaf.allocated !== before ? at(leaf, "MARKET_FROZEN", `${leaf.allocated} after ${before}`) : null;
}

function checkEscrow(
  leaf: MarketLeaf,
  market: ChainMarket,
  log: MarketTotals | undefined,
  asOf: bigint,
): Difference | null {
  if (leaf.allocated > market.deposited) {
    return at(leaf, "MARKET_OVER_ALLOCATED", `${leaf.allocated} of ${market.deposited}`);
  }
  if (log === undefined) return null;
  if (!equalBytes(log.specHash, market.specHash)) {
    return at(leaf, "MARKET_SPEC_DIFFERS", `${toHex(market.specHash)} on chain, ${toHex(log.specHash)} in the log`);
  }
  if (log.deposited > market.deposited) {
    return at(leaf, "DEPOSIT_NOT_ON_CHAIN", `${log.deposited} credited of ${market.deposited}`);
  }
  if (market.closesAt !== 0 && BigInt(market.closesAt) <= asOf && !log.isClosed) {
    return at(leaf, "MARKET_STILL_OPEN", `it ends at ${market.closesAt}`);
  }
  return null;
}
