import { type Amount, amount, feeRoundedUp, zero } from "../core/amount.ts";
import { feeOf, type MarketSpec, type Terms } from "./spec.ts";
import type { SlotRecord } from "./state.ts";
import { verifyingOf } from "./verifying.ts";

/** What an accepted submission costs: to its contributor, and to the network. */
export interface Pay {
  readonly reward: Amount;
  readonly fee: Amount;
}

/**
 * So many units of the reward, rounded down, with the fee on what is paid: never more than the price that was set aside.
 * @param units of the market's composition; null for the whole reward
 */
export function payOf(spec: MarketSpec, terms: Terms, units: number | null): Pay {
  const verifying = units === null ? null : verifyingOf(spec);
  if (units === null || verifying === null) return { reward: terms.reward, fee: feeOf(spec, terms) };
  const reward = amount((terms.reward * BigInt(units)) / BigInt(verifying.wholeUnits));
  return { reward, fee: feeRoundedUp(reward, spec.feeBasisPoints) };
}

/** What a submission was paid; nothing unless it was accepted. */
export const paidFor = (spec: MarketSpec, terms: Terms, { state, check }: SlotRecord): Amount =>
  state === "accepted" ? payOf(spec, terms, check === null ? null : check.units).reward : zero;
