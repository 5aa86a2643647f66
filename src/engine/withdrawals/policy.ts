import type { Amount } from "../../core/amount.ts";
import {
  planSponsorship,
  type SponsorPolicy,
  type SponsorReason,
  sponsorReasons,
} from "../../rails/solana/escrow/sponsorship.ts";
import type { WithdrawalUse } from "../../store/settlement/sponsored.ts";

/**
 * What contributors may send on at the operator's cost. A fee is little, a token account is not, and whoever gets one can
 * close it for its rent: so what is sent to a wallet without one also has to keep the policy of sponsored accounts.
 */
export interface WithdrawalPolicy {
  readonly amountMin: Amount;
  /** Of one contributor, a day in UTC. */
  readonly perDayMax: number;
  /** Token accounts that are paid for, for one contributor to send to; ever. */
  readonly accountsMax: number;
  /** Fees and rents, of everybody's withdrawals, a day in UTC. */
  readonly lamportsPerDayMax: bigint;
}

export interface WithdrawalCost {
  readonly amount: Amount;
  readonly feeLamports: bigint;
  /** 0 where the destination has a token account. */
  readonly rentLamports: bigint;
}

export const withdrawalReasons = {
  ...sponsorReasons,
  amountMin: "that is less than may be sent at the network's cost",
  perDay: "you have sent as often today as the network pays for",
  dailyBudget: "what the network pays for withdrawals today is used up",
  accounts: "the destination has no token account, and the network has paid for one for you before",
  sponsoredBefore: "the destination's token account was paid for before, and is gone",
} as const;
export type WithdrawalReason = SponsorReason | keyof typeof withdrawalReasons;

interface Spent {
  readonly use: WithdrawalUse;
  readonly sponsored: { readonly today: number; readonly lamports: bigint };
}

/** Why the network does not pay for this withdrawal; null where it does. */
export function refusalOf(
  policy: WithdrawalPolicy,
  sponsor: SponsorPolicy,
  { use, sponsored }: Spent,
  { amount, feeLamports, rentLamports }: WithdrawalCost,
): WithdrawalReason | null {
  if (amount < policy.amountMin || amount === 0n) return "amountMin";
  if (use.count >= policy.perDayMax) return "perDay";
  if (use.lamports + feeLamports + rentLamports > policy.lamportsPerDayMax) return "dailyBudget";
  if (rentLamports === 0n) return null;
  if (use.accounts >= policy.accountsMax) return "accounts";
  const ledger = { stateOf: () => (use.destinationHadOne ? "made" : "none"), ...sponsored } as const;
  // Whether the sponsor has the SOL was tried when the transfer was planned.
  const funds = { lamportsEach: rentLamports, held: rentLamports };
  const { waiting } = planSponsorship(sponsor, ledger, [{ index: 0, due: amount }], funds);
  return waiting[0]?.reason ?? null;
}
