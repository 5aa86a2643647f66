import { type Bytes32, equalBytes, toHex } from "../../core/bytes.ts";
import { type CommitBody, type CommitMessage, commitDigest } from "../../core/commit/commit-message.ts";
import { type EpochRoots, leafCountOf } from "../../core/commit/epoch-trees.ts";
import type { EpochLeaves } from "../../core/commit/leaf-file.ts";
import { isEarnestError } from "../../core/errors.ts";
import type { Hash } from "../../core/hash.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { ChainView, Escrow, Pinned } from "./chain-view.ts";
import { changesOf, floorOf } from "./changes.ts";
import { checkMarkets } from "./check-markets.ts";
import { compareLeaves, sumOwed } from "./compare-leaves.ts";
import { type Abstention, abstentions, type Difference, difference, type Place, type Refusal } from "./differences.ts";
import type { LaneTime, MarketTotals } from "./pool-fold.ts";
import { type SignedMessage, signedAnother } from "./signed-once.ts";

/** What an attestor came to by itself, from the log and its own view of the chain. */
export type OwnReplay =
  | {
      readonly type: "replayed";
      readonly leaves: EpochLeaves;
      readonly roots: EpochRoots;
      readonly totals: ReadonlyMap<MarketId, MarketTotals>;
      readonly escrows: readonly Escrow[];
      readonly latest: LaneTime | null;
    }
  /** The log, or what it adds up to, cannot be. */
  | { readonly type: "differs"; readonly difference: Difference }
  /** Whoever keeps the log did not show it so far. */
  | { readonly type: "notShown"; readonly market: MarketId; readonly lane: number; readonly problem: string }
  /** One's own sandbox could not repeat what the log says was executed. */
  | {
      readonly type: "notExecuted";
      readonly market: MarketId;
      readonly lane: number;
      readonly sequence: number;
      readonly problem: string;
    }
  | { readonly type: "failed"; readonly problem: string };

/** What a replay threw: the entry at which the log stops to follow, or a failure of one's own. */
export function replayFailure(market: MarketId, error: unknown): OwnReplay {
  if (!isEarnestError(error, "REPLAY_MISMATCH")) return { type: "failed", problem: String(error) };
  const { lane, sequence, what } = error.context;
  return { type: "differs", difference: difference("ENTRY_DIFFERS", { type: "entry", market, lane, sequence }, what) };
}

/** The leaves under the pool's last commit; null before the first, or where they are not to be had. */
export interface PreviousCommit {
  readonly digest: Bytes32;
  readonly leaves: EpochLeaves;
}

/** What an attestor is asked to sign. */
export interface Proposal {
  readonly message: CommitMessage;
  /** Of the leaf file that came with it, once that is durable; null where it could not be stored. */
  readonly stored: { readonly leaves: EpochLeaves; readonly hash: Bytes32 } | null;
}

export interface CommitCheck {
  readonly pinned: Pinned;
  readonly chain: ChainView;
  readonly previous: PreviousCommit | null;
  readonly own: OwnReplay;
  readonly proposal: Proposal;
  /** What this attestor signed before. */
  readonly signed: readonly SignedMessage[];
}

export type CommitOutcome =
  | { readonly outcome: "ok"; readonly signing: SignedMessage }
  | { readonly outcome: "abstain"; readonly difference: Difference<Abstention> }
  | { readonly outcome: "refuse"; readonly difference: Difference };

type Found = Difference<Refusal | Abstention> | null;

/**
 * Whether an attestor signs a commit: the whole list of the settlement protocol, in an order in which the first
 * difference says most. `ok` is to be made durable (`withSigned`) before the signature is given away.
 */
export function checkCommit(hash: Hash, check: CommitCheck): CommitOutcome {
  const { context, body } = check.proposal.message;
  const digest = commitDigest(hash, check.proposal.message);
  const signing = { pool: context.pool, epoch: body.epoch, digest, validUntil: body.validUntil };
  const found =
    checkPlace(check) ??
    checkBody(check) ??
    checkOwnMachine(check) ??
    checkReplay(check) ??
    checkSignedBefore(check, signing);
  if (found === null) return { outcome: "ok", signing };
  return isAbstention(found)
    ? { outcome: "abstain", difference: found }
    : { outcome: "refuse", difference: found as Difference };
}

