import { type Amount, addAmounts, amount, subtractAmounts, zero } from "../core/amount.ts";
import { type Codec, struct, u64 } from "../core/codec.ts";

/**
 * What one contributor earned in one lane. `released` never falls: it is theirs, and on its way to the chain. `held` is
 * the reserve: earned, but pledged up to `target`, or to what a market holds back where that is more. `staked` is reserve
 * put behind an appeal that is not decided yet. `uncovered` was earned by submissions that nobody signed so far: it can be
 * neither released nor staked.
 */
export interface Purse {
  released: Amount;
  held: Amount;
  staked: Amount;
  target: Amount;
  heldBack: Amount;
  uncovered: Amount;
}

export const emptyPurse = (): Purse => ({
  released: zero,
  held: zero,
  staked: zero,
  target: zero,
  heldBack: zero,
  uncovered: zero,
});

const pledgeOf = ({ target, heldBack }: Purse): Amount => (target > heldBack ? target : heldBack);

/** Earnings fill the reserve up to its pledge first; the rest is released at once. */
export function credit(purse: Purse, earned: Amount): void {
  const pledged = purse.held + purse.staked;
  const pledge = pledgeOf(purse);
  const wanted = pledge > pledged ? pledge - pledged : 0n;
  const toHeld = amount(earned < wanted ? earned : wanted);
  purse.held = addAmounts(purse.held, toHeld);
  purse.released = addAmounts(purse.released, subtractAmounts(earned, toHeld));
}

/** Earnings of a submission that its contributor has not signed yet. */
export function creditUncovered(purse: Purse, earned: Amount): void {
  purse.uncovered = addAmounts(purse.uncovered, earned);
}

/** A signature covers what earned this: from now on it is like all other earnings. */
export function cover(purse: Purse, earned: Amount): void {
  purse.uncovered = subtractAmounts(purse.uncovered, earned);
  credit(purse, earned);
}

/** A lower target releases what it no longer asks for; a higher one is filled by earnings to come, never by a purchase. */
export function setReserveTarget(purse: Purse, target: Amount): void {
  purse.target = target;
  releaseSurplus(purse);
}

/** Of the next earnings, so much stays in reserve, whatever its target. */
export function holdBack(purse: Purse, part: Amount): void {
  purse.heldBack = addAmounts(purse.heldBack, part);
}

export function endHoldback(purse: Purse, part: Amount): void {
  purse.heldBack = subtractAmounts(purse.heldBack, part);
  releaseSurplus(purse);
}

function releaseSurplus(purse: Purse): void {
  const pledge = pledgeOf(purse);
  const pledged = purse.held + purse.staked;
  if (pledged <= pledge) return;
  const surplus = pledged - pledge;
  const release = amount(surplus < purse.held ? surplus : purse.held);
  purse.held = subtractAmounts(purse.held, release);
  purse.released = addAmounts(purse.released, release);
}

export function stake(purse: Purse, cost: Amount): void {
  purse.held = subtractAmounts(purse.held, cost);
  purse.staked = addAmounts(purse.staked, cost);
}

export function returnStake(purse: Purse, cost: Amount): void {
  purse.staked = subtractAmounts(purse.staked, cost);
  credit(purse, cost);
}

/** Takes a lost stake away; the caller credits it to others in full, so that what was earned in the lane stays the same. */
export function slash(purse: Purse, cost: Amount): void {
  purse.staked = subtractAmounts(purse.staked, cost);
}

/** All that is earned and not released. */
export const heldOf = ({ held, staked, uncovered }: Purse): Amount => amount(held + staked + uncovered);

export const purseTotal = (purse: Purse): Amount => amount(purse.released + heldOf(purse));

export const purseCodec: Codec<Purse> = struct({
  released: u64<Amount>(),
  held: u64<Amount>(),
  staked: u64<Amount>(),
  target: u64<Amount>(),
  heldBack: u64<Amount>(),
  uncovered: u64<Amount>(),
});
