import { type Amount, addAmounts, zero } from "../../core/amount.ts";
import { decodeEntry, type EntryOf } from "../../market/entries.ts";
import { readLanesEarnedIn, readRewardedDays } from "../../store/insight/earned-days.ts";
import { readEntryTimes } from "../../store/insight/entry-times.ts";
import { streamBonuses } from "../../store/log/landmarks.ts";
import type { EngineContext } from "../context.ts";
import type { Pools } from "../pools.ts";
import type { EarnedDay, Insight } from "./insight.ts";

interface Bonus {
  readonly pool: number;
  readonly timeMs: number;
  readonly amount: Amount;
}

/** What a contributor earned, day by day: what a tax office asks for. Fees are the requester's and no part of it. */
export function createEarnings({ pool }: EngineContext, pools: Pools): Pick<Insight, "earnings"> {
  /** Bonuses stand in logs alone: few entries among many. */
  const bonusesOf = async (contributor: number): Promise<readonly Bonus[]> => {
    const found: Bonus[] = [];
    for (const { market, lane, pool: number } of await readLanesEarnedIn(pool, contributor)) {
      const own: { readonly sequence: number; readonly amount: Amount }[] = [];
      for await (const { sequence, encoded } of streamBonuses(pool, market, lane)) {
        const entry = decodeEntry(encoded) as EntryOf<"bonusPaid">;
        if (entry.contributor === contributor) own.push({ sequence, amount: entry.amount });
      }
      const sequences = own.map(({ sequence }) => sequence);
      const times = await readEntryTimes(pool, market, lane, sequences);
      found.push(...own.map(({ sequence, amount }) => ({ pool: number, timeMs: times.get(sequence) ?? 0, amount })));
    }
    return found;
  };

  return {
    async earnings({ contributor }, year) {
      const [fromMs, toMs] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
      const days = new Map<string, EarnedDay>();
      const add = async (day: string, number: number, earned: Omit<EarnedDay, "day" | "mint">): Promise<void> => {
        const { mint } = (await pools.byNumber(number)).rail;
        const known = days.get(`${day} ${number}`) ?? { day, mint, answers: 0, rewards: zero, bonuses: zero };
        days.set(`${day} ${number}`, {
          ...known,
          answers: known.answers + earned.answers,
          rewards: addAmounts(known.rewards, earned.rewards),
          bonuses: addAmounts(known.bonuses, earned.bonuses),
        });
      };
      for (const { day, pool: number, answers, rewards } of await readRewardedDays(pool, contributor, fromMs, toMs)) {
        await add(day, number, { answers, rewards, bonuses: zero });
      }
      for (const { pool: number, timeMs, amount } of await bonusesOf(contributor)) {
        if (timeMs < fromMs || timeMs >= toMs) continue;
        await add(dayOf(timeMs), number, { answers: 0, rewards: zero, bonuses: amount });
      }
      return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day);
    },
  };
}

/** In UTC: the same for everybody, wherever the server stands. */
const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
