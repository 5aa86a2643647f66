import type { ClaimProof } from "../contract/claims.ts";
import type { Commit, Commits } from "../contract/commits.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, toBase58, toBase64, toHex, zero32 } from "../core/bytes.ts";
import { encodeCommit } from "../core/commit/commit-message.ts";
import { payoutTree } from "../core/commit/epoch-trees.ts";
import type { EpochLeaves } from "../core/commit/leaf-file.ts";
import { earnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import type { PayoutLeaf } from "../core/merkle/leaves.ts";
import type { MerkleTree } from "../core/merkle/tree.ts";
import type { PoolSight } from "./chain-source.ts";
import type { Kept, KeptCommits } from "./kept-commits.ts";

export interface ProofsOptions {
  readonly kept: KeptCommits;
  readonly hash: Hash;
  readonly pool: Bytes32;
  readonly tokenAccountOf: (wallet: Bytes32) => Bytes32;
  /** What was seen of the pool last; null before anything was. */
  readonly poolNow: () => PoolSight | null;
}

interface Provable {
  readonly digest: Bytes32;
  readonly leaves: EpochLeaves;
  readonly tree: MerkleTree;
  /** Place in the payouts, by token account. */
  readonly places: ReadonlyMap<string, number>;
}

/** What an attestor can show to everybody from the leaf files it keeps: in the shapes of the operator's server. */
export class Proofs {
  readonly #options: ProofsOptions;
  #provable: Provable | null = null;

  constructor(options: ProofsOptions) {
    this.#options = options;
  }

  /** The newest first, from the first behind the one with the digest `after`; what is kept no more ends the list. */
  commits(limit: number, after: string | null): Commits {
    const committed = this.#committed();
    const all = this.#options.kept.list().map((each) => this.#commit(each, committed));
    const place = after === null ? -1 : all.findIndex(({ digest }) => digest === after);
    const behind = after !== null && place === -1 ? [] : all.slice(place + 1);
    const items = behind.slice(0, limit);
    return { items, next: behind.length > limit ? (items.at(-1)?.digest ?? null) : null };
  }

  has(digest: string): boolean {
    return this.#options.kept.list().some((each) => toHex(each.digest) === digest);
  }

  /** @throws COMMIT_NOT_FOUND */
  commit(digest: string): Commit {
    const kept = this.#options.kept.list().find((each) => toHex(each.digest) === digest);
    if (kept === undefined) throw earnestError("COMMIT_NOT_FOUND", { digest });
    return this.#commit(kept, this.#committed());
  }

  /** Those on chain: the pool's last one, and what it says came before it. */
  #committed(): Set<string> {
    const committed = new Set<string>();
    for (let digest = this.#options.poolNow()?.digest ?? zero32; !equalBytes(digest, zero32); ) {
      committed.add(toHex(digest));
      digest = this.#options.kept.get(digest)?.message.context.previousDigest ?? zero32;
    }
    return committed;
  }

  #commit({ digest, message, signatures }: Kept, committed: ReadonlySet<string>): Commit {
    const { epoch, asOf, validUntil, allocated } = message.body;
    const isPast = validUntil < (this.#options.poolNow()?.clock ?? 0n);
    return {
      epoch: String(epoch),
      state: committed.has(toHex(digest)) ? "committed" : isPast ? "expired" : "proposed",
      digest: toHex(digest),
      message: toBase64(encodeCommit(message)),
      asOf: String(asOf),
      validUntil: String(validUntil),
      allocated: String(allocated),
      leafFile: true,
      signatures: signatures.map((each) => ({ key: toBase58(each.key), signature: toBase64(each.signature) })),
      outcomes: [],
      proposedAtMs: Number(asOf) * 1_000,
      committedAtMs: null,
    };
  }

  /**
   * By index, wallet or token account, under the pool's last commit.
   *
   * @throws COMMIT_NOT_FOUND where its leaves are not kept; LEAF_NOT_FOUND
   */
  async claim(who: string): Promise<ClaimProof> {
    const { digest, leaves, tree, places } = await this.#newest();
    const { epoch, payoutRoot } = (this.#options.kept.get(digest) as Kept).message.body;
    const leaf = this.#leafOf(who, leaves, places);
    if (leaf === null) throw earnestError("LEAF_NOT_FOUND", { who, epoch: String(epoch) });
    return {
      epoch: String(epoch),
      digest: toHex(digest),
      root: toHex(payoutRoot),
      index: leaf.index,
      destination: toBase58(leaf.destination),
      cumulative: String(leaf.cumulative),
      held: String(leaf.held),
      siblings: tree.proof(leaf.index).siblings.map(toHex),
    };
  }

  #leafOf(who: string, { payouts }: EpochLeaves, places: ReadonlyMap<string, number>): PayoutLeaf | null {
    if (/^\d{1,10}$/.test(who)) return payouts.find(({ index }) => index === Number(who)) ?? null;
    const place = places.get(who) ?? this.#placeOfWallet(who, places);
    return place === undefined ? null : (payouts[place] as PayoutLeaf);
  }

  #placeOfWallet(who: string, places: ReadonlyMap<string, number>): number | undefined {
    let wallet: Bytes32;
    try {
      wallet = bytes32(fromBase58(who));
    } catch {
      return undefined;
    }
    return places.get(toBase58(this.#options.tokenAccountOf(wallet)));
  }

  async #newest(): Promise<Provable> {
    const { kept, hash, pool, poolNow } = this.#options;
    const digest = poolNow()?.digest ?? zero32;
    if (this.#provable !== null && equalBytes(this.#provable.digest, digest)) return this.#provable;
    const leaves = await kept.leaves(digest);
    if (leaves === null) throw earnestError("COMMIT_NOT_FOUND", { digest: toHex(digest) });
    const places = new Map(leaves.payouts.map(({ destination }, place) => [toBase58(destination), place]));
    this.#provable = { digest, leaves, tree: payoutTree(hash, pool, leaves.payouts), places };
    return this.#provable;
  }
}
