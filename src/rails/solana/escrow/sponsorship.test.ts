import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { planSponsorship, type SponsorLedger, type SponsorPolicy } from "./sponsorship.ts";

const policy: SponsorPolicy = { dueMin: amount(10n), perDayMax: 3, lamportsMax: 1_000n };
const nobody: SponsorLedger = { stateOf: () => "none", today: 0, lamports: 0n };
const funds = { lamportsEach: 100n, held: 10_000n };
const candidate = (index: number, due = 10n) => ({ index, due: amount(due) });

describe("the sponsorship of token accounts", () => {
  it("goes in the order of waiting, up to the daily cap", () => {
    const { granted, waiting } = planSponsorship(
      policy,
      nobody,
      [5, 2, 9, 1].map((each) => candidate(each)),
      funds,
    );
    expect(granted).toEqual([5, 2, 9]);
    expect(waiting).toEqual([{ index: 1, reason: "dailyCap" }]);
    expect(planSponsorship(policy, { ...nobody, today: 3 }, [candidate(1)], funds).granted).toEqual([]);
  });

  it("is had once for ever, whatever became of the account", () => {
    const ledger: SponsorLedger = { ...nobody, stateOf: (index) => (index === 1 ? "made" : "none") };
    const plan = planSponsorship(policy, ledger, [candidate(1), candidate(2), candidate(2)], funds);
    expect(plan).toEqual({
      granted: [2],
      resumed: [],
      waiting: [
        { index: 1, reason: "sponsoredBefore" },
        { index: 2, reason: "sponsoredBefore" },
      ],
    });
  });

  it.each([
    ["belowThreshold", {}, {}, 9n],
    ["budget", { lamports: 901n }, {}, 10n],
    ["emptySponsor", {}, { held: 99n }, 10n],
  ] as const)("waits: %s", (reason, ledger, money, due) => {
    const plan = planSponsorship(policy, { ...nobody, ...ledger }, [candidate(1, due)], { ...funds, ...money });
    expect(plan).toEqual({ granted: [], resumed: [], waiting: [{ index: 1, reason }] });
  });

  it("goes on with what was granted before, without counting it again, but with the lamports it takes", () => {
    const ledger: SponsorLedger = { stateOf: (index) => (index === 1 ? "granted" : "none"), today: 1, lamports: 800n };
    const money = { ...funds, held: 250n };
    const plan = planSponsorship(policy, ledger, [candidate(1, 0n), candidate(2), candidate(3)], money);
    expect(plan).toEqual({ granted: [2], resumed: [1], waiting: [{ index: 3, reason: "emptySponsor" }] });
  });

  it("never is for somebody to whom nothing is due, at a threshold of 0", () => {
    const free = { ...policy, dueMin: amount(0n) };
    expect(planSponsorship(free, nobody, [candidate(1, 0n), candidate(2, 1n)], funds).granted).toEqual([2]);
  });

  it("stays inside its budget however many accounts farm it, over days and restarts", () => {
    const day = fc.array(fc.tuple(fc.nat(60), fc.bigInt(0n, 20n)), { maxLength: 200 });
    const limits = fc.record({ perDayMax: fc.nat(20), lamportsMax: fc.bigInt(0n, 3_000n) });
    fc.assert(
      fc.property(fc.array(day, { maxLength: 8 }), limits, fc.bigInt(0n, 5_000n), (days, limit, funded) => {
        const sponsored = new Set<number>();
        let lamports = 0n;
        for (const candidates of days) {
          const stateOf = (index: number) => (sponsored.has(index) ? "made" : "none");
          const ledger: SponsorLedger = { stateOf, today: 0, lamports };
          const wishes = candidates.map(([index, due]) => candidate(index, due));
          const money = { lamportsEach: 100n, held: funded - lamports };
          const { granted, waiting } = planSponsorship({ ...policy, ...limit }, ledger, wishes, money);
          expect(granted.length + waiting.length).toBe(wishes.length);
          expect(granted.length).toBeLessThanOrEqual(limit.perDayMax);
          for (const index of granted) {
            expect(sponsored.has(index)).toBe(false);
            sponsored.add(index);
          }
          lamports += 100n * BigInt(granted.length);
        }
        expect(lamports <= limit.lamportsMax && lamports <= funded).toBe(true);
        expect(lamports).toBe(100n * BigInt(sponsored.size));
      }),
    );
  });
});
