import { type Bytes32, bytes32, equalBytes, fromBase58, toHex } from "../../core/bytes.ts";
import { decodeCommit } from "../../core/commit/commit-message.ts";
import { marketTree, payoutTree } from "../../core/commit/epoch-trees.ts";
import { type EpochLeaves, readLeafFile } from "../../core/commit/leaf-file.ts";
import { earnestError } from "../../core/errors.ts";
import type { PayoutLeaf } from "../../core/merkle/leaves.ts";
import type { MerkleTree } from "../../core/merkle/tree.ts";
import type { ClaimSource } from "../../rails/solana/escrow/claims.ts";
import type { MarketProof } from "../../rails/solana/escrow/markets.ts";
import { readLeafFileOf } from "../../store/settlement/commits.ts";
import { hashOf } from "../context.ts";
import type { PoolContext } from "../pools.ts";

/** What the pool's last commit says, with everything that is proved under its roots. */
export interface Committed {
  readonly digest: Bytes32;
  readonly leaves: EpochLeaves;
  readonly payouts: MerkleTree;
}

/** Before the first commit nobody is owed anything. */
export const nothingCommitted = (digest: Bytes32, payouts: MerkleTree): Committed => ({
  digest,
  leaves: { payouts: [], markets: [], lanes: [] },
  payouts,
});

/**
 * The commit of this digest, from its leaf file.
 *
 * @throws INVARIANT_MISMATCH where the database does not know it: the chain is ahead of a database that was set back
 */
export async function loadCommitted(context: PoolContext, digest: Bytes32): Promise<Committed> {
  const file = await readLeafFileOf(context.pool, digest);
  if (file === null) {
    throw earnestError("INVARIANT_MISMATCH", {
      what: `the pool's last commit, ${toHex(digest)}, is not in the database`,
      mend: "Restore the newest copy of the database; attestors keep the leaf files of all commits.",
    });
  }
  const { leaves } = readLeafFile([file]);
  return { digest, leaves, payouts: payoutTree(hashOf(context), poolOf(context), leaves.payouts) };
}

export const poolOf = ({ rail }: Pick<PoolContext, "rail">): Bytes32 => bytes32(fromBase58(rail.pool));

/** For claims under the commit's payout root. */
export function claimSource({ leaves, payouts }: Committed): ClaimSource {
  const byIndex = new Map<number, PayoutLeaf>(leaves.payouts.map((leaf) => [leaf.index, leaf]));
  return {
    root: payouts.root(),
    depth: payouts.depth,
    leaf: (index) => byIndex.get(index) ?? null,
    proof: (index, height) => payouts.proof(index, height),
  };
}

/** The leaf of a market under the commit's market root; null where it was opened later. */
export function marketProof(
  context: PoolContext,
  { leaves: { markets } }: Committed,
  { account, openedAt }: { readonly account: Bytes32; readonly openedAt: number },
): MarketProof | null {
  const place = markets.findIndex((leaf) => leaf.openedAt === openedAt && equalBytes(leaf.account, account));
  const leaf = markets[place];
  if (leaf === undefined) return null;
  const { position, siblings } = marketTree(hashOf(context), poolOf(context), markets).proof(place);
  return { allocated: leaf.allocated, position, siblings };
}

export const messageOf = (row: { readonly message: Uint8Array }) => decodeCommit(row.message);
