import { amount } from "#src/core/amount";
import { defaultPolicy, type MarketSpec, settleMsMax } from "#src/market/spec";
import type { Random } from "../../crash/random.ts";

export const choices = ["red", "green", "blue"] as const;

export const leaseMsMax = 9_000;

/** Everything in it ends within this time. */
export const settleMs = 45_000;

/** A market that decides soon: leases and windows of seconds. */
export function specBy(random: Random, place: number): MarketSpec {
  const min = random.between(1, 3);
  const leaseMs = random.pick([2_000, 5_000, leaseMsMax]);
  const spec: MarketSpec = {
    version: 1,
    title: `Market ${place}`,
    kind: "judgement",
    rewardMin: amount(0n),
    rewardMax: amount(1_000_000n),
    feeBasisPoints: 200,
    controls: { answeredMin: 2, accuracyPpmMin: random.pick([0, 400_000]) },
    policy: random.chance(0.5) ? { ...defaultPolicy, holdMs: random.pick([0, 3_000, 8_000]) } : null,
    review: random.chance(0.3) ? { windowMs: random.pick([500, 3_000, 6_000]) } : null,
    appeal: {
      windowMs: random.pick([500, 3_000, 8_000]),
      budget: amount(random.pick([0n, 20_000n, 100_000n])),
      panel: random.between(1, 2),
      cost: amount(random.pick([0n, 500n])),
    },
    newcomer: random.chance(0.3) ? { answers: 2, budget: amount(random.pick([2_000n, 50_000n])) } : null,
    refundDelayMs: 0,
    voidMax: 3,
    terms: {
      answer: { type: "choice", choices: [...choices] },
      agreement: null,
      reward: amount(random.pick([7n, 1_000n, 1_000n, 9_999n])),
      overlap: { min, max: min + random.between(0, 2), targetPpm: random.pick([0, 600_000, 900_000]) },
      leaseMs,
      deadlineMs: null,
      eligibility: [],
    },
  };
  return { ...spec, refundDelayMs: settleMsMax(spec, leaseMs) };
}
