import { describe, expect, it } from "vitest";
import { amount } from "../../core/amount.ts";
import type { SponsorPolicy } from "../../rails/solana/escrow/sponsorship.ts";
import { refusalOf, type WithdrawalPolicy, withdrawalReasons } from "./policy.ts";

const policy: WithdrawalPolicy = { amountMin: amount(10n), perDayMax: 3, accountsMax: 1, lamportsPerDayMax: 5_000n };
const sponsor: SponsorPolicy = { dueMin: amount(50n), perDayMax: 2, lamportsMax: 10_000n };

interface Case {
  readonly value?: bigint;
  readonly fee?: bigint;
  readonly rent?: bigint;
  readonly count?: number;
  readonly lamports?: bigint;
  readonly accounts?: number;
  readonly hadOne?: boolean;
  readonly madeToday?: number;
  readonly sponsored?: bigint;
}

const refused = (given: Case): string | null =>
  refusalOf(
    policy,
    sponsor,
    {
      use: {
        count: given.count ?? 0,
        lamports: given.lamports ?? 0n,
        accounts: given.accounts ?? 0,
        destinationHadOne: given.hadOne ?? false,
      },
      sponsored: { today: given.madeToday ?? 0, lamports: given.sponsored ?? 0n },
    },
    { amount: amount(given.value ?? 100n), feeLamports: given.fee ?? 10n, rentLamports: given.rent ?? 0n },
  );

describe("what the network pays for", () => {
  it.each<[string, Case, string | null]>([
    ["a transfer to a wallet with a token account", {}, null],
    ["one to a wallet without", { rent: 2_000n }, null],
    ["the least", { value: 10n }, null],
    ["less than the least", { value: 9n }, "amountMin"],
    ["the last one of a day", { count: 2 }, null],
    ["one more", { count: 3 }, "perDay"],
    ["what just fits the day's budget", { lamports: 4_990n }, null],
    ["what does not", { lamports: 4_991n }, "dailyBudget"],
    ["a rent that does not", { lamports: 3_000n, rent: 2_000n }, "dailyBudget"],
    ["a second account for one contributor", { rent: 2_000n, accounts: 1 }, "accounts"],
    ["a fee for one who had an account", { accounts: 1 }, null],
    ["an account that was paid for and closed", { rent: 2_000n, hadOne: true }, "sponsoredBefore"],
    ["an account for less than the threshold", { rent: 2_000n, value: 49n }, "belowThreshold"],
    ["a transfer of that much", { value: 49n }, null],
    ["an account beyond the day's number", { rent: 2_000n, madeToday: 2 }, "dailyCap"],
    ["a transfer on such a day", { madeToday: 2 }, null],
    ["an account that just fits the sponsor's budget", { rent: 2_000n, sponsored: 8_000n }, null],
    ["one that does not", { rent: 2_000n, sponsored: 8_001n }, "budget"],
  ])("%s", (_, given, reason) => {
    expect(refused(given)).toBe(reason);
  });

  it("is never nothing at all", () => {
    const use = { count: 0, lamports: 0n, accounts: 0, destinationHadOne: false };
    const spent = { use, sponsored: { today: 0, lamports: 0n } };
    const cost = { amount: amount(0n), feeLamports: 0n, rentLamports: 0n };
    expect(refusalOf({ ...policy, amountMin: amount(0n) }, sponsor, spent, cost)).toBe("amountMin");
  });

  it("has a text for each reason", () => {
    for (const text of Object.values(withdrawalReasons)) expect(text.length).toBeGreaterThan(20);
  });
});
