import { type Bytes32, bytes32, concatBytes, equalBytes, fromBase58 } from "../../core/bytes.ts";
import { commitDigest, encodeCommit } from "../../core/commit/commit-message.ts";
import { laneTree, marketTree } from "../../core/commit/epoch-trees.ts";
import { type EpochLeaves, writeLeafFile } from "../../core/commit/leaf-file.ts";
import { earnestError } from "../../core/errors.ts";
import { payoutLeafHash } from "../../core/merkle/leaves.ts";
import type { MerkleTree } from "../../core/merkle/tree.ts";
import { buildCommit, epochLeavesOf } from "../../market/settlement/build-commit.ts";
import type { Escrow, Pinned } from "../../market/settlement/chain-view.ts";
import { type Difference, differenceText } from "../../market/settlement/differences.ts";
import { asOfBy } from "../../market/settlement/market-leaves.ts";
import type { PoolFold, PoolPayouts } from "../../market/settlement/pool-fold.ts";
import type { PoolView } from "../../rails/rail.ts";
import { readEscrows } from "../../store/markets/escrows.ts";
import { insertCommit, type NewCommit } from "../../store/settlement/commits.ts";
import { hashOf } from "../context.ts";
import type { PoolContext } from "../pools.ts";
import type { Committed } from "./committed.ts";
import { poolOf } from "./committed.ts";

/** What the next commit would say, and the tree that its payout root is of. */
export type Proposed =
  | { readonly type: "stored"; readonly digest: Bytes32; readonly leaves: EpochLeaves }
  /** A market was opened a moment ago, and people earned in it: the chain's clock has to pass that second. */
  | { readonly type: "early" }
  /** Another process was first. */
  | { readonly type: "taken" };

export interface Parts {
  readonly fold: PoolFold;
  /** The last commit; its tree is brought up to the new one. */
  readonly before: Committed;
  readonly chain: PoolView;
}

/** Makes the message of the next commit from the newest cuts and stores it, before anybody is asked to sign it. */
export async function propose(context: PoolContext, parts: Parts): Promise<Proposed> {
  const { chain, before } = parts;
  const payouts = payoutsOf(parts.fold);
  const escrows: Escrow[] = await readEscrows(context.pool, context.poolNumber);
  // A market that is opened in this very second may not be seen yet.
  const cutAt = asOfBy(chain.clock - 1n, { totals: payouts.markets, escrows, markets: chain.markets });
  const asOf = cutAt < chain.pool.asOf ? chain.pool.asOf : cutAt;
  const { markets: previous } = before.leaves;
  const leaves = epochLeavesOf(payouts, { escrows, markets: chain.markets, previous, asOf });
  if ("code" in leaves) {
    if (leaves.code === "MARKET_TOO_NEW") return { type: "early" };
    throw mismatch(leaves);
  }
  const commit = newCommit(context, parts, leaves, asOf);
  const isStored = await insertCommit(context.pool, commit, context.poolNumber);
  return isStored ? { type: "stored", digest: bytes32(commit.digest), leaves } : { type: "taken" };
}

function payoutsOf(fold: PoolFold): PoolPayouts {
  const markets = fold.markets();
  if (!(markets instanceof Map)) throw mismatch(markets);
  return { leaves: fold.payouts(), lanes: fold.lanes(), markets, latest: fold.latest() };
}

const mismatch = (difference: Difference): Error =>
  earnestError("INVARIANT_MISMATCH", { what: `the next commit: ${differenceText(difference)}` });

function newCommit(context: PoolContext, { fold, before, chain }: Parts, leaves: EpochLeaves, asOf: bigint): NewCommit {
  const hash = hashOf(context);
  const pool = poolOf(context);
  const roots = {
    payoutRoot: updated(context, before.payouts, fold).root(),
    marketRoot: marketTree(hash, pool, leaves.markets).root(),
    logRoot: laneTree(hash, pool, leaves.lanes).root(),
  };
  const leafFile = concatBytes(...writeLeafFile(pool, Number(chain.pool.epoch) + 1, leaves));
  const pinned = pinnedOf(context, chain);
  const leafFileHash = hash(leafFile);
  const message = buildCommit({ pinned, chain, leaves, roots, before: before.leaves.payouts, leafFileHash, asOf });
  return {
    digest: commitDigest(hash, message),
    epoch: message.body.epoch,
    message: encodeCommit(message),
    leafFile,
    proposedAtMs: context.clock(),
  };
}

/** Only the paths of leaves that changed are hashed. */
function updated(context: PoolContext, tree: MerkleTree, fold: PoolFold): MerkleTree {
  const hash = hashOf(context);
  const pool = poolOf(context);
  for (const index of fold.takeChanged()) {
    const leaf = fold.leaf(index);
    if (leaf !== null) tree.update(index, payoutLeafHash(hash, pool, leaf));
  }
  return tree;
}

export function pinnedOf({ rail }: PoolContext, { cluster, programHash }: PoolView): Pinned {
  const address = (text: string) => bytes32(fromBase58(text));
  if (!equalBytes(cluster, address(rail.cluster))) {
    throw earnestError("CLUSTER_MISMATCH", { url: "the RPC", found: "another cluster", expected: rail.cluster });
  }
  return {
    cluster,
    program: address(rail.program),
    programHash,
    network: address(rail.network),
    pool: address(rail.pool),
  };
}
