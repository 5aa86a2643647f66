import { type Bytes32, toHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/commit/attestors.ts";
import { laneTree, marketTree } from "../core/commit/epoch-trees.ts";
import type { Hash } from "../core/hash.ts";
import type { MarketId } from "../core/market-id.ts";
import { type LaneLeaf, type MarketLeaf, payoutLeafHash } from "../core/merkle/leaves.ts";
import { MerkleTree } from "../core/merkle/tree.ts";
import { epochLeavesOf } from "../market/settlement/build-commit.ts";
import type { Escrow } from "../market/settlement/chain-view.ts";
import { type OwnReplay, replayFailure } from "../market/settlement/check-commit.ts";
import type { Difference } from "../market/settlement/differences.ts";
import { type FoldRules, PoolFold } from "../market/settlement/pool-fold.ts";
import type { LaneState } from "../market/state.ts";
import type { ChainSight } from "./chain-source.ts";
import { LaneReplay } from "./lane-replay.ts";
import type { LogSource } from "./log-source.ts";

/** Where lanes that are not looked at wait. */
export interface LaneStore {
  lane(market: MarketId, lane: number): Promise<LaneState | null>;
  storeLane(state: LaneState): Promise<void>;
}

export interface PoolReplayOptions {
  readonly source: Pick<LogSource, "records">;
  readonly store: LaneStore;
  readonly hash: Hash;
  readonly verify: VerifySignature;
  readonly pool: Bytes32;
  readonly tokenAccountOf: FoldRules["tokenAccountOf"];
  /** Lanes that stay in memory between epochs. Default: 256. */
  readonly lanesMax?: number;
  /** A lane is stored again once it grew by so many entries. Default: 20,000. */
  readonly entriesPerCheckpoint?: number;
}

export interface EpochAsked {
  /** How far each lane is to be followed. */
  readonly lanes: readonly LaneLeaf[];
  readonly chain: ChainSight;
  /** The market leaves of the last commit. */
  readonly previous: readonly MarketLeaf[];
  readonly asOf: bigint;
}

const recordsPerCall = 1_000;

/**
 * All lanes of a pool, followed by one's own rules, and what they add up to. It goes forward from epoch to epoch; after a
 * difference it begins again at the lanes that were stored, which are those of messages that were signed.
 */
export class PoolReplay {
  readonly #options: Required<PoolReplayOptions>;
  #lanes = new Map<string, LaneReplay>();
  /** How far each lane was folded. */
  #sizes = new Map<string, number>();
  #escrows = new Map<MarketId, Escrow & { readonly lane: number }>();
  #fold: PoolFold | null = null;
  #tree: MerkleTree;
  /** Entries replayed since it was made. */
  entries = 0;

  constructor(options: PoolReplayOptions) {
    this.#options = { lanesMax: 256, entriesPerCheckpoint: 20_000, ...options };
    this.#tree = new MerkleTree(options.hash);
  }

  /** What one comes to at these places of the log. Never throws: what fails here is nobody else's fault. */
  async replay(asked: EpochAsked): Promise<OwnReplay> {
    let market = "" as MarketId;
    try {
      for (const leaf of asked.lanes) {
        market = leaf.market;
        const problem = await this.#follow(leaf, asked.chain.view.network.operator);
        if (problem !== null) return this.#differs(problem);
      }
      return this.#sum(asked);
    } catch (error) {
      const failure = replayFailure(market, error);
      if (failure.type === "differs") this.#forget();
      return failure;
    }
  }

  #differs(difference: Difference): OwnReplay {
    this.#forget();
    return { type: "differs", difference };
  }

  /** After a difference nothing of what is in memory can be relied on. */
  #forget(): void {
    this.#lanes.clear();
    this.#sizes.clear();
    this.#escrows.clear();
    this.#fold = null;
    this.#tree = new MerkleTree(this.#options.hash);
  }

  async #follow(leaf: LaneLeaf, operator: Bytes32): Promise<Difference | null> {
    const { tokenAccountOf } = this.#options;
    const name = `${leaf.market}-${leaf.lane}`;
    // One that is asked for at an earlier place stays where it is, and the leaves will differ.
    if ((this.#sizes.get(name) ?? -1) >= leaf.size) return null;
    const lane = this.#lanes.get(name) ?? (await this.#load(leaf));
    // The one used last stands last.
    this.#lanes.delete(name);
    this.#lanes.set(name, lane);
    await this.#feed(lane, leaf.size);
    const cut = lane.cut();
    this.#fold ??= new PoolFold({ operator, tokenAccountOf });
    const problem = this.#fold.take(cut);
    if (problem !== null) return problem;
    this.#sizes.set(name, lane.size);
    const { escrow } = lane.state;
    const known = this.#escrows.get(leaf.market);
    if (escrow !== null && (known === undefined || leaf.lane <= known.lane)) {
      this.#escrows.set(leaf.market, { market: leaf.market, ...escrow, lane: leaf.lane });
    }
    this.#evict();
    return null;
  }

  async #load({ market, lane, size }: LaneLeaf): Promise<LaneReplay> {
    const { store, hash, verify, pool } = this.#options;
    const stored = await store.lane(market, lane);
    const isUsable = stored !== null && stored.market === market && stored.lane === lane && stored.tree.size <= size;
    return new LaneReplay(market, lane, { hash, verify, pool }, isUsable ? stored : null);
  }

  async #feed(lane: LaneReplay, size: number): Promise<void> {
    const { source } = this.#options;
    while (lane.size < size) {
      const from = lane.size + 1;
      const limit = Math.min(recordsPerCall, size - lane.size);
      const records = await source.records({ market: lane.market, lane: lane.lane, from, limit });
      if (records.length === 0) throw new Error(`lane ${lane.lane} of ${lane.market} is not shown beyond ${from - 1}`);
      try {
        lane.feed(records.slice(0, limit));
      } catch (error) {
        // It stands in the middle of a step.
        this.#forget();
        throw error;
      }
      this.entries += Math.min(records.length, limit);
    }
  }

  /** Lanes whose copy is as new as they are can be loaded again. */
  #evict(): void {
    for (const [name, lane] of this.#lanes) {
      if (this.#lanes.size <= this.#options.lanesMax) return;
      if (lane.storedSize === lane.size) this.#lanes.delete(name);
    }
  }

  #sum({ chain, previous, asOf }: EpochAsked): OwnReplay {
    const { hash, pool, tokenAccountOf } = this.#options;
    this.#fold ??= new PoolFold({ operator: chain.view.network.operator, tokenAccountOf });
    const markets = this.#fold.markets();
    if (!(markets instanceof Map)) return this.#differs(markets);
    const latest = this.#fold.latest();
    const payouts = { leaves: this.#fold.payouts(), lanes: this.#fold.lanes(), markets, latest };
    const escrows = this.#escrowsOn(chain);
    const leaves = epochLeavesOf(payouts, { escrows, markets: chain.view.markets, previous, asOf });
    if ("code" in leaves) return { type: "differs", difference: leaves };
    for (const index of this.#fold.takeChanged()) {
      const leaf = this.#fold.leaf(index);
      if (leaf !== null) this.#tree.update(index, payoutLeafHash(hash, pool, leaf));
    }
    const roots = {
      payoutRoot: this.#tree.root(),
      marketRoot: marketTree(hash, pool, leaves.markets).root(),
      logRoot: laneTree(hash, pool, leaves.lanes).root(),
    };
    return { type: "replayed", leaves, roots, totals: markets, escrows, latest };
  }

  /** A log may name its own market's account only: what is there for another one is as good as nothing. */
  #escrowsOn({ marketOf }: ChainSight): Escrow[] {
    return [...this.#escrows.values()].flatMap(({ market, account, openedAt }) => {
      const owner = marketOf.get(toHex(account));
      return owner === undefined || owner === market ? [{ market, account, openedAt }] : [];
    });
  }

  /** The message that was replayed last is one's own word: from here on one goes on from it, also after a restart. */
  markSigned(): void {
    for (const lane of this.#lanes.values()) lane.signedSize = lane.size;
  }

  /** Stores lanes at signed places: those that grew by much, or are too many; or all of them. */
  async storeLanes(all = false): Promise<void> {
    const { store, lanesMax, entriesPerCheckpoint } = this.#options;
    let over = this.#lanes.size - lanesMax;
    for (const lane of this.#lanes.values()) {
      const grown = lane.size - lane.storedSize;
      const isDue = all || over-- > 0 || grown >= entriesPerCheckpoint;
      if (grown === 0 || !isDue || lane.signedSize !== lane.size) continue;
      await store.storeLane(lane.state);
      lane.storedSize = lane.size;
    }
    this.#evict();
  }
}
