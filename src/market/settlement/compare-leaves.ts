import { equalBytes, toHex } from "../../core/bytes.ts";
import type { EpochLeaves } from "../../core/commit/leaf-file.ts";
import {
  compareLanes,
  compareMarkets,
  type LaneLeaf,
  type MarketLeaf,
  type PayoutLeaf,
} from "../../core/merkle/leaves.ts";
import { type Abstention, type Difference, difference, type Refusal } from "./differences.ts";

type Found = Difference<Refusal | Abstention> | null;

/** The first leaf that is not the attestor's own: lanes first, since they say which part of the log to look at. */
export const compareLeaves = (own: EpochLeaves, proposed: EpochLeaves): Found =>
  walk(own.lanes, proposed.lanes, compareLanes, compareLane) ??
  walk(own.payouts, proposed.payouts, (a, b) => a.index - b.index, comparePayout) ??
  walk(own.markets, proposed.markets, compareMarkets, compareMarket);

/** Over two lists in one order; `compare` gets null where a list does not have the leaf. */
function walk<T>(
  own: readonly T[],
  proposed: readonly T[],
  order: (a: T, b: T) => number,
  compare: (own: T | null, proposed: T | null) => Found,
): Found {
  for (let i = 0, j = 0; i < own.length || j < proposed.length; ) {
    const [mine, theirs] = [own[i], proposed[j]];
    const before = mine === undefined ? 1 : theirs === undefined ? -1 : order(mine, theirs);
    const found = compare(before <= 0 ? (mine ?? null) : null, before >= 0 ? (theirs ?? null) : null);
    if (found !== null) return found;
    if (before <= 0) i++;
    if (before >= 0) j++;
  }
  return null;
}

function compareLane(own: LaneLeaf | null, proposed: LaneLeaf | null): Found {
  const { market, lane } = (own ?? proposed) as LaneLeaf;
  const place = { type: "lane", market, lane } as const;
  if (proposed === null) return difference("LANE_DIFFERS", place, "it is missing");
  if (own === null) return difference("LOG_BEHIND", place, "it is not known here");
  if (own.size < proposed.size) return difference("LOG_BEHIND", place, `${own.size} of ${proposed.size} entries`);
  if (own.size > proposed.size) return difference("LANE_DIFFERS", place, `${proposed.size} entries, not ${own.size}`);
  if (equalBytes(own.root, proposed.root)) return null;
  return difference("LANE_DIFFERS", place, `root ${toHex(proposed.root)}, not ${toHex(own.root)}`);
}

function comparePayout(own: PayoutLeaf | null, proposed: PayoutLeaf | null): Found {
  const place = { type: "leaf", index: ((own ?? proposed) as PayoutLeaf).index } as const;
  if (proposed === null) return difference("LEAF_DIFFERS", place, "it is missing");
  if (own === null) return difference("LEAF_DIFFERS", place, "nobody has this index");
  for (const name of ["cumulative", "held"] as const) {
    if (own[name] !== proposed[name])
      return difference("LEAF_DIFFERS", place, `${name} ${proposed[name]}, not ${own[name]}`);
  }
  if (equalBytes(own.destination, proposed.destination)) return null;
  return difference("DESTINATION_DIFFERS", place, `${toHex(proposed.destination)}, not ${toHex(own.destination)}`);
}

function compareMarket(own: MarketLeaf | null, proposed: MarketLeaf | null): Found {
  const { account, openedAt } = (own ?? proposed) as MarketLeaf;
  const place = { type: "market", account } as const;
  if (proposed === null) return difference("MARKET_DIFFERS", place, "it is missing");
  if (own === null) return difference("MARKET_DIFFERS", place, `none was opened there at ${openedAt}`);
  if (own.allocated === proposed.allocated) return null;
  return difference("MARKET_DIFFERS", place, `${proposed.allocated} allocated, not ${own.allocated}`);
}

/** What all payouts come to, and all allocations. */
export function sumOwed({ payouts, markets }: EpochLeaves): { readonly owed: bigint; readonly allocated: bigint } {
  let owed = 0n;
  for (const { cumulative, held } of payouts) owed += cumulative + held;
  let allocated = 0n;
  for (const market of markets) allocated += market.allocated;
  return { owed, allocated };
}
