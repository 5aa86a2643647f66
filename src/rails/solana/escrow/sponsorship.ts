import type { Amount } from "../../../core/amount.ts";

/**
 * Whose token accounts an operator pays for. A token account's rent is more than most first earnings are worth on a
 * cluster, and can be had back by whoever closes it: so an account is paid for once for ever, for earnings above a
 * threshold, a few a day, within a budget.
 */
export interface SponsorPolicy {
  /** What must be due before. 0 on localnet. */
  readonly dueMin: Amount;
  readonly perDayMax: number;
  /** For all time, in lamports; rent and fee. */
  readonly lamportsMax: bigint;
}

/**
 * What is stored of a contributor and a mint: nothing; that its account will be paid for, which is then done however
 * often it fails; that the account was there, after which it is never paid for again, also when it was closed.
 */
export type Sponsorship = "none" | "granted" | "made";

/** What was sponsored of one mint, as the caller has stored it; `granted` counts as much as `made`. */
export interface SponsorLedger {
  readonly stateOf: (index: number) => Sponsorship;
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
  /** To be stored as granted, with `lamportsEach` each, before any of their accounts is made. */
  readonly granted: readonly number[];
  /** Granted before, by somebody who then died. */
  readonly resumed: readonly number[];
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
  const resumed = candidates.map(({ index }) => index).filter((index) => ledger.stateOf(index) === "granted");
  const left = held - lamportsEach * BigInt(resumed.length);
  const waiting: { index: number; reason: SponsorReason }[] = [];
  for (const { index, due } of candidates) {
    const state = ledger.stateOf(index);
    if (state === "granted") continue;
    const spent = lamportsEach * BigInt(granted.size + 1);
    const reason: SponsorReason | null =
      state === "made" || granted.has(index)
        ? "sponsoredBefore"
        : due < policy.dueMin || due === 0n
          ? "belowThreshold"
          : ledger.today + granted.size >= policy.perDayMax
            ? "dailyCap"
            : ledger.lamports + spent > policy.lamportsMax
              ? "budget"
              : spent > left
                ? "emptySponsor"
                : null;
    if (reason === null) granted.add(index);
    else waiting.push({ index, reason });
  }
  return { granted: [...granted], resumed, waiting };
}
