import type { Amount } from "../../../core/amount.ts";

/**
 * Whose token accounts an operator pays for. A token account's rent is more than most first earnings are worth on a
 * cluster, and can be had back by whoever closes it: so an account is paid for once for ever, for earnings above a
 * threshold, a few a day, within a budget.
 */
export interface SponsorPolicy {
  /** What must be due before: the published price of an account, which is then deducted, or more. 0 on localnet. */
  readonly dueMin: Amount;
  readonly perDayMax: number;
  /** For all time, in lamports; rent and fee. */
  readonly lamportsMax: bigint;
}

/** What was sponsored of one mint, as the caller has stored it. */
export interface SponsorLedger {
  /** Whether it was done, or stored to be done, for this contributor; for ever, also when the account was closed. */
  readonly wasSponsored: (index: number) => boolean;
  readonly today: number;
  readonly lamports: bigint;
}

export interface SponsorCandidate {
  readonly index: number;
  readonly due: Amount;
}

export const sponsorReasons = {
  belowThreshold: "too little is due for a token account to be paid for",
  sponsoredBefore: "a token account was paid for before, and is gone",
  dailyCap: "today's token accounts are used up",
  budget: "the sponsor's budget is used up",
  emptySponsor: "the sponsor has too little SOL",
} as const;
export type SponsorReason = keyof typeof sponsorReasons;

export interface SponsorFunds {
  /** Rent and fee of one token account. */
  readonly lamportsEach: bigint;
  /** What the sponsor has, but for what it needs otherwise. */
  readonly held: bigint;
}

export interface SponsorPlan {
  /** To be stored, with `lamportsEach` each, before any of their accounts is made. */
  readonly granted: readonly number[];
  readonly waiting: readonly { readonly index: number; readonly reason: SponsorReason }[];
}

/** Who is sponsored now, of candidates in the order in which they wait; who is not stays in the queue. */
export function planSponsorship(
  policy: SponsorPolicy,
  ledger: SponsorLedger,
  candidates: readonly SponsorCandidate[],
  { lamportsEach, held }: SponsorFunds,
): SponsorPlan {
  const granted = new Set<number>();
  const waiting: { index: number; reason: SponsorReason }[] = [];
  for (const { index, due } of candidates) {
    const spent = lamportsEach * BigInt(granted.size + 1);
    const reason: SponsorReason | null =
      ledger.wasSponsored(index) || granted.has(index)
        ? "sponsoredBefore"
        : due < policy.dueMin || due === 0n
          ? "belowThreshold"
          : ledger.today + granted.size >= policy.perDayMax
            ? "dailyCap"
            : ledger.lamports + spent > policy.lamportsMax
              ? "budget"
              : spent > held
                ? "emptySponsor"
                : null;
    if (reason === null) granted.add(index);
    else waiting.push({ index, reason });
  }
  return { granted: [...granted], waiting };
}
