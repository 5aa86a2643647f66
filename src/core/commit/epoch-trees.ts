import type { Bytes32 } from "../bytes.ts";
import { earnestError } from "../errors.ts";
import type { Hash } from "../hash.ts";
import {
  compareLanes,
  compareMarkets,
  type LaneLeaf,
  laneLeafHash,
  type MarketLeaf,
  marketLeafHash,
  type PayoutLeaf,
  payoutLeafHash,
} from "../merkle/leaves.ts";
import { MerkleTree, treeOf } from "../merkle/tree.ts";
import type { EpochLeaves } from "./leaf-file.ts";

/** The tree of payouts; an index without a leaf is missing. Made anew: whoever has the last epoch's tree updates that. */
export function payoutTree(hash: Hash, pool: Bytes32, payouts: Iterable<PayoutLeaf>): MerkleTree {
  const tree = new MerkleTree(hash);
  for (const leaf of payouts) tree.update(leaf.index, payoutLeafHash(hash, pool, leaf));
  return tree;
}

/** The tree of market allocations, whose leaves stand side by side in their order. */
export function marketTree(hash: Hash, pool: Bytes32, markets: readonly MarketLeaf[]): MerkleTree {
  requireOrder(markets, compareMarkets, "markets");
  return treeOf(
    hash,
    markets.map((leaf) => marketLeafHash(hash, pool, leaf)),
  );
}

/** The tree of lanes, whose root is the commit's log root. */
export function laneTree(hash: Hash, pool: Bytes32, lanes: readonly LaneLeaf[]): MerkleTree {
  requireOrder(lanes, compareLanes, "lanes");
  return treeOf(
    hash,
    lanes.map((leaf) => laneLeafHash(hash, pool, leaf)),
  );
}

function requireOrder<T>(leaves: readonly T[], compare: (a: T, b: T) => number, what: string): void {
  for (let i = 1; i < leaves.length; i++) {
    if (compare(leaves[i - 1] as T, leaves[i] as T) < 0) continue;
    throw earnestError("INVARIANT_MISMATCH", { what: `the ${what} of a tree are out of order` });
  }
}

export interface EpochRoots {
  readonly payoutRoot: Bytes32;
  readonly marketRoot: Bytes32;
  readonly logRoot: Bytes32;
}

/** The three roots of an epoch, all from scratch. */
export const epochRoots = (hash: Hash, pool: Bytes32, leaves: EpochLeaves): EpochRoots => ({
  payoutRoot: payoutTree(hash, pool, leaves.payouts).root(),
  marketRoot: marketTree(hash, pool, leaves.markets).root(),
  logRoot: laneTree(hash, pool, leaves.lanes).root(),
});

/** One more than the highest index: what the program calls the number of leaves. */
export const leafCountOf = (payouts: readonly PayoutLeaf[]): number => (payouts.at(-1)?.index ?? -1) + 1;
