import type { EarnedDay } from "../../../../src/contract/earnings.ts";
import { sumOf } from "../../parts/amounts.ts";

export interface EarnedMonth {
  /** 1 for January. */
  readonly month: number;
  readonly answers: number;
  readonly bonuses: string;
  readonly earned: string;
}

/** The months of a year in which anything was earned, in their order. */
export function monthsOf(days: readonly EarnedDay[]): EarnedMonth[] {
  const months = [...new Set(days.map(monthOf))].sort((a, b) => a - b);
  return months
    .map((month) => [month, days.filter((day) => monthOf(day) === month)] as const)
    .map(([month, own]) => ({
      month,
      answers: own.reduce((all, { answers }) => all + answers, 0),
      bonuses: sumOf(own.map(({ bonuses }) => bonuses)),
      earned: sumOf(own.map(({ earned }) => earned)),
    }));
}

const monthOf = ({ day }: EarnedDay): number => Number(day.slice(5, 7));
