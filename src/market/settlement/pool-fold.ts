import { type Amount, amount, zero } from "../../core/amount.ts";
import { type Bytes32, compareBytes, equalBytes } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import { compareLanes, type LaneLeaf, type PayoutLeaf } from "../../core/merkle/leaves.ts";
import { indexMax } from "../../core/merkle/node.ts";
import type { PayingAddress } from "../state.ts";
import { type Difference, difference } from "./differences.ts";
import type { LaneCut, MemberCut } from "./lane-cut.ts";

/** The index of the leaf that fees go to. Contributors are numbered from 1. */
export const operatorIndex = 0;

export interface FoldRules {
  /** The wallet that fees go to: the network's operator. */
  readonly operator: Bytes32;
  /** The associated token account of a wallet, for the pool's mint and token program. */
  readonly tokenAccountOf: (wallet: Bytes32) => Bytes32;
}

/** What the log says of a market, over its lanes. */
export interface MarketTotals {
  readonly deposited: Amount;
  readonly allocated: Amount;
  readonly specHash: Bytes32;
  readonly isClosed: boolean;
}

interface Balance {
  readonly key: Bytes32;
  paying: PayingAddress | null;
  released: bigint;
  held: bigint;
  /** Null until it is asked for, and after the paying address changed: deriving one is slow. */
  destination: Bytes32 | null;
  /** Null until it is asked for, and after anything of it changed: at each epoch most are as they were. */
  leaf: PayoutLeaf | null;
}

const newBalance = (key: Bytes32): Balance => ({
  key,
  paying: null,
  released: 0n,
  held: 0n,
  destination: null,
  leaf: null,
});

interface Share {
  readonly released: Amount;
  readonly held: Amount;
}

interface Lane {
  cut: Omit<LaneCut, "members">;
  readonly shares: Map<number, Share>;
  /** The sum of the shares. */
  owed: bigint;
}

/**
 * Adds up the lanes of a pool: the cuts of a lane one after another, each replacing what the last one said, lanes among
 * each other in any order. What comes out depends on the newest cuts alone. After a difference a fold is good for nothing.
 */
export class PoolFold {
  readonly #rules: FoldRules;
  readonly #lanes = new Map<string, Lane>();
  readonly #balances = new Map<number, Balance>();
  readonly #changed = new Set<number>([operatorIndex]);
  /** All that have a leaf. */
  readonly #indexes: number[] = [operatorIndex];
  #areSorted = true;
  readonly #operatorDestination: Bytes32;
  #fees = 0n;

  constructor(rules: FoldRules) {
    this.#rules = rules;
    this.#operatorDestination = rules.tokenAccountOf(rules.operator);
  }

