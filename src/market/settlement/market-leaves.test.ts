import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named } from "../../../test/support/market-hash.ts";
import { chainMarket, escrows, marketIds, strangeMarket } from "../../../test/support/settlement-world.ts";
import { amount } from "../../core/amount.ts";
import type { MarketId } from "../../core/market-id.ts";
import { compareMarkets, type MarketLeaf } from "../../core/merkle/leaves.ts";
import type { ChainMarket } from "./chain-view.ts";
import type { Difference } from "./differences.ts";
import { asOfBy, type MarketLeavesInput, marketLeavesOf, marketName } from "./market-leaves.ts";
import type { MarketTotals } from "./pool-fold.ts";

const totals = (first: bigint, second: bigint, isClosed = false): Map<MarketId, MarketTotals> =>
  new Map(
    [first, second].map((allocated, i) => [
      marketIds[i] as MarketId,
      { deposited: amount(10_000n), allocated: amount(allocated), specHash: named("spec"), isClosed },
    ]),
  );

const input = (parts: Partial<MarketLeavesInput> = {}): MarketLeavesInput => ({
  totals: totals(5n, 6n),
  escrows,
  markets: [chainMarket(0), chainMarket(1), strangeMarket],
  previous: [],
  asOf: 2_000n,
  ...parts,
});

const leavesOf = (parts: Partial<MarketLeavesInput> = {}): MarketLeaf[] => {
  const found = marketLeavesOf(input(parts));
  if ("code" in found) throw new Error(found.code);
  return found;
};
const codeOf = (parts: Partial<MarketLeavesInput>): string => (marketLeavesOf(input(parts)) as Difference).code;
const allocatedIn = (leaves: readonly MarketLeaf[], { account }: { account: Uint8Array }): bigint | undefined =>
  leaves.find((leaf) => leaf.account === account)?.allocated;

describe("the leaves of markets", () => {
  it("are one for each market opened by as_of, in the order of the tree, whatever the order they came in", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...input().markets], { minLength: 3 }), (markets) => {
        const leaves = leavesOf({ markets });
        expect(leaves).toEqual(leaves.toSorted(compareMarkets));
        expect(leaves.map(marketName).sort()).toEqual(markets.map(marketName).sort());
        expect([0, 1].map((i) => allocatedIn(leaves, chainMarket(i)))).toEqual([5n, 6n]);
        expect(allocatedIn(leaves, strangeMarket)).toBe(0n);
      }),
    );
  });

  it("stay when an account is gone, with what the log says", () => {
    const previous = leavesOf();
    const leaves = leavesOf({ previous, markets: [chainMarket(1)] });
    expect(leaves).toEqual(previous);
  });

  it("begin at the second a market was opened", () => {
    const at = (asOf: bigint) => leavesOf({ markets: [strangeMarket], totals: new Map(), asOf }).length;
    expect([at(1_199n), at(1_200n)]).toEqual([0, 1]);
  });

  it("are refused for what has no escrow, or one that came later", () => {
    expect(codeOf({ escrows: [] })).toBe("MARKET_WITHOUT_ESCROW");
    expect(codeOf({ markets: [chainMarket(0)] })).toBe("MARKET_WITHOUT_ESCROW");
    expect(codeOf({ asOf: 1_050n })).toBe("MARKET_TOO_NEW");
    expect(codeOf({ escrows: escrows.map((each) => ({ ...each, openedAt: 1 })) })).toBe("MARKET_WITHOUT_ESCROW");
    expect(leavesOf({ escrows: [], totals: totals(0n, 0n) })).toHaveLength(3);
  });
});

describe("the time of a commit", () => {
  const asOf = (first: Partial<ChainMarket>, isClosed: boolean, cutAt = 2_000n) =>
    asOfBy(cutAt, { ...input({ totals: totals(5n, 6n, isClosed) }), markets: [chainMarket(0, first), strangeMarket] });

  it("is that of the cut, or before the end of a market whose log goes on", () => {
    expect(asOf({}, false)).toBe(2_000n);
    expect(asOf({ closesAt: 2_001 }, false)).toBe(2_000n);
    expect(asOf({ closesAt: 2_000 }, false)).toBe(1_999n);
    expect(asOf({ closesAt: 1_500 }, false)).toBe(1_499n);
    expect(asOf({ closesAt: 1_500 }, true)).toBe(2_000n);
  });

  it("does not wait for markets that the log does not know", () => {
    const markets = [{ ...strangeMarket, closesAt: 1_500 }];
    expect(asOfBy(2_000n, { ...input(), markets })).toBe(2_000n);
  });
});