const isAbstention = (found: Difference<Refusal | Abstention>): found is Difference<Abstention> =>
  Object.hasOwn(abstentions, found.code);

const inMessage = (field: string): Place => ({ type: "message", field });

function checkOwnMachine({ own, proposal }: CommitCheck): Found {
  if (own.type === "notShown") {
    const { market, lane, problem } = own;
    return difference("LOG_NOT_SHOWN", { type: "lane", market, lane }, problem);
  }
  if (own.type === "notExecuted") {
    const { market, lane, sequence, problem } = own;
    return difference("EXECUTION_FAILED", { type: "entry", market, lane, sequence }, problem);
  }
  if (own.type === "failed") return difference("OWN_MACHINE_FAILED", inMessage("log"), own.problem);
  if (proposal.stored === null) return difference("LEAF_FILE_NOT_STORED", inMessage("leafFileHash"));
  return null;
}

/** The place a message is for, against what was pinned and what the chain says. */
function checkPlace({ pinned, chain, proposal }: CommitCheck): Found {
  const { context } = proposal.message;
  const differs = (code: Refusal, field: string, found: Uint8Array, expected: Uint8Array): Found =>
    equalBytes(found, expected) ? null : difference(code, inMessage(field), `${toHex(found)}, not ${toHex(expected)}`);
  return (
    differs("WRONG_CLUSTER", "cluster", chain.cluster, pinned.cluster) ??
    differs("WRONG_CLUSTER", "cluster", context.cluster, pinned.cluster) ??
    differs("WRONG_PROGRAM", "program", context.program, pinned.program) ??
    differs("WRONG_PROGRAM_HASH", "program", chain.programHash, pinned.programHash) ??
    differs("WRONG_NETWORK", "network", context.network, pinned.network) ??
    differs("WRONG_NETWORK", "network", chain.pool.network, pinned.network) ??
    differs("WRONG_POOL", "pool", context.pool, pinned.pool) ??
    checkHistory(chain, proposal.message)
  );
}

function checkHistory({ network, pool }: ChainView, { context, body }: CommitMessage): Found {
  if (!pool.isLive) return difference("POOL_WOUND_DOWN", inMessage("pool"));
  if (body.epoch <= pool.epoch)
    return difference("WRONG_EPOCH", inMessage("epoch"), `${body.epoch} after ${pool.epoch}`);
  if (body.epoch > pool.epoch + 1n) return difference("CHAIN_BEHIND", inMessage("epoch"), `it is at ${pool.epoch}`);
  if (!equalBytes(context.previousDigest, pool.digest)) {
    return difference("WRONG_PREVIOUS_DIGEST", inMessage("previousDigest"), `not ${toHex(pool.digest)}`);
  }
  if (context.setVersion === network.setVersion) return null;
  return difference("WRONG_SET_VERSION", inMessage("setVersion"), `${context.setVersion}, not ${network.setVersion}`);
}

/** What the program itself checks of a body, seen from the finalized slot. */
function checkBody({ chain, proposal }: CommitCheck): Found {
  const { body } = proposal.message;
  const { pool, network, clock } = chain;
  const refuse = (code: Refusal, field: keyof CommitBody, limit: bigint): Found =>
    difference(code, inMessage(field), `${body[field] as bigint}, limit ${limit}`);
  if (body.asOf < pool.asOf) return refuse("AS_OF_WENT_BACK", "asOf", pool.asOf);
  if (clock > body.validUntil) return refuse("EXPIRED", "validUntil", clock);
  const validMax = body.asOf + BigInt(network.maxValiditySeconds);
  if (body.validUntil > validMax) return refuse("VALID_TOO_LONG", "validUntil", validMax);
  if (body.allocated < pool.allocated) return refuse("ALLOCATION_FELL", "allocated", pool.allocated);
  const escrow = pool.deposited - pool.refunded;
  if (body.allocated > escrow) return refuse("OVER_ALLOCATED", "allocated", escrow);
  if (body.leafCount < pool.leafCount) return refuse("LEAF_COUNT_FELL", "leafCount", pool.leafCount);
  if (clock < body.asOf) return difference("CHAIN_BEHIND", inMessage("asOf"), `its clock is at ${clock}`);
  return null;
}

