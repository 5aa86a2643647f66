import { type Amount, amount, feeRoundedUp, formatAmount, parseAmount } from "../../../../src/core/amount.ts";
import type { Foreseen } from "../../../../src/verification/overlap/foresee.ts";
import { type MarketDraft, overlapOf } from "./draft.ts";

/** Slots that a market's appeal budget pays for: three panels of three. */
const appealSlots = 9n;
/** For whoever has shown nothing yet, which at first is everybody: so many answers, or all where a market is small. */
const newcomerAnswersMax = 300;

export interface Costs {
  /** Of one answer, fee included. */
  readonly price: string;
  readonly expected: string;
  readonly maximum: string;
  /** What has to be deposited for so many tasks: the maximum, and what appeals and newcomers may take. */
  readonly deposit: string;
  readonly newcomerBudget: string;
  readonly finishMs: number;
  readonly perHour: string;
}

export interface Terms {
  readonly decimals: number;
  readonly feeBasisPoints: number;
}

/**
 * @param tasks those that are paid for now
 * @param allTasks those that may follow them: a market's budget for newcomers is part of its terms, and stays
 */
export function costsOf(
  draft: MarketDraft,
  tasks: number,
  foreseen: Foreseen | null,
  terms: Terms,
  allTasks: number = tasks,
): Costs {
  const { decimals, feeBasisPoints } = terms;
  const reward = parseAmount(draft.reward, decimals);
  const price = reward + feeRoundedUp(reward, feeBasisPoints);
  const { max } = overlapOf(draft, draft.preset);
  const answers = tasks * (foreseen?.answersPerTask ?? max);
  const maximum = price * BigInt(tasks * max);
  const newcomers = newcomerBudgetOf(price, allTasks, max);
  const show = (value: bigint): string => formatAmount(amount(value), decimals);
  const perHour = (reward * 3_600n) / BigInt(Math.max(1, Math.round(draft.seconds)));
  return {
    price: show(price),
    expected: show(least(rounded((price * BigInt(Math.ceil(answers * 1_000))) / 1_000n), maximum)),
    maximum: show(maximum),
    deposit: show(maximum + newcomers + price * appealSlots),
    newcomerBudget: show(newcomers),
    finishMs: (answers * draft.seconds * 1_000) / Math.max(1, draft.people),
    perHour: show(perHour),
  };
}

/** What is rounded up is no more than what can be asked for at most. */
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** An estimate to three digits, and rather too much than too little. */
function rounded(value: bigint): bigint {
  const unit = 10n ** BigInt(Math.max(0, `${value}`.length - 3));
  return ((value + unit - 1n) / unit) * unit;
}

const newcomerBudgetOf = (price: bigint, tasks: number, max: number): Amount =>
  amount(price * BigInt(Math.min(tasks * max, newcomerAnswersMax)));

/** What further tasks of a market may cost at most. */
export function depositFor(reward: string, tasks: number, max: number, { decimals, feeBasisPoints }: Terms): string {
  const units = parseAmount(reward, decimals);
  return formatAmount(amount((units + feeRoundedUp(units, feeBasisPoints)) * BigInt(tasks * max)), decimals);
}
