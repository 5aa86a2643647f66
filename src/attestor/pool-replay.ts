import { type Bytes32, equalBytes, toHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/commit/attestors.ts";
import { laneTree, marketTree } from "../core/commit/epoch-trees.ts";
import type { EpochLeaves } from "../core/commit/leaf-file.ts";
import type { Hash } from "../core/hash.ts";
import type { MarketId } from "../core/market-id.ts";
import { type LaneLeaf, payoutLeafHash } from "../core/merkle/leaves.ts";
import { MerkleTree } from "../core/merkle/tree.ts";
import { kindNumberOf } from "../market/entries.ts";
import { epochLeavesOf } from "../market/settlement/build-commit.ts";
import type { Escrow } from "../market/settlement/chain-view.ts";
import { type OwnReplay, replayFailure } from "../market/settlement/check-commit.ts";
import { type Difference, difference } from "../market/settlement/differences.ts";
import { type FoldRules, PoolFold } from "../market/settlement/pool-fold.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { ChainSight, ChainSource } from "./chain-source.ts";
import { KnownRoots } from "./known-roots.ts";
import { LaneReplay } from "./lane-replay.ts";
import type { LogSource } from "./log-source.ts";
import { NotExecuted, Reexecution } from "./reexecution.ts";
import type { StoredLane } from "./stored-lane.ts";

/** Where lanes that are not looked at wait. */
export interface LaneStore {
  lane(market: MarketId, lane: number): Promise<StoredLane | null>;
  storeLane(stored: StoredLane): Promise<void>;
}

export interface PoolReplayOptions {
  readonly source: Pick<LogSource, "records" | "content">;
  /** One's own, where all that a log says was executed is executed again. */
  readonly sandbox: Pick<Sandbox, "execute">;
  /** One's own node, which has the hashes that a log says were drawn. */
  readonly chain: Pick<ChainSource, "blockHash">;
  readonly store: LaneStore;
  readonly hash: Hash;
  readonly verify: VerifySignature;
  readonly pool: Bytes32;
  /** As LaneRules has it. */
  readonly mint?: string | undefined;
  readonly tokenAccountOf: FoldRules["tokenAccountOf"];
  /** Lanes that stay in memory between epochs. Default: 256. */
  readonly lanesMax?: number;
  /** A lane is stored again once it grew by so many entries, and by a quarter. Default: 20,000. */
  readonly entriesPerCheckpoint?: number;
}

export interface EpochAsked {
  /** How far each lane is to be followed. */
  readonly lanes: readonly LaneLeaf[];
  readonly chain: ChainSight;
  /** What the last commit has; nothing before the first. */
  readonly previous: Pick<EpochLeaves, "markets" | "lanes">;
  readonly asOf: bigint;
}

const nameOf = ({ market, lane }: Pick<LaneLeaf, "market" | "lane">): string => `${market}-${lane}`;

const recordsPerCall = 1_000;

/**
 * All lanes of a pool, followed by one's own rules, and what they add up to. It goes forward from epoch to epoch; after a
 * difference it begins again at the lanes that were stored, which are those of messages that were signed.
 */
export class PoolReplay {
  readonly #options: PoolReplayOptions & Required<Pick<PoolReplayOptions, "lanesMax" | "entriesPerCheckpoint">>;
  #lanes = new Map<string, LaneReplay>();
  /** How far each lane was folded. */
  #sizes = new Map<string, number>();
  readonly #roots = new KnownRoots();
  #escrows = new Map<MarketId, Escrow & { readonly lane: number }>();
  #fold: PoolFold | null = null;
  #tree: MerkleTree;
  readonly #reexecution: Reexecution;
  /** Entries replayed since it was made. */
  entries = 0;

  constructor(options: PoolReplayOptions) {
    this.#options = { lanesMax: 256, entriesPerCheckpoint: 20_000, ...options };
    this.#tree = new MerkleTree(options.hash);
    this.#reexecution = new Reexecution(options);
  }

  /** What one comes to at these places of the log. Never throws: what fails here is nobody else's fault. */
  async replay(asked: EpochAsked): Promise<OwnReplay> {
    let [market, lane] = ["" as MarketId, 0];
    const { operator } = asked.chain.view.network;
    const before = new Map(asked.previous.lanes.map((leaf) => [nameOf(leaf), leaf]));
    try {
      for (const leaf of asked.lanes) {
        [market, lane] = [leaf.market, leaf.lane];
        const committed = before.get(nameOf(leaf)) ?? null;
        const problem = (await this.#follow(leaf, committed, operator)) ?? this.#compare(leaf, committed);
        if (problem !== null) return this.#differs(problem);
        before.delete(nameOf(leaf));
      }
      for (const { market: of, lane: at } of before.values()) {
        return this.#differs(difference("LANE_DIFFERS", { type: "lane", market: of, lane: at }, "it is missing"));
      }
      return this.#sum(asked);
    } catch (error) {
      if (error instanceof NotExecuted)
        return { type: "notExecuted", market, lane, sequence: error.sequence, problem: error.message };
      if (error instanceof NotShown) return { type: "notShown", market, lane, problem: error.message };
      const failure = replayFailure(market, error);
      if (failure.type === "differs") this.#forget();
      return failure;
    }
  }

  #differs(found: Difference): OwnReplay {
    this.#forget();
    return { type: "differs", difference: found };
  }

  /** After a difference nothing of what is in memory can be relied on. */
  #forget(): void {
    this.#lanes.clear();
    this.#sizes.clear();
    this.#roots.clear();
    this.#escrows.clear();
    this.#fold = null;
    this.#tree = new MerkleTree(this.#options.hash);
  }

  /** Brings a lane to the place of its leaf; on the way it looks at the place that the last commit has. */
  async #follow(leaf: LaneLeaf, committed: LaneLeaf | null, operator: Bytes32): Promise<Difference | null> {
    const name = nameOf(leaf);
    // One that is asked for at an earlier place stays where it is, and the leaves will differ.
    const isThere = (this.#sizes.get(name) ?? -1) >= leaf.size;
    if (isThere && (committed === null || this.#roots.at(name, committed.size) !== null)) return null;
    const lane = await this.#laneAt(leaf, committed);
    // The one used last stands last.
    this.#lanes.delete(name);
    this.#lanes.set(name, lane);
    if (committed !== null && committed.size <= leaf.size) {
      await this.#feed(lane, committed.size);
      if (lane.size === committed.size) this.#roots.note(name, lane.size, lane.root());
    }
    await this.#feed(lane, leaf.size);
    const problem = (await this.#repeat(lane)) ?? this.#take(lane, operator);
    if (problem === null) this.#evict();
    return problem;
  }

  /** What stays open after a failure is repeated at the next look. */
  async #repeat(lane: LaneReplay): Promise<Difference | null> {
    for (let next = lane.toRepeat; next !== undefined; next = lane.toRepeat) {
      const claimed = next;
      const problem = await shown(this.#reexecution.check(lane.market, lane.lane, claimed));
      if (problem !== null) return problem;
      lane.repeated();
    }
    return null;
  }

  /** Executions that were repeated since it was made. */
  get executions(): number {
    return this.#reexecution.executions;
  }

  #take(lane: LaneReplay, operator: Bytes32): Difference | null {
    const { tokenAccountOf } = this.#options;
    const name = nameOf(lane);
    const cut = lane.cut();
    this.#fold ??= new PoolFold({ operator, tokenAccountOf });
    const problem = this.#fold.take(cut);
    if (problem !== null) return problem;
    this.#sizes.set(name, lane.size);
    this.#roots.note(name, lane.size, cut.root);
    const { escrow } = lane.state;
    const known = this.#escrows.get(lane.market);
    if (escrow !== null && (known === undefined || lane.lane <= known.lane)) {
      this.#escrows.set(lane.market, { market: lane.market, ...escrow, lane: lane.lane });
    }
    return null;
  }

  /** What was committed stays: a log that is consistent, and another one than that, is a second history. */
  #compare({ market, lane, size }: LaneLeaf, committed: LaneLeaf | null): Difference | null {
    if (committed === null) return null;
    const place = { type: "lane", market, lane } as const;
    if (size < committed.size) return difference("LANE_WENT_BACK", place, `${size} after ${committed.size}`);
    const root = this.#roots.at(nameOf(committed), committed.size);
    if (root !== null && equalBytes(root, committed.root)) return null;
    return difference("LANE_DIFFERS", place, `the last commit has another root at ${committed.size} entries`);
  }

  /** In memory or stored, where the place of the last commit is ahead or known; else from the beginning. */
  async #laneAt(leaf: LaneLeaf, committed: LaneLeaf | null): Promise<LaneReplay> {
    const { store, hash, verify, pool, mint } = this.#options;
    const { market, lane, size } = leaf;
    const name = nameOf(leaf);
    const isUsable = (at: number): boolean =>
      at <= size && (committed === null || at <= committed.size || this.#roots.at(name, committed.size) !== null);
    const inMemory = this.#lanes.get(name);
    if (inMemory !== undefined && isUsable(inMemory.size)) return inMemory;
    const stored = await store.lane(market, lane);
    const isThisLane = stored !== null && stored.state.market === market && stored.state.lane === lane;
    if (isThisLane) for (const each of stored.roots) this.#roots.note(name, each.size, each.root);
    const state = isThisLane && isUsable(stored.state.tree.size) ? stored.state : null;
    return new LaneReplay(market, lane, { hash, verify, pool, mint }, state);
  }

  async #feed(lane: LaneReplay, size: number): Promise<void> {
    const { source } = this.#options;
    while (lane.size < size) {
      const from = lane.size + 1;
      const limit = Math.min(recordsPerCall, size - lane.size);
      const records = await shown(source.records({ market: lane.market, lane: lane.lane, from, limit }));
      if (records.length === 0) throw new NotShown(`its log ends at ${from - 1}`);
      const hidden = records.find(({ encoded, attachment }) => encoded[0] === submittedKind && attachment === null);
      if (hidden !== undefined)
        throw new NotShown(`the body of its entry ${hidden.sequence} is not shown, or forgotten`);
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
    const leaves = epochLeavesOf(payouts, { escrows, markets: chain.view.markets, previous: previous.markets, asOf });
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
      // All of a lane is written each time: were a long one not to wait for longer, writing it would soon be most of the work.
      const isDue = all || over-- > 0 || grown >= Math.max(entriesPerCheckpoint, lane.storedSize / 4);
      if (grown === 0 || !isDue || lane.signedSize !== lane.size) continue;
      await store.storeLane({ state: lane.state, roots: this.#roots.of(nameOf(lane)) });
      lane.storedSize = lane.size;
    }
    this.#evict();
  }
}

const submittedKind = kindNumberOf("submitted");

/** The server is away, or does not show a lane so far: nobody's rules or machine are to blame. */
class NotShown extends Error {}

async function shown<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NotExecuted) throw error;
    throw new NotShown(error instanceof Error ? error.message : String(error));
  }
}