/** The leaves, against the attestor's own and those of the last commit. */
function checkReplay(check: CommitCheck): Found {
  const { own, proposal, chain } = check;
  if (own.type === "differs") return own.difference;
  const { stored, message } = proposal;
  if (own.type !== "replayed" || stored === null) return null;
  const { body } = message;
  if (!equalBytes(stored.hash, body.leafFileHash)) {
    return difference("LEAF_FILE_DIFFERS", inMessage("leafFileHash"), `it has ${toHex(stored.hash)}`);
  }
  const before = previousLeaves(check);
  if (before === null) return difference("PREVIOUS_UNKNOWN", inMessage("previousDigest"));
  return (
    checkTime(own.latest, chain.clock) ??
    compareLeaves(own.leaves, stored.leaves) ??
    checkFloor(body, before, own.leaves, chain.pool.floor) ??
    checkMarkets({ ...own, chain, before: before.markets, asOf: body.asOf }) ??
    checkTotals(body, own.leaves, own.roots)
  );
}

/** How far a lane's time may be ahead of the cluster's clock, which is slow where blocks are. */
export const aheadSecondsMax = 60n;

/** Time ends leases, reviews and appeals, so an operator must not run ahead of it. */
function checkTime(latest: LaneTime | null, clock: bigint): Found {
  if (latest === null || BigInt(latest.timeMs) <= (clock + aheadSecondsMax) * 1_000n) return null;
  const { market, lane, timeMs } = latest;
  return difference("TIME_AHEAD", { type: "lane", market, lane }, `${timeMs} ms, the chain is at ${clock} s`);
}

const noLeaves: EpochLeaves = { payouts: [], markets: [], lanes: [] };

function previousLeaves({ chain, previous }: CommitCheck): EpochLeaves | null {
  if (chain.pool.epoch === 0n) return noLeaves;
  return previous !== null && equalBytes(previous.digest, chain.pool.digest) ? previous.leaves : null;
}

/**
 * Nothing that was owed is taken back. And where a destination changed, all older roots are dead from this epoch on: they
 * name an account that must not be paid any more.
 */
function checkFloor(body: CommitBody, before: EpochLeaves, now: EpochLeaves, floor: bigint): Found {
  const { fallen } = changesOf(before.payouts, now.payouts);
  if (fallen !== null) return difference("EARNINGS_FELL", { type: "leaf", index: fallen });
  const expected = floorOf(body.epoch, floor, before.payouts, now.payouts);
  if (body.floor === expected) return null;
  return difference("WRONG_FLOOR", inMessage("floor"), `${body.floor}, not ${expected}`);
}

function checkTotals(body: CommitBody, leaves: EpochLeaves, roots: EpochRoots): Found {
  const { owed, allocated } = sumOwed(leaves);
  if (owed !== allocated) {
    return difference("NOT_CONSERVED", inMessage("allocated"), `${owed} owed, ${allocated} allocated`);
  }
  if (body.allocated !== allocated) {
    return difference("ALLOCATED_DIFFERS", inMessage("allocated"), `${body.allocated}, not ${allocated}`);
  }
  const leafCount = BigInt(leafCountOf(leaves.payouts));
  if (body.leafCount !== leafCount) {
    return difference("LEAF_COUNT_DIFFERS", inMessage("leafCount"), `${body.leafCount}, not ${leafCount}`);
  }
  for (const [field, code] of [
    ["payoutRoot", "PAYOUT_ROOT_DIFFERS"],
    ["marketRoot", "MARKET_ROOT_DIFFERS"],
    ["logRoot", "LOG_ROOT_DIFFERS"],
  ] as const) {
    if (!equalBytes(body[field], roots[field])) {
      return difference(code, inMessage(field), `${toHex(body[field])}, not ${toHex(roots[field])}`);
    }
  }
  return null;
}

function checkSignedBefore({ signed, chain }: CommitCheck, signing: SignedMessage): Found {
  const other = signedAnother(signed, signing, chain.clock);
  if (other === null) return null;
  return difference("SIGNED_ANOTHER", inMessage("epoch"), `${toHex(other.digest)}, valid until ${other.validUntil}`);
}
