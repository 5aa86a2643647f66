import { amount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import type { CommitMessage } from "../../core/commit/commit-message.ts";
import { type EpochRoots, leafCountOf } from "../../core/commit/epoch-trees.ts";
import type { EpochLeaves } from "../../core/commit/leaf-file.ts";
import type { ChainView, Pinned } from "./chain-view.ts";
import { floorOf } from "./changes.ts";
import { sumOwed } from "./compare-leaves.ts";
import type { Difference } from "./differences.ts";
import { type MarketLeavesInput, marketLeavesOf } from "./market-leaves.ts";
import type { PoolPayouts } from "./pool-fold.ts";

/** All leaves of an epoch: what the log owes, and what that allocates on chain. */
export function epochLeavesOf(
  { leaves, lanes, markets: totals }: PoolPayouts,
  onChain: Omit<MarketLeavesInput, "totals">,
): EpochLeaves | Difference {
  const markets = marketLeavesOf({ totals, ...onChain });
  return "code" in markets ? markets : { payouts: leaves, markets, lanes };
}

export interface CommitParts {
  readonly pinned: Pinned;
  readonly chain: ChainView;
  readonly leaves: EpochLeaves;
  readonly roots: EpochRoots;
  /** The payout leaves under the last commit; none before the first. */
  readonly before: EpochLeaves["payouts"];
  readonly leafFileHash: Bytes32;
  /** Seconds since 1970. */
  readonly asOf: bigint;
}

/**
 * The message an operator stores and asks the attestors to sign: for the epoch that follows the chain's, valid for as
 * long as the network allows. Built once: until it expires no other one is signed for its epoch.
 */
export function buildCommit(parts: CommitParts): CommitMessage {
  const { pinned, chain, leaves, roots, before, leafFileHash, asOf } = parts;
  const { program, cluster, network, pool } = pinned;
  const epoch = chain.pool.epoch + 1n;
  const { setVersion, maxValiditySeconds } = chain.network;
  return {
    context: { program, cluster, network, pool, setVersion, previousDigest: chain.pool.digest },
    body: {
      epoch,
      floor: floorOf(epoch, chain.pool.floor, before, leaves.payouts),
      asOf,
      validUntil: asOf + BigInt(maxValiditySeconds),
      allocated: amount(sumOwed(leaves).allocated),
      leafCount: BigInt(leafCountOf(leaves.payouts)),
      ...roots,
      leafFileHash,
    },
  };
}
