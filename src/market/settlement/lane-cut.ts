import { type Amount, amount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import { type Hash, jsonHash, tags } from "../../core/hash.ts";
import { logRoot } from "../../core/log-tree.ts";
import type { MarketId } from "../../core/market-id.ts";
import { heldOf } from "../../ledger/purse.ts";
import { specToJson } from "../spec.ts";
import { type LaneState, type Member, type PayingAddress, specOf } from "../state.ts";

/** What one contributor has earned in a lane so far. */
export interface MemberCut {
  /** The number that stands for its key in the log of every lane of the pool, and the index of its leaf. */
  readonly contributor: number;
  readonly key: Bytes32;
  readonly released: Amount;
  /** Reserve, reserve put behind open appeals, and what no signature covers yet. */
  readonly held: Amount;
  readonly paying: PayingAddress | null;
}

/** What settlement takes from a lane at a cut. All amounts are totals since its beginning. */
export interface LaneCut {
  readonly market: MarketId;
  readonly lane: number;
  readonly epoch: number;
  /** The number of the cut's own entry, which is the last one counted. */
  readonly size: number;
  readonly root: Bytes32;
  /** The lane's time at the cut. */
  readonly timeMs: number;
  readonly specHash: Bytes32;
  /** Nothing can be earned in it any more. */
  readonly isClosed: boolean;
  readonly deposited: Amount;
  /** What the requester's money has become: earnings, bonuses and fees. */
  readonly allocated: Amount;
  readonly fee: Amount;
  /** All members, or those that changed since the lane's last cut. */
  readonly members: readonly MemberCut[];
}

/**
 * The cut of a lane, taken when its `cut` entry is the last that was applied. `changed` names the members whose purses
 * changed since its last one; without it all are looked at.
 */
export function cutOf(hash: Hash, state: LaneState, changed: Iterable<number> = state.members.keys()): LaneCut {
  const { market, lane, epoch, tree, books, status } = state;
  return {
    market,
    lane,
    epoch,
    size: tree.size,
    root: logRoot(hash, tree),
    timeMs: state.timeMs,
    specHash: jsonHash(hash, tags.spec, specToJson(specOf(state))),
    isClosed: status === "closed",
    deposited: books.deposited,
    allocated: amount(books.earned + books.bonus + books.fee),
    fee: books.fee,
    members: Array.from(changed, (contributor) => memberCut(contributor, state.members.get(contributor) as Member)),
  };
}

const memberCut = (contributor: number, { key, purse, paying }: Member): MemberCut => ({
  contributor,
  key,
  released: purse.released,
  held: heldOf(purse),
  paying,
});
