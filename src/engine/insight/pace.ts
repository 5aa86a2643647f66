import { type Amount, amount, amountMax, sumAmounts } from "../../core/amount.ts";
import type { Pace } from "./insight.ts";

const hourMs = 3_600_000;
/** Who lets more time pass between two answers did something else. */
const pauseMs = 600_000;
/** A rate by the hour from less than that would be chance. */
const activeMsMin = 60_000;

/**
 * What a contributor earned by the hour while at work. An answer's time is that since the answer before it, so the first
 * after a pause is left out with its pay.
 *
 * @param answers in any order
 */
export function paceOf(answers: readonly { readonly timeMs: number; readonly reward: Amount }[]): Pace | null {
  const sorted = [...answers].sort((a, b) => a.timeMs - b.timeMs);
  const timed = sorted.flatMap(({ timeMs, reward }, i) => {
    const spentMs = timeMs - (sorted[i - 1]?.timeMs ?? -Infinity);
    return spentMs < pauseMs ? [{ spentMs, reward }] : [];
  });
  if (timed.length === 0) return null;
  const activeMs = timed.reduce((sum, { spentMs }) => sum + spentMs, 0);
  const earned = sumAmounts(timed.map(({ reward }) => reward));
  return {
    answers: timed.length,
    activeSeconds: activeMs / 1_000,
    earned,
    perHour: activeMs < activeMsMin ? null : perHour(earned, activeMs),
  };
}

/** Rounded down: nobody is promised more than was earned. */
export function perHour(earned: Amount, spentMs: number): Amount {
  const rate = (earned * BigInt(hourMs)) / BigInt(Math.max(Math.round(spentMs), 1));
  return amount(rate > amountMax ? amountMax : rate);
}