  /** The first thing about the cut that cannot be, or null. */
  take(cut: LaneCut): Difference | null {
    const { members, ...rest } = cut;
    const name = `${cut.market}/${cut.lane}`;
    const lane = this.#lanes.get(name) ?? {
      cut: { ...rest, size: 0, fee: zero, allocated: zero },
      shares: new Map(),
      owed: 0n,
    };
    const fail = (code: Difference["code"], what: string): Difference =>
      difference(code, { type: "lane", market: cut.market, lane: cut.lane }, what);
    if (cut.size < lane.cut.size) return fail("LANE_WENT_BACK", `${cut.size} after ${lane.cut.size}`);
    if (!equalBytes(cut.specHash, lane.cut.specHash)) return fail("LANE_SPEC_DIFFERS", "it changed");
    if (cut.allocated < lane.cut.allocated || cut.fee < lane.cut.fee) return fail("ALLOCATION_FELL", "");
    this.#lanes.set(name, lane);
    for (const member of members) {
      const problem = this.#takeMember(lane, member);
      if (problem !== null) return problem;
    }
    if (cut.fee !== lane.cut.fee) this.#changed.add(operatorIndex);
    this.#fees += cut.fee - lane.cut.fee;
    lane.cut = rest;
    if (lane.owed + cut.fee === cut.allocated) return null;
    return fail("NOT_CONSERVED", `${lane.owed} earned and ${cut.fee} fees of ${cut.allocated}`);
  }

  #takeMember(lane: Lane, member: MemberCut): Difference | null {
    const { contributor, key, released, held } = member;
    const fail = (code: Difference["code"], what: string): Difference =>
      difference(code, { type: "leaf", index: contributor }, what);
    if (!Number.isSafeInteger(contributor) || contributor <= operatorIndex || contributor > indexMax) {
      return fail("INDEX_REFUSED", "");
    }
    const known = this.#balances.get(contributor);
    const balance = known ?? newBalance(key);
    if (!equalBytes(balance.key, key)) return fail("INDEX_MOVED", "");
    const before = lane.shares.get(contributor);
    if (released < (before?.released ?? 0n)) return fail("EARNINGS_FELL", `${released} after ${before?.released}`);
    if (isLater(member.paying, balance.paying)) {
      balance.paying = member.paying;
      balance.destination = null;
    }
    balance.released += released - (before?.released ?? 0n);
    balance.held += held - (before?.held ?? 0n);
    balance.leaf = null;
    lane.owed += released + held - (before?.released ?? 0n) - (before?.held ?? 0n);
    lane.shares.set(contributor, { released, held });
    if (known === undefined) this.#add(contributor, balance);
    this.#changed.add(contributor);
    return null;
  }

  /** Who is new comes last nearly always. */
  #add(contributor: number, balance: Balance): void {
    this.#balances.set(contributor, balance);
    this.#areSorted &&= (this.#indexes.at(-1) as number) < contributor;
    this.#indexes.push(contributor);
  }

  /** One more than the highest index. */
  get leafCount(): number {
    let last = operatorIndex;
    for (const contributor of this.#balances.keys()) if (contributor > last) last = contributor;
    return last + 1;
  }

  /** The leaf of an index; null where nobody has it. */
  leaf(index: number): PayoutLeaf | null {
    if (index === operatorIndex) {
      return { index, destination: this.#operatorDestination, cumulative: amount(this.#fees), held: zero };
    }
    const balance = this.#balances.get(index);
    if (balance === undefined) return null;
    balance.destination ??= this.#rules.tokenAccountOf(this.walletOf(index) as Bytes32);
    const { destination, released, held } = balance;
    balance.leaf ??= { index, destination, cumulative: amount(released), held: amount(held) };
    return balance.leaf;
  }

  /** The wallet that a leaf pays, by way of its token account; null where nobody has the index. */
  walletOf(index: number): Bytes32 | null {
    if (index === operatorIndex) return this.#rules.operator;
    const balance = this.#balances.get(index);
    return balance?.paying?.wallet ?? balance?.key ?? null;
  }

  /** All leaves in the order of their indexes. */
  payouts(): PayoutLeaf[] {
    if (!this.#areSorted) this.#indexes.sort((a, b) => a - b);
    this.#areSorted = true;
    return this.#indexes.map((index) => this.leaf(index) as PayoutLeaf);
  }

  /** Indexes whose leaves may have changed since this was last asked, in order. */
  takeChanged(): number[] {
    const changed = [...this.#changed].sort((a, b) => a - b);
    this.#changed.clear();
    return changed;
  }

  lanes(): LaneLeaf[] {
    return [...this.#lanes.values()]
      .map(({ cut: { market, lane, size, root } }) => ({ market, lane, size, root }))
      .sort(compareLanes);
  }

  /** The lane whose time is the latest, by name where there are several; null without lanes. */
  latest(): LaneTime | null {
    const times = Array.from(this.#lanes.values(), ({ cut: { market, lane, timeMs } }) => ({ market, lane, timeMs }));
    return times.sort((a, b) => b.timeMs - a.timeMs || compareLanes(a, b))[0] ?? null;
  }

  /** What the lanes of each market come to. */
  markets(): Map<MarketId, MarketTotals> | Difference {
    const markets = new Map<MarketId, MarketTotals>();
    for (const { cut } of this.#lanes.values()) {
      const { market, specHash } = cut;
      const so = markets.get(market) ?? { deposited: zero, allocated: zero, specHash, isClosed: true };
      if (!equalBytes(so.specHash, specHash)) return difference("LANE_SPEC_DIFFERS", { type: "marketLog", market });
      markets.set(market, {
        deposited: amount(so.deposited + cut.deposited),
        allocated: amount(so.allocated + cut.allocated),
        specHash,
        isClosed: so.isClosed && cut.isClosed,
      });
    }
    return markets;
  }
}

export interface LaneTime {
  readonly market: MarketId;
  readonly lane: number;
  readonly timeMs: number;
}

export interface PoolPayouts {
  readonly leaves: readonly PayoutLeaf[];
  readonly lanes: readonly LaneLeaf[];
  readonly markets: ReadonlyMap<MarketId, MarketTotals>;
  readonly latest: LaneTime | null;
}

/** Of two changes with one number that of the higher address counts, so that the order of lanes does not matter. */
const isLater = (a: PayingAddress | null, b: PayingAddress | null): boolean =>
  a !== null && (b === null || a.number > b.number || (a.number === b.number && compareBytes(a.wallet, b.wallet) > 0));

/** What a pool owes by the newest cuts of all its lanes, or the first thing about them that cannot be. */
export function payoutsOf(cuts: Iterable<LaneCut>, rules: FoldRules): PoolPayouts | Difference {
  const fold = new PoolFold(rules);
  for (const cut of cuts) {
    const problem = fold.take(cut);
    if (problem !== null) return problem;
  }
  const markets = fold.markets();
  if (!(markets instanceof Map)) return markets;
  return { leaves: fold.payouts(), lanes: fold.lanes(), markets, latest: fold.latest() };
}
