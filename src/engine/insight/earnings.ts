import { type Amount, addAmounts, zero } from "../../core/amount.ts";
import { decodeEntry, type EntryOf } from "../../market/entries.ts";
import { readLanesEarnedIn, readRewardedDays } from "../../store/insight/earned-days.ts";
import { readEntryTimes } from "../../store/insight/entry-times.ts";
import { streamBonuses } from "../../store/log/landmarks.ts";
import type { EngineContext } from "../context.ts";
import type { EarnedDay, Insight } from "./insight.ts";

interface Bonus {
  readonly timeMs: number;
  readonly amount: Amount;
}

/** What a contributor earned, day by day: what a tax office asks for. Fees are the requester's and no part of it. */
export function createEarnings({ pool }: EngineContext): Pick<Insight, "earnings"> {
  /** Bonuses stand in logs alone: few entries among many. */
  const bonusesOf = async (contributor: number): Promise<readonly Bonus[]> => {
    const found: Bonus[] = [];
    for (const { market, lane } of await readLanesEarnedIn(pool, contributor)) {
      const own: { readonly sequence: number; readonly amount: Amount }[] = [];
      for await (const { sequence, encoded } of streamBonuses(pool, market, lane)) {
        const entry = decodeEntry(encoded) as EntryOf<"bonusPaid">;
        if (entry.contributor === contributor) own.push({ sequence, amount: entry.amount });
      }
      const sequences = own.map(({ sequence }) => sequence);
      const times = await readEntryTimes(pool, market, lane, sequences);
      found.push(...own.map(({ sequence, amount }) => ({ timeMs: times.get(sequence) ?? 0, amount })));
    }
    return found;
  };

  return {
    async earnings({ contributor }, year) {
      const [fromMs, toMs] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
      const days = new Map<string, EarnedDay>();
      for (const each of await readRewardedDays(pool, contributor, fromMs, toMs)) {
        days.set(each.day, { ...each, bonuses: zero });
      }
      for (const { timeMs, amount } of await bonusesOf(contributor)) {
        if (timeMs < fromMs || timeMs >= toMs) continue;
        const day = dayOf(timeMs);
        const known = days.get(day) ?? { day, answers: 0, rewards: zero, bonuses: zero };
        days.set(day, { ...known, bonuses: addAmounts(known.bonuses, amount) });
      }
      return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
    },
  };
}

/** In UTC: the same for everybody, wherever the server stands. */
const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
