import type { Answer } from "../answers/answer.ts";
import { answerKey } from "../answers/answer-schema.ts";
import { exp } from "../real.ts";

/** An answer and what it counts: thousandths of a nat, not negative, see `voteWeight`. */
export interface Vote<Value = Answer> {
  readonly answer: Value;
  readonly weight: number;
}

export interface Agreement<Value = Answer> {
  readonly label: Value;
  /**
   * How sure the label is, in parts per million. Where a label has parts (choices, spans, boxes, neighbours in a
   * ranking), that of the part that is least sure, parts that were left out among them. No votes: 0, and the label is
   * the first or the empty answer; of a choice, a step or a side the prior's probability.
   */
  readonly confidencePpm: number;
}

export const million = 1_000_000;

/** The posterior of two that started alike, in parts per million, where one is ahead by that many thousandths of a nat. */
export const probabilityPpm = (ahead: number): number => Math.round(million / (1 + exp(-ahead / 1000)));

/** part ÷ whole in parts per million, rounded down; of nothing all. Both are at most 2^53. */
export const sharePpm = (part: number, whole: number): number =>
  whole <= 0 ? million : Math.min(Math.floor((part / whole) * million), million);

/** Votes that all weigh nothing count one each where something has to be chosen, though they give no confidence. */
export function countingWeights(votes: readonly Vote<unknown>[]): number[] {
  const isAnyHeavy = votes.some(({ weight }) => weight > 0);
  return votes.map(({ weight }) => (isAnyHeavy ? weight : 1));
}

/**
 * The least value that, with those below it, has half of the weight: of an even split the lower one.
 *
 * @param weights whole numbers, not all zero
 */
export function lowerMedian(values: readonly number[], weights: readonly number[]): number {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  for (const i of order) {
    below += weights[i] as number;
    if (2 * below >= total) return values[i] as number;
  }
  return values[order.at(-1) as number] as number;
}

/** Votes in an order that does not depend on how they came: two that change places are the same vote. */
export function inFixedOrder<Value>(votes: readonly Vote<Value>[]): Vote<Value>[] {
  const keyed = votes.map((vote) => ({ vote, key: answerKey(vote.answer as Answer) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.vote.weight - b.vote.weight));
  return keyed.map(({ vote }) => vote);
}

/** The F-score of two sets that share so many, in parts per million: what precision and recall have in common. */
export const fScorePpm = (shared: number, one: number, other: number): number => sharePpm(2 * shared, one + other);
