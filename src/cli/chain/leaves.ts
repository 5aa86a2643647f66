import { claimProofOf } from "../../client/claims.ts";
import { Commits } from "../../client/commits.ts";
import { EarnestConnectionError, isApiError } from "../../client/errors.ts";
import { type Amount, amount } from "../../core/amount.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, fromHex, toBase58, toHex, zero32 } from "../../core/bytes.ts";
import { marketTree, payoutTree } from "../../core/commit/epoch-trees.ts";
import { readLeafFile } from "../../core/commit/leaf-file.ts";
import { earnestError } from "../../core/errors.ts";
import { type PayoutLeaf, payoutLeafHash } from "../../core/merkle/leaves.ts";
import { rootOfProof } from "../../core/merkle/proof.ts";
import type { ClaimSource } from "../../rails/solana/escrow/claims.ts";
import type { PoolAccount } from "../../rails/solana/program/layouts.ts";
import type { CommandContext } from "../context.ts";
import { sha256 } from "../crypto.ts";
import type { LeafFile } from "./leaf-file.ts";
import type { ChainOptions, OpenedPool } from "./open-pool.ts";
import { transportTo } from "./transport-to.ts";

/** The leaves under the pool's last commit, from the attestor or the server that was named. */
async function fetchLeaves(
  context: CommandContext,
  { attestor }: ChainOptions,
  { digest }: PoolAccount,
): Promise<LeafFile> {
  const transport = await transportTo(context, attestor ?? (await context.server()));
  try {
    return readLeafFile([await new Commits(transport).leaves(toHex(digest))]);
  } catch (error) {
    if (error instanceof EarnestConnectionError && attestor === undefined) context.output.note(withoutServer);
    throw error;
  }
}

const withoutServer =
  "Attestors have the leaves as well: name one with --attestor URL, or a file with --leaf-file FILE.";

/** A leaf and what proves it. */
export interface FoundLeaf {
  readonly leaf: PayoutLeaf;
  readonly source: ClaimSource;
}

/**
 * What the chain owes a token account, from the file, the attestor or the server that was named. None of them is
 * believed: it leads to a root that the pool has, or it is not taken.
 *
 * @throws LEAF_NOT_FOUND; COMMIT_NOT_FOUND where what was found is of no root of the pool
 */
export async function findLeaf(
  context: CommandContext,
  options: ChainOptions,
  opened: OpenedPool,
  destination: Bytes32,
): Promise<FoundLeaf> {
  const { pool, at, file } = opened;
  const proven =
    file === null && options.attestor !== undefined ? await askForProof(context, options, opened, destination) : null;
  if (proven !== null) return proven;
  const { header, leaves } = file ?? (await fetchLeaves(context, options, pool));
  const tree = payoutTree(sha256, bytes32(fromBase58(at.pool)), leaves.payouts);
  const source: ClaimSource = {
    root: tree.root(),
    depth: tree.depth,
    leaf: (index) => leaves.payouts.find((leaf) => leaf.index === index) ?? null,
    proof: (index, height) => tree.proof(index, height),
  };
  if (!isPaidRoot(pool, source.root)) throw earnestError("COMMIT_NOT_FOUND", { digest: toHex(pool.digest) });
  const leaf = leaves.payouts.find((each) => equalBytes(each.destination, destination));
  if (leaf !== undefined) return { leaf, source };
  throw earnestError("LEAF_NOT_FOUND", { who: toBase58(destination), epoch: String(header.epoch) });
}

/** A few hundred bytes instead of the whole file; null where it proves nothing that the chain knows. */
async function askForProof(
  context: CommandContext,
  { attestor = "" }: ChainOptions,
  { pool, at }: OpenedPool,
  destination: Bytes32,
): Promise<FoundLeaf | null> {
  try {
    const proof = await claimProofOf(await transportTo(context, attestor), toBase58(destination), at.mint);
    const leaf: PayoutLeaf = {
      index: proof.index,
      destination,
      cumulative: amount(BigInt(proof.cumulative)),
      held: amount(BigInt(proof.held)),
    };
    const siblings = proof.siblings.map((each) => bytes32(fromHex(each)));
    const position = leaf.index;
    const root = rootOfProof(sha256, payoutLeafHash(sha256, bytes32(fromBase58(at.pool)), leaf), {
      position,
      siblings,
    });
    if (root === null || !isPaidRoot(pool, root)) return null;
    const source: ClaimSource = {
      root,
      depth: siblings.length,
      leaf: (index) => (index === leaf.index ? leaf : null),
      proof: () => ({ position, siblings }),
    };
    return { leaf, source };
  } catch (error) {
    // One of an older version, or the operator's server: they have the whole file.
    if (isApiError(error, "ROUTE_NOT_FOUND")) return null;
    throw error;
  }
}

/** One of the last four roots; once the pool is wound down, the last one alone. */
function isPaidRoot({ payoutRoots, epoch, state }: PoolAccount, root: Bytes32): boolean {
  if (equalBytes(root, zero32)) return false;
  const newest = payoutRoots[Number(epoch % BigInt(payoutRoots.length))] as Bytes32;
  return state === 1 ? equalBytes(newest, root) : payoutRoots.some((each) => equalBytes(each, root));
}

/** What proves a market's allocation under the last commit; null where it was opened after that. */
export interface FoundMarket {
  readonly allocated: Amount;
  readonly position: number;
  readonly siblings: readonly Bytes32[];
}

/** @throws COMMIT_NOT_FOUND where what was found is not what the pool's last commit has */
export async function findMarket(
  context: CommandContext,
  options: ChainOptions,
  { pool, at, file }: OpenedPool,
  market: { readonly account: Bytes32; readonly openedAt: number },
): Promise<FoundMarket | null> {
  if (pool.epoch === 0n) return null;
  const { markets } = (file ?? (await fetchLeaves(context, options, pool))).leaves;
  const tree = marketTree(sha256, bytes32(fromBase58(at.pool)), markets);
  if (!equalBytes(tree.root(), pool.marketRoot)) throw earnestError("COMMIT_NOT_FOUND", { digest: toHex(pool.digest) });
  const place = markets.findIndex(
    ({ account, openedAt }) => equalBytes(account, market.account) && openedAt === market.openedAt,
  );
  const leaf = markets[place];
  return leaf === undefined ? null : { allocated: leaf.allocated, ...tree.proof(place) };
}
